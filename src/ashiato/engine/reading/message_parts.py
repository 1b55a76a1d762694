"""PostgreSQL's messages as syslog carries them: cut in parts, between which others' parts may stand.

``[3-2]`` is the second part of a process's third message; servers may leave the marks out. A part that
begins with a tab is a new line, one that begins like the message's first and says DETAIL or the like adds to
it, any other goes on where the one before was cut. A message of which a part is seen to lack is told.

Sources: PostgreSQL 17 elog.c (write_syslog), "Error Reporting and Logging" (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ashiato.engine.reading.wrappings import Opened

MARK = re.compile(rb"\[(?P<number>\d{1,12})-(?P<part>\d{1,9})\] ")
SEVERITY = re.compile(
    rb"[^\n]{0,400}?(?<![\w=])(?P<severity>DEBUG[1-5]?|INFO|NOTICE|WARNING|LOG|ERROR|FATAL|PANIC"
    rb"|DETAIL|HINT|QUERY|CONTEXT|LOCATION|STATEMENT|BACKTRACE):  "
)
_ADDING = frozenset({b"DETAIL", b"HINT", b"QUERY", b"CONTEXT", b"LOCATION", b"STATEMENT", b"BACKTRACE"})
_TAB = re.compile(rb"\t|#011")
_DIGITS = re.compile(rb"\d+")
#: A part shorter than this was not cut for its length: a line ended there, whose tab got lost.
_SHORTEST_CUT = 400

Writer = tuple[str | None, str | None, str | None]


@dataclass
class Gathered:
    """A message put together: its lines, where its parts stand, and whether one of them is missing."""

    lines: list[bytes]
    places: list[int]
    number: bytes | None = None
    part: int = 1
    is_cut: bool = False

    @property
    def begins(self) -> bytes | None:
        """What stands before the severity, whatever its numbers; None where it has none."""
        return _beginning(self.lines[0])

    def add(self, place: int, text: bytes, part: int) -> None:
        """Put the next part at its end."""
        self.places.append(place)
        self.is_cut |= part > 1 and part != self.part + 1
        if part:
            self.part = part
        if tab := _TAB.match(text):
            self.lines.append(b"\t" + text[tab.end() :])
        elif self.is_added(text):
            self.lines.append(text)
        elif text[:1].isspace() or len(self.lines[-1]) >= _SHORTEST_CUT:
            self.lines[-1] += text
        else:
            self.lines.append(b"\t" + text)

    def is_added(self, text: bytes) -> bool:
        """Whether a text begins as this message does and adds to it."""
        found = SEVERITY.match(text)
        return found is not None and found["severity"] in _ADDING and _beginning(text) == self.begins


@dataclass
class Gathering:
    """Messages in the making; ``lost`` are the places of parts whose message did not begin here."""

    whole: list[Gathered] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    last: dict[Writer, Gathered] = field(default_factory=dict)

    def add(self, place: int, opened: Opened) -> None:
        """Take the next message of any process."""
        mark = MARK.match(opened.message)
        text = opened.message[mark.end() :] if mark else opened.message
        number, part = (mark["number"], int(mark["part"])) if mark else (None, 0)
        writer = (opened.host, opened.program, opened.pid)
        before = self.last.get(writer)
        if part > 1:
            if before is not None and before.number == number:
                before.add(place, text, part)
            else:
                self.lost.append(place)
        elif before is not None and (_TAB.match(text) or before.is_added(text)):
            before.add(place, text, 0)
            before.number, before.part = number, part or before.part
        elif _TAB.match(text):
            self.lost.append(place)
        else:
            self.last[writer] = Gathered([text], [place], number)
            self.whole.append(self.last[writer])


def gather(numbered: Iterable[tuple[int, Opened]]) -> Gathering:
    """Put the messages together of whom these are the parts."""
    gathering = Gathering()
    for place, opened in numbered:
        gathering.add(place, opened)
    return gathering


def _beginning(text: bytes) -> bytes | None:
    found = SEVERITY.match(text)
    return _DIGITS.sub(b"0", text[: found.start("severity")]) if found else None
