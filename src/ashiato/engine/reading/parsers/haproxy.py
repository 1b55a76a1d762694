"""HAProxy's HTTP and TCP log lines, as they stand behind a syslog prefix or bare.

Captured headers carry no names; those the configuration captures may be told in the data map, the others
stay as they are written, in ``unmapped``.

Source: HAProxy 3.0 configuration manual, 8.2 "Log formats" (read 2026-11-22).
"""

from __future__ import annotations

import re

import orjson

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.cloud_calls import Row
from ashiato.engine.reading.parser import NOTHING, Parsed
from ashiato.engine.reading.parsers.load_balancers import place_of, request_of
from ashiato.engine.reading.rows import RowParser

_CLIENT = r"(?P<client>\S+:\d+) \[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:[\d:.]+)\] (?P<frontend>\S+)"
_LINE = re.compile(
    _CLIENT
    + r" (?P<backend>[^\s/]*)/(?P<server>\S+) (?P<timers>[+-]?\d+(?:/[+-]?\d+){2,4}) "
    + r"(?:(?P<code>-?\d+) (?P<bytes>\+?\d+) (?P<request_cookie>\S+) (?P<response_cookie>\S+) "
    + r"|(?P<tcp_bytes>\+?\d+) )"
    + r"(?P<state>[\w-]{2,4}) (?P<connections>\+?\d+(?:/\+?\d+){4}) (?P<queues>\d+/\d+)"
    + r"(?P<headers>(?: \{[^\"]*\})?)(?: \"(?P<request>.*))?",
    re.DOTALL,
)
_FAULT = re.compile(rf"{_CLIENT}: .*", re.DOTALL)
_BEGINS = re.compile(rb"(?m)^\S+:\d+ \[\d\d/[A-Z][a-z]{2}/\d{4}:[\d:.]+\] \S")
_KEPT = ("frontend", "backend", "server", "timers", "state", "connections", "queues", "headers")


class HaproxyLog(RowParser):
    """Reads requests, and connections that never became one."""

    name = "haproxy"

    def parse(self, block: Block) -> Parsed:
        """Read the lines that fit."""
        return super().parse(block) if _BEGINS.search(block.content) else NOTHING

    def row_of(self, line: bytes) -> Row | None:
        """Read one line."""
        text = line.decode("utf-8", "replace").rstrip()
        found = _LINE.fullmatch(text) or _FAULT.fullmatch(text)
        moment = self._clock.read(found["time"]) if found else None
        if found is None or moment is None:
            return None
        said = found.groupdict()
        row = {"time_us": moment[0], "time_step_us": moment[1], **place_of(said["client"])}
        if "timers" not in said:
            return {**row, "record_kind": "host-message", "message": text[found.end("time") + 2 :]}
        return {**row, **_request(said)}


def _request(said: dict[str, str | None]) -> Row:
    rest = {name: text.strip() for name in _KEPT if (text := said.get(name) or "") not in ("", "-")}
    row: Row = {
        "record_kind": "host-message" if said["request"] is None else "web-request",
        "http_response_code": _plain(said["code"]),
        "traffic_out_bytes": _plain(said["bytes"] or said["tcp_bytes"]),
        "duration_us": _duration(said["timers"] or ""),
        "unmapped": orjson.dumps(rest).decode(),
    }
    if said["request"] is None:
        return row
    line = said["request"].removesuffix('"')
    return row if line == "<BADREQ>" else row | request_of(line)


def _plain(number: str | None) -> str | None:
    text = (number or "").lstrip("+")
    return text if text.isdigit() else None


def _duration(timers: str) -> int | None:
    """The last timer, in milliseconds: the whole time the client's request was held."""
    total = timers.rpartition("/")[2].lstrip("+")
    return int(total) * 1000 if total.isdigit() and len(total) < 16 else None
