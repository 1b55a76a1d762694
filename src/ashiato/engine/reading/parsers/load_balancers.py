"""Access logs of AWS load balancers: application (ALB) and classic (ELB).

They write the whole address of a request; its target is what the client sent of it, its host a column.

Sources, read 2026-11-22: AWS "Access logs for your Application Load Balancer", "Access logs for your Classic
Load Balancer".
"""

from __future__ import annotations

import re

import orjson

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.cloud_calls import Row
from ashiato.engine.reading.parser import NOTHING, Parsed
from ashiato.engine.reading.rows import RowParser
from ashiato.engine.reading.times import Clock
from ashiato.engine.reading.web_columns import split_request

_SHARED = (
    ("time", r"\d{4}-\d\d-\d\dT[\d:.]+Z"), ("elb", r"\S+"), ("client", r"\S+"), ("target", r"\S+"),
    ("request_time", r"\S+"), ("target_time", r"\S+"), ("response_time", r"\S+"), ("code", r"\d{3}|-"),
    ("target_code", r"\d{3}|-"), ("received", r"\d+"), ("sent", r"\d+"),
    ("request", r'"(?:[^"\\]|\\.)*+"'), ("agent", r'"(?:[^"\\]|\\.)*+"'), ("cipher", r"\S+"),
    ("protocol", r"\S+"),
)  # fmt: skip
_MORE = (
    ("target_group_arn", r"\S+"), ("trace", r'"(?:[^"\\]|\\.)*+"'), ("domain_name", r'"[^"]*"'),
    ("chosen_cert_arn", r'"[^"]*"'),
)  # fmt: skip


def _pattern(*fields: tuple[str, str]) -> str:
    return " ".join(f"(?P<{name}>{text})" for name, text in fields)


_ALB = re.compile(
    f"{_pattern(('kind', r'https?|h2|grpcs?|wss?'), *_SHARED, *_MORE)}(?P<rest>(?: .*)?)", re.DOTALL
)
_ELB = re.compile(_pattern(*_SHARED), re.DOTALL)
_BEGINS = re.compile(rb"(?m)^(?:(?:https?|h2|grpcs?|wss?) )?\d{4}-\d\d-\d\dT[\d:.]+Z \S+ (?:\S+:\d+|-) ")
_PLACE_OF = re.compile(r"(?P<ip>.+):(?P<port>\d{1,5})")
_ABSOLUTE = re.compile(r"(?P<scheme>\w+)://(?P<host>[^/?#]*)(?P<rest>.*)", re.DOTALL)
_ESCAPED = re.compile(r'\\(?:x([0-9A-Fa-f]{2})|(["\\]))')
_KEPT = (
    "elb", "target", "target_code", "received", "cipher", "protocol", "target_group_arn", "domain_name",
    "chosen_cert_arn",
)  # fmt: skip


class LoadBalancerLog(RowParser):
    """Reads one of the two formats."""

    def __init__(self, name: str, clock: Clock) -> None:
        """``name``: ``aws-alb`` or ``aws-elb``; ``clock`` reads the times, which say their offset."""
        super().__init__(clock)
        self.name = name
        self._pattern = _ALB if name == "aws-alb" else _ELB

    def parse(self, block: Block) -> Parsed:
        """Read the lines that fit."""
        return super().parse(block) if _BEGINS.search(block.content) else NOTHING

    def row_of(self, line: bytes) -> Row | None:
        """Read one line."""
        found = self._pattern.fullmatch(line.decode("utf-8", "replace"))
        moment = self._clock.read(found["time"]) if found else None
        if found is None or moment is None:
            return None
        said = {name: _unquoted(text) for name, text in found.groupdict().items() if text}
        rest = {name: said[name] for name in _KEPT if said.get(name) not in (None, "", "-")}
        if said.get("rest"):
            rest["more"] = said["rest"].strip()
        return {
            "record_kind": "web-request",
            "time_us": moment[0],
            "time_step_us": moment[1],
            **place_of(said["client"]),
            **request_of(said["request"]),
            "http_request_user_agent": said["agent"],
            "http_response_code": said["code"],
            "traffic_out_bytes": said["sent"],
            "duration_us": _duration(said),
            "trace_uid": said.get("trace"),
            "unmapped": orjson.dumps(rest).decode(),
        }


def place_of(text: str) -> Row:
    """A client's address and port, as ``address:port`` writes them; nothing where it is a dash."""
    found = _PLACE_OF.fullmatch(text)
    if found is None:
        return {}
    return {"src_endpoint_ip": found["ip"].strip("[]"), "src_endpoint_port": found["port"]}


def request_of(line: str) -> Row:
    """A request line's parts; of an absolute address the host apart and the rest as the target."""
    method, target, version = split_request(line)
    row: Row = {"http_request_method": method, "http_request_version": version}
    if found := _ABSOLUTE.fullmatch(target):
        rest = found["rest"] if found["rest"].startswith("/") else f"/{found['rest']}"
        return {**row, "http_request_host": found["host"], "http_request_target": rest}
    return {**row, "http_request_target": target}


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text[1:-1])


def _duration(said: dict[str, str]) -> int | None:
    """The three stretches of a request together; a load balancer writes -1 for one that never was."""
    try:
        parts = [float(said[name]) for name in ("request_time", "target_time", "response_time")]
    except ValueError:
        return None
    return round(sum(parts) * 1e6) if min(parts) >= 0 and max(parts) < 1e9 else None
