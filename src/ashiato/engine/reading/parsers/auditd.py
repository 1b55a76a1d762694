"""The Linux audit daemon's log: several lines of one event, told by its number, as one record.

Values that hold more than plain words are written as hexadecimal digits; they are shown as text. Lines of one
event that stand apart are records of their own, with the same ``audit_id`` in ``unmapped``.

Source: Linux Audit documentation project, "audit event parsing" and "event fields" (read 2026-11-22).
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import NamedTuple

import numpy as np
import orjson

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.cloud_calls import Row, address_of
from ashiato.engine.reading.parser import NOTHING, Parsed, Parser
from ashiato.engine.reading.rows import columns_of_rows
from ashiato.engine.reading.times import Clock

_LINE = re.compile(
    r"(?:node=(?P<node>\S+) )?type=(?P<type>[\w\[\]-]+) "
    r"msg=audit\((?P<id>(?P<time>\d{9,11}\.\d{3}):\d+)\):\s?(?P<rest>.*)",
    re.DOTALL,
)
_PAIR = re.compile(r"""(?<![^\s'{])(?P<name>[\w-]{1,64})=(?P<value>"[^"]*"|'(?P<nested>[^']*)'|[^\s'"]*)""")
_HEX = re.compile(r"(?:[0-9A-F]{2})+")
#: Names whose values are written as hexadecimal digits where they hold blanks, quotes or control bytes.
_ENCODED = re.compile(
    r"a\d+(?:\[\d+\])?|name|comm|exe|proctitle|cmd|cwd|acct|path|dir|key|data|ocomm|file|vm|new_name"
)
_NOBODY = ("4294967295", "-1", "unset", "?", "")
_OUTCOMES = {"yes": "success", "success": "success", "1": "success", "no": "failure", "failed": "failure",
             "0": "failure"}  # fmt: skip
#: Where a peer stands: of a sign-in, of a sealed connection, of a tunnel.
_PEERS = ("addr", "hostname", "src")
_KINDS = {"USER_LOGIN": "host-sign-in", "USER_LOGOUT": "host-sign-out"}


class Line(NamedTuple):
    """One line taken apart."""

    place: int
    node: str | None
    kind: str
    id: str
    time: str
    said: dict[str, str]


class AuditLog(Parser):
    """Reads the lines of each event that follow each other."""

    name = "auditd"
    many_lined = True

    def __init__(self, clock: Clock) -> None:
        """``clock`` reads the moments, which count from 1970."""
        self._clock = clock

    def cut(self, block: Block) -> int:
        """Keep what comes before the event that the block ends in."""
        if block.ended or not len(block):
            return len(block)
        last = _event_of(block.line(len(block) - 1))
        kept = len(block)
        while last and kept and _event_of(block.line(kept - 1)) == last:
            kept -= 1
        return kept

    def parse(self, block: Block) -> Parsed:
        """Read the events."""
        if b"msg=audit(" not in block.content:
            return NOTHING
        lines = [line for index, text in enumerate(block.lines()) if (line := _line_of(index, text))]
        # Lines of one event that another format's stand between are apart.
        places = [int(block.numbers[line.place]) - at for at, line in enumerate(lines)]
        keyed = zip(lines, places, strict=True)
        events = [
            [line for line, _ in group]
            for _, group in groupby(keyed, lambda each: (each[0].node, each[0].id, each[1]))
        ]
        rows = [(event, row) for event in events if (row := self._row(event)) is not None]
        if not rows:
            return NOTHING
        first = np.array([event[0].place for event, _ in rows], np.int64)
        last = np.array([event[-1].place for event, _ in rows], np.int64)
        return Parsed(first, last, columns_of_rows([row for _, row in rows]))

    def _row(self, event: list[Line]) -> Row | None:
        moment = self._clock.read(event[0].time)
        if moment is None:
            return None
        said: dict[str, str] = {}
        for line in event:
            said |= {name: value for name, value in line.said.items() if name not in said}
        kinds = [line.kind for line in event]
        told = {"audit_id": event[0].id, "records": [{"type": line.kind, **line.said} for line in event]}
        program = said.get("exe") or said.get("comm")
        return {
            "record_kind": next((_KINDS[kind] for kind in kinds if kind in _KINDS), "host-audit"),
            "time_us": moment[0],
            "time_step_us": moment[1],
            "activity_name": kinds[0],
            "status": next((_OUTCOMES.get(said[name]) for name in ("res", "success") if name in said), None),
            "actor_user_name": _user_of(said),
            "src_endpoint_ip": next(filter(None, (address_of(said.get(name)) for name in _PEERS)), None),
            "device_hostname": event[0].node,
            "process_name": program,
            "process_pid": said.get("pid"),
            "message": _command_of(event, said),
            "unmapped": orjson.dumps(told).decode(),
        }


def _event_of(line: bytes) -> str | None:
    found = _LINE.fullmatch(line.decode("utf-8", "replace"))
    return found["id"] if found else None


def _line_of(index: int, text: bytes) -> Line | None:
    found = _LINE.fullmatch(text.decode("utf-8", "replace"))
    if found is None:
        return None
    said: dict[str, str] = {}
    for pair in _PAIR.finditer(found["rest"].replace("\x1d", " ")):
        if pair["nested"] is None:
            said.setdefault(pair["name"], _value_of(pair["name"], pair["value"]))
            continue
        for inner in _PAIR.finditer(pair["nested"]):
            said.setdefault(inner["name"], _value_of(inner["name"], inner["value"]))
    return Line(index, found["node"], found["type"], found["id"], found["time"], said)


def _value_of(name: str, value: str) -> str:
    if value.startswith('"'):
        return value.strip('"')
    if _ENCODED.fullmatch(name) and len(value) > 1 and _HEX.fullmatch(value) and not _is_number(name, value):
        return bytes.fromhex(value).decode("utf-8", "replace").replace("\x00", " ")
    return value


def _is_number(name: str, value: str) -> bool:
    """A system call's arguments are numbers in hexadecimal digits; a program's arguments are words."""
    return name[0] == "a" and name[1:2].isdigit() and value.isdigit() and len(value) < 4


def _user_of(said: dict[str, str]) -> str | None:
    for name in ("acct", "AUID", "auid", "UID", "uid"):
        if said.get(name, "") not in _NOBODY:
            return said[name]
    return None


def _command_of(event: list[Line], said: dict[str, str]) -> str | None:
    """The command an event tells of: its arguments, what sudo ran, or the process's title."""
    for line in event:
        if line.kind == "EXECVE":
            words = [value for name, value in line.said.items() if re.fullmatch(r"a\d+", name)]
            return " ".join(words)
    return said.get("cmd") or said.get("proctitle")
