"""Error logs of nginx and Apache: which client's request made the server complain, and of what.

They are no requests of their own: an access log tells of those. They tell of scans, of what an application
printed to its error stream, and of refused names and passwords.

Sources, read 2026-11-22: nginx "Debugging log", ngx_log.c of nginx 1.27; Apache 2.4 "ErrorLogFormat".
"""

from __future__ import annotations

import re

import orjson

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.cloud_calls import Row, address_of
from ashiato.engine.reading.parser import NOTHING, Parsed
from ashiato.engine.reading.parsers.load_balancers import request_of
from ashiato.engine.reading.rows import RowParser
from ashiato.engine.reading.times import Clock

_NGINX = re.compile(
    r"(?P<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(?P<level>[a-z]+)\] (?P<pid>\d+)#\d+: "
    r"(?:\*(?P<connection>\d+) )?(?P<message>.*)",
    re.DOTALL,
)
_NGINX_SAID = re.compile(
    r', (?P<name>client|server|request|upstream|host|referrer): (?:"(?P<quoted>[^"]*)"|(?P<plain>[^",]*))'
)
_APACHE = re.compile(
    r"\[(?P<time>[A-Z][a-z]{2} [A-Z][a-z]{2} [\d ]\d \d\d:\d\d:\d\d(?:\.\d+)?(?: UTC)? \d{4})\] "
    r"\[(?:(?P<module>\w*):)?(?P<level>[a-z]+\d?)\] "
    r"(?:\[pid (?P<pid>\d+)(?::tid \d+)?\] )?(?:(?P<place>\S+\.c\(\d+\): ))?"
    r"(?:(?P<fault>\(\d+\)[^\[]*): )?"
    r"(?:\[(?:remote|client) (?P<client>(?:\[[^\]\s]*\])?[^\]\s]*)\] )?(?P<message>.*)",
    re.DOTALL,
)
_CLIENT = re.compile(
    r"(?P<ip>\d+\.\d+\.\d+\.\d+|[0-9a-fA-F:]*:[0-9a-fA-F:]*?|\[[0-9a-fA-F:]+\])(?::(?P<port>\d{1,5}))?"
)
_REFERRER = re.compile(r", referer: (?P<referrer>\S+)\s*")
_CODE = re.compile(r"(?P<code>AH\d{5}): ")
_BEGINS = {
    "nginx-error": re.compile(rb"(?m)^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[[a-z]+\] \d+#\d+: "),
    "apache-error": re.compile(rb"(?m)^\[[A-Z][a-z]{2} [A-Z][a-z]{2} [\d ]\d [\d:.]+(?: UTC)? \d{4}\] \["),
}


class ServerErrors(RowParser):
    """Reads one of the two formats."""

    def __init__(self, name: str, clock: Clock) -> None:
        """``name``: ``nginx-error`` or ``apache-error``; ``clock`` has the zone of their times."""
        super().__init__(clock)
        self.name = name
        self._pattern = _NGINX if name == "nginx-error" else _APACHE

    def parse(self, block: Block) -> Parsed:
        """Read the lines that fit."""
        return super().parse(block) if _BEGINS[self.name].search(block.content) else NOTHING

    def row_of(self, line: bytes) -> Row | None:
        """Read one line."""
        found = self._pattern.fullmatch(line.decode("utf-8", "replace"))
        moment = self._clock.read(found["time"]) if found else None
        if found is None or moment is None:
            return None
        said = found.groupdict()
        rest = {name: said.get(name) for name in ("level", "module", "connection", "fault") if said.get(name)}
        more = _said_by_nginx(said["message"]) if self.name == "nginx-error" else _said_by_apache(said)
        return {
            "record_kind": "server-error",
            "time_us": moment[0],
            "time_step_us": moment[1],
            "process_pid": said["pid"],
            "message": said["message"],
            "unmapped": orjson.dumps(rest).decode(),
            **more,
        }


def _said_by_nginx(message: str) -> Row:
    said = {each["name"]: each["quoted"] or each["plain"] for each in _NGINX_SAID.finditer(message)}
    row = request_of(said["request"]) if said.get("request") else {}
    return row | {
        "src_endpoint_ip": address_of(said.get("client")),
        "http_request_host": said.get("host"),
        "http_request_referrer": said.get("referrer"),
    }


def _said_by_apache(said: dict[str, str]) -> Row:
    found = _CLIENT.fullmatch(said.get("client") or "")
    referrer, code = _REFERRER.search(said["message"]), _CODE.match(said["message"])
    return {
        "src_endpoint_ip": found["ip"].strip("[]") if found else None,
        "src_endpoint_port": found["port"] if found else None,
        "http_request_referrer": referrer["referrer"] if referrer else None,
        "error_code": code["code"] if code else None,
    }
