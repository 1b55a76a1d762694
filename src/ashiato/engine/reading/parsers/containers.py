"""What containers print, as those who collect it write it down: JSON around each line, or a prefix.

Docker's json-file, journald as JSON, CloudNativePG, Cloud Logging (Cloud SQL's text entries), CloudWatch and
Filebeat put an object around a line; the container runtime interface of Kubernetes, Docker Compose and
kubectl a prefix. Lines that the runtime cut in parts are one message again.

Sources, read 2026-11-22: Docker "JSON File logging driver", Kubernetes "CRI log format", systemd "Journal
JSON Format", CloudNativePG "Logging", Google Cloud "LogEntry", Elastic "Filebeat exported fields".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
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
    """One line's message; the stream whose parts it may be one of, and whether the next of it goes on."""

    opened: Opened
    stream: str | None = None
    goes_on: bool = False


def _whole(parts: Iterable[Part | None]) -> list[Opened]:
    """The messages, with those in several parts put together, stream by stream.

    Where another stream's line stands between, a message stands where it begins, and the line that goes
    on with it only says so.
    """
    whole: list[Opened] = []
    going: dict[str, int] = {}
    for part in filter(None, parts):
        opened, stream, goes_on = part
        at = going.pop(stream, None) if stream is not None else None
        if at is None:
            at = len(whole)
            whole.append(opened)
        else:
            adjoins = at == len(whole) - 1 and whole[at].last == opened.first - 1
            last = opened.last if adjoins else whole[at].last
            whole[at] = replace(whole[at], last=last, message=whole[at].message + opened.message)
            if not adjoins:
                whole.append(replace(opened, message=b"", rest={"goes_on": stream}))
        if stream is not None and goes_on:
            going[stream] = at
    return whole


def _before_open(block: Block, part_of: Callable[[int, bytes], Part | None]) -> int:
    """How many lines stand before the messages of each stream whose last part is still to come."""
    kept, ended = len(block), set[str]()
    for index in range(len(block) - 1, max(-1, len(block) - _NEAR), -1):
        part = part_of(index, block.line(index))
        if part is not None and part.stream is not None and part.stream not in ended:
            kept = index if part.goes_on else kept
            ended |= set() if part.goes_on else {part.stream}
    return kept


class Container(Wrapping):
    """Opens lines behind a container's prefix."""

    name = "container"
    is_bare = True

    def open(self, block: Block) -> list[Opened]:
        """Return the messages, those in several parts as one."""
        return _whole(self._part(index, line) for index, line in enumerate(block.lines()))

    def cut(self, block: Block) -> int:
        """Keep what comes before parts whose last part is still to come."""
        return _before_open(block, self._part) if _CRI.match(block.line(len(block) - 1)) else len(block)

    def _part(self, index: int, line: bytes) -> Part | None:
        found = _CRI.fullmatch(line) or _COMPOSE.fullmatch(line)
        if found is None:
            return None
        said = found.groupdict()
        time, tag = said.get("time"), said.get("tag")
        moment = self._clock.read(time.decode()) if time else None
        program = said.get("pod") or said.get("name")
        message = _ANSI.sub(b"", said["message"])
        opened = Opened(index, index, message, moment, program=program.decode() if program else None)
        return Part(opened, said["stream"].decode() if tag else None, tag == b"P")


class JsonWrapping(Wrapping):
    """Opens objects that hold another log's line."""

    name = "wrapped-json"
    is_bare = True

    def open(self, block: Block) -> list[Opened]:
        """Return the messages, those in several parts as one."""
        opened = _whole(self._part(index, line) for index, line in enumerate(block.lines()))
        return [replace(each, message=each.message.removesuffix(b"\n")) for each in opened]

    def cut(self, block: Block) -> int:
        """Keep what comes before parts whose last part is still to come."""
        return _before_open(block, self._part) if b'"stream"' in block.line(len(block) - 1) else len(block)

    def _part(self, index: int, line: bytes) -> Part | None:
        members = _members_of(line)
        each = self._opened(index, members) if members is not None else None
        if each is None:
            return None
        stream = (
            str(each.rest["stream"])
            if "stream" in each.rest and isinstance((members or {}).get("log"), str)
            else None
        )
        return Part(each, stream, not each.message.endswith(b"\n"))

    def _opened(self, index: int, members: Mapping[str, Any]) -> Opened | None:
        for keys, time, message, who in _SHAPES:
            if keys <= members.keys() and (text := _message_of(members.get(message))) is not None:
                moment = self._clock.read(text_of_value(members.get(time)) or "")
                host, program, pid = (text_of_value(_at(members, key)) for key in who)
                rest = {key: members[key] for key in ("stream", "logger") if key in members}
                more = not members.keys() <= _OWN.get(message, members.keys())
                return Opened(index, index, _ANSI.sub(b"", text), moment, host, program, pid, rest, more)
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
#: What shippers write with a message; what else stands there is an application's.
_OWN: Mapping[str, frozenset[str]] = {
    "log": frozenset({
        "log", "stream", "time", "attrs", "kubernetes", "docker", "tag", "date", "source", "container_id",
        "container_name", "partial_message", "logtag", "_p",
    }),
    "message": frozenset({
        "message", "timestamp", "logStreamName", "logGroupName", "ingestionTime", "eventId", "id", "owner",
        "messageType", "@timestamp", "@version", "@metadata", "input", "log", "agent", "ecs", "host", "event",
        "fileset", "service", "container", "kubernetes", "docker", "cloud", "tags", "stream", "process",
        "offset", "prospector", "beat", "source", "fields", "data_stream", "elastic_agent", "orchestrator",
    }),
}  # fmt: skip
_NEAR = 500
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
