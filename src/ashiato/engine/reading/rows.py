"""Rows that a parser makes one by one, as columns of ``records``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from ashiato.engine.reading.json_keys import text_of_value
from ashiato.engine.reading.parser import Columns, text_array
from ashiato.engine.reading.web_columns import columns_from, whole_numbers

_TIMES = ("time_us", "time_step_us")


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
