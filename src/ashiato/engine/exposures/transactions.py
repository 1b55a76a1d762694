"""What became of writes inside a transaction: seen by others from its COMMIT on, or never.

Between the write and the COMMIT others still read what was there before. A transaction without an end in the
log, or one in which a statement failed, may have been kept or not. Only logs that name connections tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ashiato.engine.exposures.deeds import Logged
from ashiato.engine.store import Row

_BLANK = r"(?:\s|--[^\n]*\n|/\*(?:[^*]|\*(?!/))*+\*/)*+"
_BEGINS = re.compile(_BLANK + r"(?:begin|start\s+transaction)\b", re.IGNORECASE | re.DOTALL)
_KEEPS = re.compile(_BLANK + r"(?:commit|end)\b", re.IGNORECASE | re.DOTALL)
_DROPS = re.compile(
    _BLANK + r"(?:rollback|abort)\b(?P<part>\s+(?:work\s+|transaction\s+)?to\b)?", re.IGNORECASE | re.DOTALL
)
#: What the database is asked for beside writes: the same words, for its own regular expressions.
WORDS = r"(?is)^(\s|--[^\n]*\n|/\*.*\*/)*(begin|start\s+transaction|commit|end|rollback|abort)\b"


@dataclass(frozen=True)
class Entry:
    """A logged statement with the connection that ran it, if the log names that."""

    session: str | None
    event_id: int
    failed: bool
    logged: Logged


def entry_of(row: Row) -> Entry:
    """Return the entry of one row of the log."""
    session, event_id, failed, *rest = row
    return Entry(session, event_id, bool(failed), Logged(*rest))


def settle(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the writes that were kept or may have been, each with when it is known to be seen by others."""
    held: dict[str, _Connection] = {}
    for entry in entries:
        if entry.session is None:
            yield from () if entry.failed else (entry,)
        else:
            yield from held.setdefault(entry.session, _Connection()).take(entry)
    for connection in held.values():
        yield from connection.ends()


class _Connection:
    """One connection's writes, from one transaction's end to the next; ``_open``: one was seen to begin."""

    def __init__(self) -> None:
        self._writes: list[Entry] = []
        self._open = False
        self._broken = False

    def take(self, entry: Entry) -> Iterator[Entry]:
        """Take the connection's next entry and yield the writes that it settles."""
        text = entry.logged.text
        dropped = _DROPS.match(text)
        if _BEGINS.match(text):
            yield from self.ends()
            self._open = True
        elif _KEEPS.match(text):
            yield from self._close(None if self._broken else entry.logged.time_us)
        elif dropped is not None and not dropped["part"]:
            # Where the begin is missing, so may be how many of the writes before are undone.
            yield from () if self._open else _ended(self._writes, None)
            self._writes, self._open, self._broken = [], False, False
        elif entry.failed or dropped is not None:
            # Back to a savepoint, or failed: which of the writes before are undone is not followed.
            self._broken = self._open
        else:
            self._writes.append(entry)

    def ends(self) -> Iterator[Entry]:
        """Yield what was written since the last end: kept at once, or in a transaction without an end."""
        yield from _ended(self._writes, None) if self._open else self._writes
        self._writes, self._open, self._broken = [], False, False

    def _close(self, kept_us: int | None) -> Iterator[Entry]:
        yield from _ended(self._writes, kept_us) if self._open else self._writes
        self._writes, self._open, self._broken = [], False, False


def _ended(held: list[Entry], kept_us: int | None) -> Iterator[Entry]:
    """Yield a transaction's writes as kept at a time, or as kept or not."""
    for entry in held:
        logged = entry.logged
        told = replace(logged, unsure=True) if kept_us is None else replace(logged, seen_us=kept_us)
        yield replace(entry, logged=told)
