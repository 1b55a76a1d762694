"""What MySQL's and MariaDB's text logs have in common: entries of several lines, a moment written once.

A moment is written only where its second differs from the entry's before, so an entry without one has the
last that stood above it. Entries above the first moment of a file are held to be a second older.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ashiato.engine.arrow_tables import arrow_schema
from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.parser import NOTHING, Columns, Parsed, Parser, columns_of
from ashiato.engine.reading.parsers.mysql_texts import is_open, may_go_on
from ashiato.engine.reading.times import SECOND_US, Clock, Moment
from ashiato.engine.tables import RECORDS

Row = dict[str, Any]

_TYPES = {field.name: field.type for field in arrow_schema(RECORDS)}
_SHORT = re.compile(r"(\d\d)(\d\d)(\d\d) +(\d{1,2})(:\d\d:\d\d(?:\.\d{1,6})?)")
# So many entries that each stand open are not looked through for where they could end.
_MOST_OPEN = 20
#: What ``unmapped`` says of a statement that the log may have cut short.
CUT = '{"text_cut":true}'


@dataclass(frozen=True)
class Lines:
    """One entry's lines, from the index ``first`` of the block."""

    first: int
    texts: tuple[str, ...]


class EntryParser(Parser):
    """Reads entries that begin at lines of a certain look and go on until the next of them."""

    many_lined = True
    is_marked = True

    def __init__(self, clock: Clock) -> None:
        """``clock`` answers for times without an offset."""
        self._clock = clock

    def cut(self, block: Block) -> int:
        """Keep what comes before the last entry, which could still go on, or be part of the one before it."""
        if block.ended:
            return len(block)
        lines = block.lines()
        last = 0
        for start, stop in list(pairwise([0, *self._starts(lines)]))[: -_MOST_OPEN - 1 : -1]:
            last = last or stop
            if not is_open("\n".join(map(_text_of, lines[start:stop]))):
                return last
            last = start
        return last

    def parse(self, block: Block) -> Parsed:
        """Read the entries that begin in the block."""
        entries = list(self._entries(block.lines()))
        rows: list[tuple[Lines, Row]] = []
        for entry, now in self._timed(entries, self._moment(block.mark.decode("ascii", "replace"))):
            row = self._row(entry, now)
            if row is not None:
                rows.append((entry, row))
        if not rows:
            return NOTHING
        _note_cut([row for _, row in rows], [entry for entry, _ in rows])
        first = np.array([entry.first for entry, _ in rows], np.int64)
        last = np.array([entry.first + len(entry.texts) - 1 for entry, _ in rows], np.int64)
        return Parsed(first, last, typed_columns([row for _, row in rows]))

    def mark(self, lines: Sequence[bytes]) -> bytes:
        """Return the last line that has a moment."""
        return next((line for line in reversed(lines) if self._moment(_text_of(line))), b"")[:100]

    @abstractmethod
    def _starts(self, lines: Sequence[bytes]) -> list[int]:
        """Return the indexes of the lines at which entries begin."""

    @abstractmethod
    def _moment(self, line: str) -> Moment | None:
        """Return the moment that an entry's first line writes."""

    @abstractmethod
    def _row(self, entry: Lines, now: Moment | None) -> Row | None:
        """Return what an entry says at a moment, or None when it is none or its moment cannot be told."""

    def _entries(self, lines: Sequence[bytes]) -> Iterator[Lines]:
        starts = self._starts(lines)
        for start, stop in pairwise([*starts, len(lines)]):
            yield Lines(start, tuple(_text_of(line) for line in lines[start:stop]))

    def _timed(
        self, entries: Sequence[Lines], before: Moment | None
    ) -> Iterator[tuple[Lines, Moment | None]]:
        """Yield each entry with its moment, or the last before it.

        A moment out of order that stands behind open quotes may be one of the statement's own: it does not
        count.
        """
        told = [self._moment(entry.texts[0]) for entry in entries]
        now = before or _before(told)
        following = _following(told)
        for at, (entry, moment) in enumerate(zip(entries, told, strict=True)):
            if moment is not None:
                early = now is not None and moment[0] < now[0]
                odd = early or moment[0] > following[at]
                now = now if odd and at and is_open("\n".join(entries[at - 1].texts)) else moment
            yield entry, now

    def _read_time(self, text: str) -> Moment | None:
        """Read ``261122  8:12:40`` (MariaDB and MySQL before 5.7) or what ISO 8601 has."""
        short = _SHORT.fullmatch(text)
        if short:
            year, month, day, hour, rest = short.groups()
            text = f"20{year}-{month}-{day} {int(hour):02}{rest}"
        return self._clock.read(text)


def typed_columns(rows: Sequence[Row]) -> Columns:
    """Turn rows (column of ``records`` -> value) into arrays."""
    return columns_of(rows, _TYPES)


def server_row(line: str, now: Moment) -> Row:
    """Return the row of the lines a server begins a log with."""
    said = {"record_kind": "sql-message", "activity_name": "started", "message": line}
    return {"time_us": now[0], "time_step_us": now[1], **said}


def peer_of(host: str) -> str | None:
    """Return a client's address; this machine itself has none."""
    return None if host in ("", "localhost") else host


def _before(told: Sequence[Moment | None]) -> Moment | None:
    found = next(filter(None, told), None)
    return None if found is None else (found[0] - SECOND_US, max(found[1], SECOND_US))


def _following(told: Sequence[Moment | None]) -> list[int]:
    """Return for each entry the next moment that is written, or its own where there is none."""
    following, next_us = [], None
    for moment in reversed(told):
        here = moment[0] if moment is not None else 0
        following.append(here if next_us is None else next_us)
        next_us = here if moment is not None else next_us
    return following[::-1]


def _note_cut(rows: list[Row], entries: list[Lines]) -> None:
    """Mark statements that may go on in what looks like the next entry."""
    for at, (row, after) in enumerate(zip(rows, entries[1:], strict=False)):
        text = row.get("query_text")
        if text and is_open(text) and may_go_on(text, "\n".join(after.texts)):
            rows[at]["unmapped"] = CUT


def _text_of(line: bytes) -> str:
    return line.decode("utf-8", "replace")
