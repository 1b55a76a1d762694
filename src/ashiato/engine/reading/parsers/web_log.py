"""Access logs of nginx and Apache, in any written log format."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.log_formats import LogFormat
from ashiato.engine.reading.parser import NOTHING, Columns, Parsed, Parser
from ashiato.engine.reading.times import Clock
from ashiato.engine.reading.web_columns import columns_from, text_of, unmapped_json

#: A request line: method, target, version. Blanks inside the target are the client's own.
_REQUEST = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (.*?)(?: (HTTP/\d(?:\.\d)?))?", re.DOTALL)
_ESCAPE = re.compile(rb"""\\(?:x([0-9A-Fa-f]{2})|([\\"bfnrtv]))""")
_LETTERS = {
    b"\\": b"\\", b'"': b'"', b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
}  # fmt: skip
_NUMBERS = {"http_response_code", "http_response_body_bytes", "traffic_out_bytes", "src_endpoint_port"}


def unescape(value: bytes) -> bytes:
    r"""Undo what both servers do to quotes and control bytes: ``\x22``, ``\"``, ``\n``."""
    return _ESCAPE.sub(_unescaped, value) if b"\\" in value else value


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)]) if found[1] else _LETTERS[found[2]]


def split_request(line: bytes) -> tuple[bytes | None, bytes, bytes | None]:
    """Split a request line into method, target, version; what is no request is all target."""
    found = _REQUEST.fullmatch(line)
    return (found[1], found[2], found[3]) if found else (None, line, None)


def pattern_of(log_format: LogFormat) -> re.Pattern[bytes]:
    """The exact meaning of a log format, as a pattern with one group per value."""
    text = [re.escape(log_format.literals[0])]
    for index, value in enumerate(log_format.values):
        before, after = log_format.literals[index], log_format.literals[index + 1]
        text += [_group(value.meaning, before, after), re.escape(after)]
    return re.compile(b"".join(text) + rb"[ \t]*", re.DOTALL)


def _group(meaning: str | None, before: bytes, after: bytes) -> bytes:
    if before.endswith(b'"') and after.startswith(b'"'):
        return rb'((?:[^"\\]|\\.)*)'
    if before.endswith(b"[") and after.startswith(b"]"):
        return rb"([^\]]*)"
    if meaning in _NUMBERS:
        return rb"(-|\d+|)"
    return rb"(\S*)" if after.startswith(b" ") and meaning != "actor_user_name" else rb"(.*?)"


class WebLog(Parser):
    """Reads one log format, line by line."""

    def __init__(self, log_format: LogFormat, clock: Clock) -> None:
        """``clock`` answers for times without an offset."""
        self.name = log_format.name
        self.written = log_format.written
        self._format = log_format
        self._clock = clock
        self._pattern = pattern_of(log_format)
        self._times = [i for i, v in enumerate(log_format.values) if v.meaning == "@time"]

    def parse(self, block: Block) -> Parsed:
        """Read the lines that fit the format."""
        return self.parse_exactly(block)

    def parse_exactly(self, block: Block) -> Parsed:
        """Read line by line with the pattern: slow, and the measure of every faster way."""
        matches = [(i, self._pattern.fullmatch(line)) for i, line in enumerate(block.lines())]
        rows = [(i, found.groups()) for i, found in matches if found is not None]
        timed = [(i, values, moment) for i, values in rows if (moment := self._moment(values))]
        if not timed:
            return NOTHING
        index = np.array([i for i, _, _ in timed], np.int64)
        meant: Columns = {
            "time_us": pa.array([moment[0] for _, _, moment in timed], pa.int64()),
            "time_step_us": pa.array([moment[1] for _, _, moment in timed], pa.int64()),
        }
        self._add_values(meant, [values for _, values, _ in timed])
        return Parsed(index, index, web_columns(meant, len(index)))

    def _moment(self, values: tuple[bytes, ...]) -> tuple[int, int] | None:
        read = [self._clock.read(values[i].decode("latin-1")) for i in self._times]
        return min((moment for moment in read if moment), key=lambda moment: moment[1], default=None)

    def _add_values(self, meant: Columns, rows: list[tuple[bytes, ...]]) -> None:
        unmapped: dict[str, pa.Array] = {}
        for value, column in zip(self._format.values, zip(*rows, strict=True), strict=True):
            plain = [self._plain(each) for each in column]
            if value.meaning == "@request":
                _add_requests(meant, plain)
            elif value.meaning is None or value.meaning in meant:
                unmapped[value.name] = text_of(pa.array(plain, pa.binary()))
            elif value.meaning != "@time":
                meant[value.meaning] = text_of(pa.array(plain, pa.binary()))
        _drop_unspoken(unmapped)
        if unmapped:
            meant["unmapped"] = unmapped_json(list(unmapped), list(unmapped.values()), len(rows))

    def _plain(self, value: bytes) -> bytes:
        return value if self._format.escape == "none" else unescape(value)


def web_columns(meant: Columns, rows: int) -> Columns:
    """The columns of web requests: those of their values, and what kind of record they are."""
    columns = columns_from(meant)
    columns["record_kind"] = pa.repeat(pa.scalar("web-request"), rows)
    return columns


def _add_requests(meant: Columns, requests: list[bytes]) -> None:
    split = [split_request(request) for request in requests]
    names = ("http_request_method", "http_request_target", "http_request_version")
    for name, column in zip(names, zip(*split, strict=True), strict=True):
        meant.setdefault(name, text_of(pa.array(column, pa.binary())))


def _drop_unspoken(unmapped: dict[str, pa.Array]) -> None:
    # The remote log name (RFC 1413), the process and the port served say nothing of a request.
    for name in ("%l", "%p", "%P", "time_local", "time_iso8601", "msec"):
        unmapped.pop(name, None)
