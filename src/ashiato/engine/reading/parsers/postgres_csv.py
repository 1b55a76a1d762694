"""PostgreSQL's csvlog, of every version: 22 columns (8.3) to 26 (14 and later)."""

from __future__ import annotations

import re

import numpy as np

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.column_times import read_times
from ashiato.engine.reading.parser import NOTHING, Parsed, Parser
from ashiato.engine.reading.parsers.postgres_columns import columns_of_texts
from ashiato.engine.reading.quoted_fields import FieldTable, count_fields, find_records
from ashiato.engine.reading.spans import numbers_of
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
        rows = np.flatnonzero(table.fits(_LEAST_FIELDS, _MOST_FIELDS, _AT["severity"]))
        if not len(rows):
            return NOTHING
        times, steps, known = read_times(table.column(rows, _AT["time"]), self._clock)
        rows, times, steps = rows[known], times[known], steps[known]
        names = [name for name, at in _AT.items() if len(rows) and at < int(table.widths[rows].min())]
        said = {name: table.column(rows, _AT[name]) for name in names}
        if not len(rows):
            return NOTHING
        columns = {"time_us": numbers_of(times), "time_step_us": numbers_of(steps)}
        return Parsed(first[rows], last[rows], columns | columns_of_texts(said, len(rows)))


def _fits(text: bytes) -> bool:
    return bool(_START.match(text)) and _LEAST_FIELDS <= count_fields(text) <= _MOST_FIELDS
