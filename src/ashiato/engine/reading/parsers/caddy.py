"""Caddy's access log: one JSON object per request, the request inside it.

Source: Caddy documentation, "log (Caddyfile directive)" and "How Logging Works" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.cloud_calls import Row
from ashiato.engine.reading.json_keys import text_of_value
from ashiato.engine.reading.json_values import load_json
from ashiato.engine.reading.parser import NOTHING, Parsed
from ashiato.engine.reading.parsers.load_balancers import place_of
from ashiato.engine.reading.rows import RowParser

_HEADERS = {
    "User-Agent": "http_request_user_agent", "Referer": "http_request_referrer", "X-Request-Id": "trace_uid",
    "Range": "http_request_range",
}  # fmt: skip
_MEANT = frozenset({"ts", "request", "duration", "size", "status", "user_id"})


class CaddyLog(RowParser):
    """Reads requests; what else the server says is any application's JSON."""

    name = "caddy"

    def parse(self, block: Block) -> Parsed:
        """Read the lines that are requests."""
        return super().parse(block) if b'"request"' in block.content else NOTHING

    def row_of(self, line: bytes) -> Row | None:
        """Read one line."""
        if b'"request"' not in line or not line.lstrip().startswith(b"{"):
            return None
        try:
            said = load_json(line.decode("utf-8", "replace"))
        except ValueError:
            return None
        request = said.get("request") if isinstance(said, dict) else None
        if not isinstance(request, dict) or not isinstance(request.get("uri"), str):
            return None
        moment = self._clock.read(text_of_value(said.get("ts")) or "")
        if moment is None:
            return None
        # A number drops its last zeros, so that its digits tell nothing of the clock.
        step = 1 if isinstance(said["ts"], float) else moment[1]
        return {"time_us": moment[0], "time_step_us": step, **_row_of(said, request)}


def _row_of(said: Mapping[str, Any], request: Mapping[str, Any]) -> Row:
    headers = request.get("headers")
    row: Row = {
        "record_kind": "web-request",
        **_client_of(request),
        "http_request_method": text_of_value(request.get("method")),
        "http_request_target": request["uri"],
        "http_request_host": text_of_value(request.get("host")),
        "http_request_version": text_of_value(request.get("proto")),
        "http_response_code": text_of_value(said.get("status")),
        "http_response_body_bytes": text_of_value(said.get("size")),
        "actor_user_name": text_of_value(said.get("user_id")),
        "duration_us": _microseconds(said.get("duration")),
        "unmapped": orjson.dumps(_rest_of(said, request)).decode(),
    }
    for name, values in headers.items() if isinstance(headers, dict) else ():
        if name in _HEADERS and isinstance(values, list) and values:
            row[_HEADERS[name]] = text_of_value(values[0])
    return row


def _client_of(request: Mapping[str, Any]) -> Row:
    """The client as the server knows it: behind the proxies that its configuration trusts."""
    if address := text_of_value(request.get("client_ip") or request.get("remote_ip")):
        port = request.get("remote_port") if address == request.get("remote_ip") else None
        return {"src_endpoint_ip": address, "src_endpoint_port": text_of_value(port)}
    return place_of(text_of_value(request.get("remote_addr")) or "")


def _rest_of(said: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in said.items() if key not in _MEANT}
    kept = {key: request[key] for key in ("remote_ip", "client_ip", "headers", "tls") if key in request}
    return rest | {"request": kept}


def _microseconds(duration: object) -> int | None:
    if isinstance(duration, int | float) and not isinstance(duration, bool) and 0 <= duration < 1e9:
        return round(duration * 1e6)
    return None
