"""Parsers that make a row of each line, and their rows as columns of ``records``."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.cloud_calls import Row
from ashiato.engine.reading.json_keys import text_of_value
from ashiato.engine.reading.parser import NOTHING, Columns, Parsed, Parser, text_array
from ashiato.engine.reading.times import Clock
from ashiato.engine.reading.web_columns import columns_from, whole_numbers

_TIMES = ("time_us", "time_step_us")


class RowParser(Parser):
    """Reads a format in which each line is one record, line by line."""

    def __init__(self, clock: Clock) -> None:
        """``clock`` reads the times, which say their offset."""
        self._clock = clock

    def parse(self, block: Block) -> Parsed:
        """Read the lines that are records of the format."""
        found = [(i, self.row_of(line)) for i, line in enumerate(block.lines())]
        rows = [(i, row) for i, row in found if row is not None]
        if not rows:
            return NOTHING
        where = np.array([i for i, _ in rows], np.int64)
        return Parsed(where, where, self.columns_of([row for _, row in rows]))

    def columns_of(self, rows: Sequence[Row]) -> Columns:
        """Return the rows' values as arrays."""
        return columns_of_rows(rows)

    @abstractmethod
    def row_of(self, line: bytes) -> Row | None:
        """Return a line's values by column of ``records``, or None when it is no record of the format."""


def columns_of_rows(rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Turn rows (column -> value) into arrays; what no row fills is left out, numbers become numbers."""
    names = sorted({name for row in rows for name, value in row.items() if value is not None})
    meant: Columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if name in _TIMES:
            meant[name] = pa.array(values, pa.int64())
        else:
            meant[name] = text_array([text_of_value(value) for value in values])
    if "duration_us" in meant:
        meant["duration_us"] = whole_numbers(meant["duration_us"], pa.int64())
    return columns_from(meant)
