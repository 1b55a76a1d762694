"""What became of writes inside a transaction: seen by others from its COMMIT on, or never.

Between the write and the COMMIT others still read what was there before. A transaction without an end in the
log, or one in which a statement failed, may have been kept or not. Only logs that name connections tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ashiato.engine.exposures.writes import Logged
from ashiato.engine.store import Row

_BLANK = r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
_BEGINS = re.compile(_BLANK + r"(?:begin|start\s+transaction)\b", re.IGNORECASE | re.DOTALL)
_KEEPS = re.compile(_BLANK + r"(?:commit|end)\b", re.IGNORECASE | re.DOTALL)
_DROPS = re.compile(
    _BLANK + r"(?:rollback|abort)\b(?P<part>\s+(?:work\s+|transaction\s+)?to\b)?", re.IGNORECASE | re.DOTALL
)
#: What the database is asked for beside writes: the same words, for its own regular expressions.
WORDS = r"(?i)^(\s|--[^\n]*\n|/\*.*\*/)*(begin|start\s+transaction|commit|end|rollback|abort)\b"


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
    open_: dict[str, list[Entry]] = {}
    broken: set[str] = set()
    for entry in entries:
        session, text = entry.session, entry.logged.text
        if session is None:
            yield from _alone(entry)
        elif _BEGINS.match(text):
            yield from _ended(open_.pop(session, []), None)
            open_[session] = []
            broken.discard(session)
        elif session not in open_:
            yield from _alone(entry)
        elif _KEEPS.match(text):
            kept = None if session in broken else entry.logged.time_us
            yield from _ended(open_.pop(session), kept)
        elif (dropped := _DROPS.match(text)) is not None:
            if dropped["part"]:
                # Back to a savepoint: which of the writes before are undone is not followed.
                broken.add(session)
            else:
                del open_[session]
        elif entry.failed:
            broken.add(session)
        else:
            open_[session].append(entry)
    for held in open_.values():
        yield from _ended(held, None)


def _alone(entry: Entry) -> Iterator[Entry]:
    if not entry.failed:
        yield entry


def _ended(held: list[Entry], kept_us: int | None) -> Iterator[Entry]:
    """Yield a transaction's writes as kept at a time, or as kept or not."""
    for entry in held:
        logged = entry.logged
        told = replace(logged, unsure=True) if kept_us is None else replace(logged, seen_us=kept_us)
        yield replace(entry, logged=told)
