"""The W3C extended log format: IIS, CloudFront and others that name their columns in ``#Fields``.

The directive may change in midstream, and rests on what stood far above. Times are UTC by the format's own
law, unless the data map says otherwise. IIS writes blanks as ``+``, CloudFront percent-encodes its columns.

Sources, read 2026-11-22: W3C "Extended Log File Format" (WD-logfile), Microsoft "W3C Logging", Amazon
CloudFront "Standard log file fields".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.column_times import read_times
from ashiato.engine.reading.forwarded import NO_PROXIES, Proxies
from ashiato.engine.reading.parser import NOTHING, Columns, Parsed, Parser, all_same, merged
from ashiato.engine.reading.spans import Ints, cut_out, has_byte, numbers_of, places_of, text_of, truths_of
from ashiato.engine.reading.times import Clock
from ashiato.engine.reading.web_columns import columns_from, unmapped_json, without_dashes

_HASH, _TAB, _BLANK, _RETURN = ord("#"), 9, ord(" "), 13
_FIELDS = re.compile(rb"#Fields:\s*(?P<names>\S.*?)\s*", re.DOTALL | re.IGNORECASE)
_DATE = re.compile(rb"#Date:\s*(?P<day>\d{4}-\d\d-\d\d).*", re.DOTALL | re.IGNORECASE)
_DIRECTIVE = re.compile(
    rb"#(?:Version|Fields|Software|Start-Date|End-Date|Date|Remark|Client-?\w*|Log-?\w*):?(?:\s.*)?",
    re.DOTALL | re.IGNORECASE,
)
_MEANINGS = {
    "c-ip": "src_endpoint_ip", "c-port": "src_endpoint_port", "cs-username": "actor_user_name",
    "cs-method": "http_request_method", "cs-uri": "http_request_target", "cs-version": "http_request_version",
    "cs-protocol-version": "http_request_version", "cs-host": "http_request_host",
    "cs(host)": "http_request_host", "cs(user-agent)": "http_request_user_agent",
    "cs(referer)": "http_request_referrer", "cs(referrer)": "http_request_referrer",
    "sc-status": "http_response_code", "sc-bytes": "traffic_out_bytes",
    "sc-content-len": "http_response_body_bytes", "bytes": "traffic_out_bytes",
    "cs(x-forwarded-for)": "@forwarded", "x-forwarded-for": "@forwarded",
    "x-edge-request-id": "trace_uid", "cs(x-request-id)": "trace_uid",
}  # fmt: skip
#: What CloudFront names besides: the host that the client asked for, and seconds where IIS has milliseconds.
_EDGE = {"x-host-header": "http_request_host", "cs(host)": None, "time-taken": "@seconds"}
_WORDS = ("http_request_user_agent", "http_request_referrer")


@dataclass(frozen=True)
class Heading:
    """What the directives above a line say of it: the columns' names, and the day where no column has it."""

    names: tuple[str, ...] = ()
    day: str | None = None

    @property
    def is_edge(self) -> bool:
        """Whether CloudFront wrote the lines."""
        return any(name.startswith("x-edge-") for name in self.names)

    def after(self, line: bytes) -> Heading:
        """The heading once this directive has been read."""
        if found := _FIELDS.fullmatch(line):
            return Heading(tuple(found["names"].decode("utf-8", "replace").lower().split()), self.day)
        if found := _DATE.fullmatch(line):
            return Heading(self.names, found["day"].decode())
        return self

    def meaning_of(self, name: str) -> str | None:
        """What a column says, None for one that is kept as unmapped."""
        if self.is_edge and name in _EDGE:
            return _EDGE[name]
        return "@milliseconds" if name == "time-taken" else _MEANINGS.get(name)


class W3cLog(Parser):
    """Reads each stretch of lines by the directives above it."""

    name = "w3c"
    is_marked = True

    def __init__(self, clock: Clock, proxies: Proxies = NO_PROXIES) -> None:
        """``clock`` has the zone of the times, ``proxies`` are the operator's own."""
        self._clock = clock
        self._proxies = proxies

    def mark(self, lines: Sequence[bytes]) -> bytes:
        """Return the last directives that name columns and day."""
        told = [line for line in lines if line.startswith(b"#")]
        kept = [next((x for x in reversed(told) if shape.fullmatch(x)), b"") for shape in (_DATE, _FIELDS)]
        return b"\n".join(kept) if kept[1] else b""

    def is_heading(self, line: bytes) -> bool:
        """Tell whether a line only says how others are written."""
        return _DIRECTIVE.fullmatch(line) is not None

    def parse(self, block: Block) -> Parsed:
        """Read the lines that have as many columns as the directive above them names."""
        if not block.mark and b"#Fields:" not in block.content:
            return NOTHING
        heading = Heading()
        for line in block.mark.split(b"\n"):
            heading = heading.after(line)
        told = np.flatnonzero(block.codes[block.starts] == _HASH)
        parsed, begin = NOTHING, 0
        for index in [*told.tolist(), len(block)]:
            if index > begin and heading.names:
                where = np.arange(begin, index, dtype=np.int64)
                parsed = merged(parsed, self._stretch(block.pick(where), heading).at(where))
            if index < len(block):
                heading = heading.after(block.line(index))
            begin = index + 1
        return parsed

    def _stretch(self, block: Block, heading: Heading) -> Parsed:
        parsed = NOTHING
        # A line of one column has no marks to tell apart.
        for mark in (_TAB, _BLANK)[: len(heading.names)]:
            rows, values = _columns_between(block, mark, len(heading.names))
            if len(rows):
                parsed = merged(parsed, self._parsed(rows, values, heading))
        return parsed

    def _parsed(self, rows: Ints, values: list[pa.Array], heading: Heading) -> Parsed:
        said = dict(zip(heading.names, values, strict=True))
        times, steps, known = read_times(_moments(said, heading.day, len(rows)), self._clock)
        if not known.any():
            return NOTHING
        if not known.all():
            rows, times, steps = rows[known], times[known], steps[known]
            said = {name: value.filter(truths_of(known)) for name, value in said.items()}
        columns: Columns = {"time_us": numbers_of(times), "time_step_us": numbers_of(steps)}
        columns |= self._said(said, heading, len(rows))
        return Parsed(rows, rows, columns)

    def _said(self, said: dict[str, pa.Array], heading: Heading, rows: int) -> Columns:
        meant: Columns = {}
        unmapped: Columns = {}
        for name, value in said.items():
            meaning = heading.meaning_of(name)
            if meaning is not None and meaning not in meant:
                meant[meaning] = _worded(value, is_edge=heading.is_edge) if meaning in _WORDS else value
            elif name not in ("date", "time", "cs-uri-stem", "cs-uri-query"):
                unmapped[name] = value
        if (forwarded := meant.get("@forwarded")) is not None:
            unmapped["x_forwarded_for"] = forwarded
        if "cs-uri-stem" in said:
            meant["http_request_target"] = _targets(said)
        if unmapped:
            meant["unmapped"] = unmapped_json(unmapped, rows)
        columns = columns_from(meant)
        if "cs-uri-stem" in said and not heading.is_edge:
            # IIS has decoded the stem already.
            columns["http_request_path"] = without_dashes(said["cs-uri-stem"])
        if forwarded is not None:
            self._proxies.resolve(columns, forwarded)
        is_web = "cs-method" in said and "http_request_target" in columns
        return columns | {"record_kind": all_same("web-request" if is_web else "host-message", rows)}


def _columns_between(block: Block, mark: int, many: int) -> tuple[Ints, list[pa.Array]]:
    """The lines with just so many columns between these marks, and their columns."""
    codes, starts = block.codes, block.starts
    stops = block.stops - (codes[np.maximum(block.stops - 1, 0)] == _RETURN)
    stops = np.maximum(stops, starts)
    places = places_of(codes[: int(stops[-1])], mark)
    first = np.searchsorted(places, starts)
    rows = np.flatnonzero(np.searchsorted(places, stops) - first == many - 1)
    if not len(rows):
        return rows, []
    bounds = [starts[rows] - 1, *(places[first[rows] + at] for at in range(many - 1)), stops[rows]]
    spans = pairwise(bounds)
    return rows, [text_of(cut_out(block.content, begin + 1, end)) for begin, end in spans]


def _moments(said: dict[str, pa.Array], day: str | None, rows: int) -> pa.Array:
    time = said.get("time", pa.nulls(rows, pa.string()))
    date = said.get("date", pa.repeat(pa.scalar(day, pa.string()), rows))
    return pc.binary_join_element_wise(date, time, " ")


def _targets(said: dict[str, pa.Array]) -> pa.Array:
    stem, query = without_dashes(said["cs-uri-stem"]), said.get("cs-uri-query")
    if query is None:
        return stem
    asked = pc.fill_null(pc.binary_join_element_wise("?", without_dashes(query), ""), "")
    return pc.binary_join_element_wise(stem, asked, "")


def _worded(value: pa.Array, *, is_edge: bool) -> pa.Array:
    """Words as the client sent them: IIS writes blanks as plus signs, CloudFront as ``%20``."""
    if not is_edge:
        return pc.replace_substring(value, "+", " ") if has_byte(value, ord("+")) else value
    coded = value.dictionary_encode()
    plain = [unquote(text, errors="replace") for text in coded.dictionary.to_pylist()]
    return pa.array(plain, pa.string()).take(coded.indices)
