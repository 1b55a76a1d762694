"""PostgreSQL's csvlog, of every version: 22 columns (8.3) to 26 (14 and later)."""

from __future__ import annotations

import re

import numpy as np

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.parser import NOTHING, Parsed, Parser
from ashiato.engine.reading.parsers.postgres_columns import Entry, columns_of_entries
from ashiato.engine.reading.quoted_fields import FieldTable, count_fields, find_records
from ashiato.engine.reading.spans import Ints
from ashiato.engine.reading.times import Clock

_LEAST_FIELDS, _MOST_FIELDS = 22, 30
_START = re.compile(rb'"?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d')
#: Position of each column, as PostgreSQL 17 names them ("Using CSV-Format Log Output", read 2026-11-22).
_AT = {
    "time": 0, "user": 1, "database": 2, "peer": 4, "session": 5, "session_line": 6, "command": 7,
    "severity": 11, "sql_state": 12, "message": 13, "detail": 14, "hint": 15, "context": 18,
    "statement": 19, "application": 22,
}  # fmt: skip


class PostgresCsv(Parser):
    """Reads csvlog records, each of one line or, where a statement has line ends, of several."""

    name = "postgresql-csvlog"
    many_lined = True

    def __init__(self, clock: Clock) -> None:
        """``clock`` answers for times without letters or an offset."""
        self._clock = clock

    def cut(self, block: Block) -> int:
        """Keep whole records."""
        return find_records(block, _fits)[2]

    def parse(self, block: Block) -> Parsed:
        """Read the records that have a csvlog's number of columns and begin with a time."""
        first, last, _ = find_records(block, _fits)
        if not len(first):
            return NOTHING
        table = FieldTable(block, first, last)
        rows = np.flatnonzero((table.widths >= _LEAST_FIELDS) & (table.widths <= _MOST_FIELDS))
        if not len(rows):
            return NOTHING
        entries, kept = self._entries(table, rows.astype(np.int64))
        good = rows[kept]
        return Parsed(first[good], last[good], columns_of_entries(entries)) if len(good) else NOTHING

    def _entries(self, table: FieldTable, rows: Ints) -> tuple[list[Entry], Ints]:
        names = [name for name, at in _AT.items() if at < int(table.widths[rows].min())]
        columns = {name: table.column(rows, _AT[name]).to_pylist() for name in names}
        nothing = [None] * len(rows)
        values = zip(*(columns.get(name, nothing) for name in _AT), strict=True)
        entries, kept = [], []
        for at, (time, *said) in enumerate(values):
            moment = self._clock.read(time or "")
            entry = Entry(*moment, *said) if moment else None
            if entry is not None and entry.severity:
                entries.append(entry)
                kept.append(at)
        return entries, np.array(kept, np.int64)


def _fits(text: bytes) -> bool:
    return bool(_START.match(text)) and _LEAST_FIELDS <= count_fields(text) <= _MOST_FIELDS
