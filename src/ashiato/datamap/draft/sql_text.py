"""Cut SQL text into statements, line by line, so that a dump of any size can be read.

Only the text of statements that begin as asked for is kept; rows of data are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_MARK = re.compile(r"--|/\*|['\"`;]")
_COPY = re.compile(r"\s*COPY\s.+\sFROM\s+stdin", re.IGNORECASE)
_BEGINS = re.compile(r"\s*(CREATE|ALTER|COMMENT|INSERT|REPLACE)\s", re.IGNORECASE)
_ASIDE = ("#", "\\")
_MOST_CHARS = 1_000_000


def cut_statements(lines: Iterable[str], wanted: re.Pattern[str]) -> Iterator[str]:
    """Yield the statements of ``lines`` that match ``wanted``, without their semicolons.

    A quote left open by mistake, or a semicolon left out, costs no more than its own statement: one that is
    wanted and begins a line begins a statement, unless a wanted one is not yet at its end.
    """
    cutter = _Cutter(wanted)
    copying = False
    for line in lines:
        if copying:
            copying = line.rstrip("\r\n") != "\\."
        elif not cutter.is_inside and _COPY.match(line):
            copying = True
        else:
            yield from cutter.take(line)
    yield from cutter.rest()


class _Cutter:
    """Holds the statement that is being read, and the quote or comment it is inside of."""

    def __init__(self, wanted: re.Pattern[str]) -> None:
        self._wanted = wanted
        self._held: list[str] = []
        self._chars = 0
        self._keeps = False
        self._until = ""

    @property
    def is_inside(self) -> bool:
        """Whether a statement has begun and not ended."""
        return bool(self._held)

    def take(self, line: str) -> Iterator[str]:
        """Read one line; yield the statements that end on it."""
        is_lost = self._until or (self.is_inside and not self._keeps)
        begins = is_lost and self._wanted.match(line) and line[:1].isalpha()
        if begins or self._chars > _MOST_CHARS:
            yield from self.rest()
        start = 0
        for end in self._ends_of(line):
            self._hold(line[start:end])
            yield from self.rest()
            start = end + 1
        if self.is_inside or line[start:].strip():
            self._hold(line[start:])

    def rest(self) -> Iterator[str]:
        """End the statement being read; yield it when it is wanted."""
        text = "".join(self._held).strip()
        self._held, self._chars, self._until = [], 0, ""
        if self._wanted.match(text) and "$$" not in text:
            yield text

    def _hold(self, part: str) -> None:
        if not self._held:
            self._keeps = self._wanted.match(part) is not None
            if not _BEGINS.match(part):
                self._until = ""
                return
        if self._keeps or not self._held:
            self._held.append(part if self._keeps else " ")
            self._chars += len(part)

    def _ends_of(self, line: str) -> list[int]:
        """Where statements end on a line: semicolons outside quotes and comments."""
        ends: list[int] = []
        place = 0
        if not self._held and line.lstrip().startswith(_ASIDE):
            return ends
        while place < len(line):
            if self._until:
                place = self._leave(line, place)
                continue
            found = _MARK.search(line, place)
            if found is None or found[0] == "--":
                break
            place = found.end()
            if found[0] == ";":
                ends.append(found.start())
            else:
                self._until = "*/" if found[0] == "/*" else found[0]
        return ends

    def _leave(self, line: str, place: int) -> int:
        """Step to the end of the quote or comment, or of the line."""
        at = line.find(self._until, place)
        if at < 0:
            return len(line)
        escaped = self._until == "'" and _backslashes_before(line, at, place) % 2
        if not escaped:
            at, self._until = at + len(self._until) - 1, ""
        return at + 1


def _backslashes_before(line: str, at: int, start: int) -> int:
    return at - start - len(line[start:at].rstrip("\\"))
