"""Access logs of nginx and Apache, in any written log format."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.column_times import read_times
from ashiato.engine.reading.forwarded import NO_PROXIES, Proxies
from ashiato.engine.reading.log_formats import LogFormat, Value
from ashiato.engine.reading.parser import NOTHING, Columns, Parsed, Parser, all_same, merged
from ashiato.engine.reading.spans import Ints, Truths, has_byte, numbers_of, spans_of, text_of, truths_of
from ashiato.engine.reading.templates import Shape, template_of
from ashiato.engine.reading.times import Clock
from ashiato.engine.reading.web_columns import columns_from, unmapped_json

_ESCAPE = re.compile(rb"""\\(?:x([0-9A-Fa-f]{2})|([\\"bfnrtv]))""")
_LETTERS = {
    b"\\": b"\\", b'"': b'"', b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
}  # fmt: skip
_NUMBERS = {"http_response_code", "http_response_body_bytes", "traffic_out_bytes", "src_endpoint_port"}
#: A user's name may have blanks; one that begins with a dash and a blank is another field read awry.
_GROUPS = {
    "actor_user_name": rb"((?!- (?!\[)).*?)",
    "src_endpoint_ip": rb"([^\s,]*)",
    "@hops": rb"((?:[^\s,]+, *)+[^\s,]+)",
}
_NUMBER = r"^(-|[0-9]*)$"
_BRACKETED = r"^[^\]\\]*$"
_PLAIN = Shape()
_SHAPES = {
    "time_local": Shape(blanks=1, usual=26), "%t": Shape(blanks=1, usual=26), "status": Shape(usual=3),
    "%s": Shape(usual=3), "remote_user": Shape(usual=b"-"), "%u": Shape(usual=b"-"), "%l": Shape(usual=b"-"),
}  # fmt: skip
#: The remote log name (RFC 1413), the process, the port served: nothing of a request.
_UNSPOKEN = {"%l", "%p", "%P"}


def unescape(value: bytes) -> bytes:
    r"""Undo what both servers do to quotes and control bytes: ``\x22``, ``\"``, ``\n``."""
    return _ESCAPE.sub(_unescaped, value) if b"\\" in value else value


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)]) if found[1] else _LETTERS[found[2]]


def pattern_of(log_format: LogFormat) -> re.Pattern[bytes]:
    """The exact meaning of a log format, as a pattern with one group per value."""
    text = [re.escape(log_format.literals[0])]
    for index, value in enumerate(log_format.values):
        before, after = log_format.literals[index], log_format.literals[index + 1]
        text += [_group(value, before, after), re.escape(after)]
    return re.compile(b"".join(text) + rb"[ \t]*", re.DOTALL)


def _group(value: Value, before: bytes, after: bytes) -> bytes:
    if before.endswith(b'"') and after.startswith(b'"'):
        return rb'((?:[^"\\]|\\.)*)'
    if before.endswith(b"[") and after.startswith(b"]"):
        return rb"([^\]]*)"
    if value.meaning in _NUMBERS or value.name == "%p":
        return rb"(-|[0-9]*)"
    known = _GROUPS.get(value.meaning or "")
    if known is not None and after.startswith(b" "):
        return known
    return rb"(\S*)" if after.startswith(b" ") else rb"(.*?)"


class WebLog(Parser):
    """Reads one log format, line by line."""

    def __init__(self, log_format: LogFormat, clock: Clock, proxies: Proxies = NO_PROXIES) -> None:
        """``clock`` answers for times without an offset, ``proxies`` are the operator's own."""
        self.name = log_format.name
        self.written = log_format.written
        self._format = log_format
        self._clock = clock
        self._proxies = proxies
        self._pattern = pattern_of(log_format)
        self._template = template_of(
            log_format.literals,
            [_SHAPES.get(value.name, _PLAIN) for value in log_format.values],
            escapes=True,
        )
        # Numbers and bracketed times have no escapes where they keep to the template.
        self._bare = [
            index
            for index, value in enumerate(log_format.values)
            if value.meaning in _NUMBERS or log_format.literals[index].endswith(b"[")
        ]

    def parse(self, block: Block) -> Parsed:
        """Read the lines that fit: those that keep to the template together, the others one by one."""
        fast = self.parse_together(block)
        left = fast.left_over(len(block))
        if not len(left):
            return fast
        return merged(fast, self.parse_exactly(block.pick(left)).at(left))

    def parse_together(self, block: Block) -> Parsed:
        """Read the lines that keep to the template: those without stray or escaped quotes and blanks."""
        if self._template is None:
            return NOTHING
        found = self._template.match(block)
        if not len(found.rows):
            return NOTHING
        undo = unescape if self._format.escape == "text" else None
        escaped = [None if index in self._bare else undo for index in range(len(self._format.values))]
        values = [found.text(index, each) for index, each in enumerate(escaped)]
        fits = self._fits(values)
        rows = found.rows
        if not fits.all():
            rows, values = rows[fits], [value.filter(truths_of(fits)) for value in values]
        return self._parsed(rows, values)

    def parse_exactly(self, block: Block) -> Parsed:
        """Read line by line with the pattern: slow, and the measure of the other way."""
        matches = [(i, self._pattern.fullmatch(line)) for i, line in enumerate(block.lines())]
        rows = [(i, found.groups()) for i, found in matches if found is not None]
        if not rows:
            return NOTHING
        index = np.array([i for i, _ in rows], np.int64)
        columns = zip(*(groups for _, groups in rows), strict=True)
        plain = unescape if self._format.escape == "text" else bytes
        values = [text_of(pa.array([plain(each) for each in column], pa.binary())) for column in columns]
        return self._parsed(index, values)

    def _fits(self, values: list[pa.Array]) -> Truths:
        """Which lines' values the pattern would take too: numbers are, and brackets end where they do."""
        fits = np.ones(len(values[0]), np.bool_)
        for index in self._bare:
            value, numeric = values[index], self._format.values[index].meaning in _NUMBERS
            if numeric and not _all_digits(value):
                fits &= _matches(value, _NUMBER)
            elif not numeric and (has_byte(value, ord("]")) or has_byte(value, ord("\\"))):
                fits &= _matches(value, _BRACKETED)
        for index, value in enumerate(self._format.values):
            if value.meaning == "src_endpoint_ip" and has_byte(values[index], ord(",")):
                fits &= _matches(values[index], "^[^,]*$")
            elif value.meaning == "@hops":
                fits &= _matches(values[index], "^([^,]+,)+[^,]+$")
        return fits

    def _parsed(self, rows: Ints, values: list[pa.Array]) -> Parsed:
        times, steps, known = self._times(values, len(rows))
        if not known.any():
            return NOTHING
        if not known.all():
            rows, times, steps = rows[known], times[known], steps[known]
            values = [value.filter(truths_of(known)) for value in values]
        meant: Columns = {"time_us": numbers_of(times), "time_step_us": numbers_of(steps)}
        unmapped: Columns = {}
        forwarded = None
        for value, array in zip(self._format.values, values, strict=True):
            if value.meaning == "@time" or value.name in _UNSPOKEN:
                continue
            if value.meaning in (None, "@forwarded") or value.meaning in meant:
                unmapped[value.name] = array
                forwarded = array if value.meaning == "@forwarded" else forwarded
            else:
                meant[value.meaning] = array
        if unmapped:
            meant["unmapped"] = unmapped_json(unmapped, len(rows))
        if "@hops" in meant:
            meant["src_endpoint_ip"] = self._proxies.clients_of(meant["@hops"])
        columns = columns_from(meant) | {"record_kind": all_same("web-request", len(rows))}
        if forwarded is not None:
            self._proxies.resolve(columns, forwarded)
        return Parsed(rows, rows, columns)

    def _times(self, values: list[pa.Array], rows: int) -> tuple[Ints, Ints, Truths]:
        """Of several times in a line the finest, and of those the first."""
        times, steps = np.zeros(rows, np.int64), np.full(rows, 1 << 62, np.int64)
        known = np.zeros(rows, np.bool_)
        for value, array in zip(self._format.values, values, strict=True):
            if value.meaning != "@time":
                continue
            read, step, is_moment = read_times(array, self._clock)
            finer = is_moment & (step < steps)
            times, steps, known = (
                np.where(finer, read, times),
                np.where(finer, step, steps),
                known | is_moment,
            )
        return times, steps, known


def _matches(array: pa.Array, pattern: str) -> Truths:
    return np.asarray(pc.match_substring_regex(array, pattern).to_numpy(zero_copy_only=False))


def _all_digits(array: pa.Array) -> bool:
    codes, bounds = spans_of(array)
    text = codes[bounds[0] : bounds[-1]]
    return bool(((text - 48) < 10).all())
