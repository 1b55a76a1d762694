"""What containers print, as those who collect it write it down: JSON around each line, or a prefix.

Docker's json-file, journald as JSON, CloudNativePG, Cloud Logging (Cloud SQL's text entries), CloudWatch and
Filebeat put an object around a line; the container runtime interface of Kubernetes, Docker Compose and
kubectl a prefix. Lines that the runtime cut in parts are one message again.

Sources, read 2026-11-22: Docker "JSON File logging driver", Kubernetes "CRI log format", systemd "Journal
JSON Format", CloudNativePG "Logging", Google Cloud "LogEntry", Elastic "Filebeat exported fields".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.json_keys import text_of_value
from ashiato.engine.reading.json_values import load_json
from ashiato.engine.reading.wrappings import Opened, Wrapping

_ANSI = re.compile(rb"\x1b\[[0-9;]*m")
_CRI = re.compile(
    rb"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}(?:Z|[+-]\d\d:\d\d)) (?P<stream>stdout|stderr) "
    rb"(?P<tag>[FP]) (?P<message>.*)",
    re.DOTALL,
)
_COMPOSE = re.compile(
    rb"(?:\[(?:pod/)?(?P<pod>[\w./-]{1,200})\]|(?P<name>[\w.-]{1,100}) +\|) (?P<message>.*)", re.DOTALL
)


class Part(NamedTuple):
    """One line's message, whether it may go on with the one before, and whether the next may with it."""

    opened: Opened | None
    may_join: bool = False
    goes_on: bool = False


def _whole(parts: Iterable[Part]) -> list[Opened]:
    """The messages, with those in several parts put together."""
    whole: list[Opened] = []
    goes_on = False
    for opened, may_join, may_follow in parts:
        if opened is not None and goes_on and may_join and whole[-1].last == opened.first - 1:
            whole[-1] = replace(whole[-1], last=opened.last, message=whole[-1].message + opened.message)
        elif opened is not None:
            whole.append(opened)
        goes_on = may_follow
    return whole


class Container(Wrapping):
    """Opens lines behind a container's prefix."""

    name = "container"
    is_bare = True

    def open(self, block: Block) -> list[Opened]:
        """Return the messages, those in several parts as one."""
        return _whole(self._part(index, line) for index, line in enumerate(block.lines()))

    def cut(self, block: Block) -> int:
        """Keep what comes before parts whose last part is still to come."""
        kept = len(block)
        while kept and (found := _CRI.fullmatch(block.line(kept - 1))) and found["tag"] == b"P":
            kept -= 1
        return kept

    def _part(self, index: int, line: bytes) -> Part:
        found = _CRI.fullmatch(line) or _COMPOSE.fullmatch(line)
        if found is None:
            return Part(None)
        said = found.groupdict()
        time, tag = said.get("time"), said.get("tag")
        moment = self._clock.read(time.decode()) if time else None
        program = said.get("pod") or said.get("name")
        message = _ANSI.sub(b"", said["message"])
        opened = Opened(index, index, message, moment, program=program.decode() if program else None)
        return Part(opened, tag is not None, tag == b"P")


class JsonWrapping(Wrapping):
    """Opens objects that hold another log's line."""

    name = "wrapped-json"
    is_bare = True

    def open(self, block: Block) -> list[Opened]:
        """Return the messages, those in several parts as one."""
        opened = _whole(self._part(index, line) for index, line in enumerate(block.lines()))
        return [replace(each, message=each.message.removesuffix(b"\n")) for each in opened]

    def _part(self, index: int, line: bytes) -> Part:
        members = _members_of(line)
        each = self._opened(index, members) if members is not None else None
        is_docker = each is not None and "stream" in each.rest and "log" in (members or {})
        return Part(each, is_docker, is_docker and each is not None and not each.message.endswith(b"\n"))

    def _opened(self, index: int, members: Mapping[str, Any]) -> Opened | None:
        for keys, time, message, who in _SHAPES:
            if keys <= members.keys() and (text := _message_of(members.get(message))) is not None:
                moment = self._clock.read(text_of_value(members.get(time)) or "")
                host, program, pid = (text_of_value(_at(members, key)) for key in who)
                rest = {key: members[key] for key in ("stream", "logger") if key in members}
                return Opened(index, index, _ANSI.sub(b"", text), moment, host, program, pid, rest)
        return None


#: The keys by which a wrapping is known; where it has its time, its message, and who wrote it.
_SHAPES: tuple[tuple[frozenset[str], str, str, tuple[str, str, str]], ...] = (
    (frozenset({"log", "stream", "time"}), "time", "log", ("", "kubernetes.pod_name", "")),
    (frozenset({"__REALTIME_TIMESTAMP", "MESSAGE"}), "__REALTIME_TIMESTAMP", "MESSAGE",
        ("_HOSTNAME", "SYSLOG_IDENTIFIER", "_PID")),
    (frozenset({"logger", "msg", "record", "logging_pod"}), "ts", "record", ("logging_pod", "logger", "")),
    (frozenset({"textPayload", "timestamp"}), "timestamp", "textPayload",
        ("resource.labels.database_id", "logName", "")),
    (frozenset({"@timestamp", "message", "input", "log"}), "@timestamp", "message",
        ("host.name", "log.syslog.appname", "process.pid")),
    (frozenset({"message", "timestamp", "logStreamName"}), "timestamp", "message", ("", "logStreamName", "")),
    (frozenset({"message", "timestamp", "ingestionTime"}), "timestamp", "message", ("", "", "")),
)  # fmt: skip
_SIGNS = tuple(f'"{next(iter(sorted(keys, key=len, reverse=True)))}"'.encode() for keys, *_ in _SHAPES)
#: CloudNativePG names PostgreSQL's columns as csvlog does; the server's own JSON names them otherwise.
_AS_JSONLOG = {
    "log_time": "timestamp", "user_name": "user", "database_name": "dbname", "process_id": "pid",
    "session_line_num": "line_num", "command_tag": "ps", "sql_state_code": "state_code", "query": "statement",
}  # fmt: skip


def _members_of(line: bytes) -> dict[str, Any] | None:
    text = line.strip()
    if not text.startswith(b"{") or not any(sign in text for sign in _SIGNS):
        return None
    try:
        members = load_json(text.decode("utf-8", "replace"))
    except ValueError:
        return None
    return members if isinstance(members, dict) else None


def _message_of(value: object) -> bytes | None:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if isinstance(value, dict):
        named = {_AS_JSONLOG.get(key, key): held for key, held in value.items()}
        if isinstance(peer := named.pop("connection_from", None), str):
            named["remote_host"], _, port = peer.rpartition(":") if ":" in peer else (peer, "", "")
            named["remote_port"] = port or None
        return orjson.dumps({key: held for key, held in named.items() if held not in (None, "")})
    if isinstance(value, list) and all(isinstance(code, int) and 0 <= code < 256 for code in value):
        # The journal writes what is no text as a list of bytes.
        return bytes(value)
    return None


def _at(members: Mapping[str, Any], path: str) -> object:
    here: object = members
    for step in path.split(".") if path else ("",):
        here = here.get(step) if isinstance(here, dict) else None
    return here
