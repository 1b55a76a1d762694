"""What came of one file: its records, its unread lines, and one row of ``readings``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from ashiato.engine.arrow_tables import CODED, arrow_schema
from ashiato.engine.reading.blocks import SAMPLE_BYTES, Block, LongLine
from ashiato.engine.reading.parser import Parsed, all_same
from ashiato.engine.reading.spans import Ints, numbers_of
from ashiato.engine.tables import RECORDS, UNREAD

#: Text columns of few values, which travel as dictionaries.
CODED_COLUMNS = frozenset({
    "evidence_id", "source_format", "record_kind", "http_request_method", "http_request_version",
    "http_request_host", "actor_user_type", "activity_name", "status", "database_user_name",
    "database_name", "database_session_uid", "database_application", "query_command", "query_objects",
    "error_code", "api_operation", "api_service_name", "databucket_name", "actor_user_credential_uid",
})  # fmt: skip
_RECORDS = arrow_schema(RECORDS, CODED_COLUMNS)
_UNREAD = arrow_schema(UNREAD)


def records_of(evidence_id: str, block: Block, name: str, parsed: Parsed) -> pa.RecordBatch:
    """The records of a block as rows of the table: their place, their format, their columns."""
    rows = len(parsed)
    begins, ends = block.byte_ranges()
    place = {
        "evidence_id": all_same(evidence_id, rows),
        "line_first": numbers_of(block.numbers[parsed.first]),
        "line_last": numbers_of(block.numbers[parsed.last]),
        "byte_first": numbers_of(begins[parsed.first]),
        "byte_last": numbers_of(ends[parsed.last]),
        "source_format": all_same(name, rows),
    }
    # What was wrapped in another format says itself which one it is.
    columns = place | parsed.columns
    arrays = [_typed(columns.get(each.name), each.type, rows) for each in _RECORDS]
    return pa.RecordBatch.from_arrays(arrays, schema=_RECORDS)


def _typed(array: pa.Array | None, kind: pa.DataType, rows: int) -> pa.Array:
    if array is None:
        return pa.nulls(rows, kind)
    return array.dictionary_encode() if kind == CODED and array.type != CODED else array


def in_line_order(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Join the records that several parsers read from one block, by line."""
    if len(batches) == 1:
        return batches[0]
    table = pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()
    order = np.argsort(table.column("line_first").to_numpy(), kind="stable")
    return table.take(numbers_of(order)).combine_chunks().to_batches()[0]


def _never(_line: bytes) -> bool:
    return False


@dataclass
class UnreadRows:
    """Rows of ``unread`` in the making. Blank lines that follow each other become one row."""

    evidence_id: str
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    blank_lines: int = 0
    other_lines: int = 0

    def add_lines(
        self, block: Block, left: Ints, reason: str, is_heading: Callable[[bytes], bool] = _never
    ) -> None:
        """Add the block's lines of these indexes: one row each, or one per run of blank lines."""
        for index in left.tolist():
            line = block.line(index)
            if line.strip():
                self.add_line(block, index, "heading" if is_heading(line) else reason)
            else:
                self._add_blank(block, index)

    def add_line(self, block: Block, index: int, reason: str) -> None:
        """Add one line of the block."""
        number = int(block.numbers[index])
        first, last = (int(places[index]) for places in block.byte_ranges())
        sample = block.line(index)[:SAMPLE_BYTES].decode("utf-8", "replace")
        self.rows.append((number, number, first, last, reason, sample))
        self.other_lines += 1

    def add_long(self, line: LongLine) -> None:
        """Add a line too long to be read."""
        sample = line.sample.decode("utf-8", "replace")
        self.rows.append((line.number, line.number, line.byte_first, line.byte_last, "too-long", sample))
        self.other_lines += 1

    def add_whole(self, lines: int, size: int, reason: str, sample: bytes) -> None:
        """Add a whole file as one row."""
        if lines:
            self.rows.append((1, lines, 0, size, reason, sample.decode("utf-8", "replace")))
            self.other_lines += lines

    def take_batch(self) -> pa.RecordBatch:
        """Hand over the rows so far and begin anew."""
        rows, self.rows = self.rows, []
        columns = [[self.evidence_id] * len(rows), *zip(*rows, strict=True)] if rows else [[]] * len(_UNREAD)
        arrays = [pa.array(column, kind) for column, kind in zip(columns, _UNREAD.types, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=_UNREAD)

    def _add_blank(self, block: Block, index: int) -> None:
        self.blank_lines += 1
        number, last = int(block.numbers[index]), int(block.stops[index]) + block.byte_base
        before = self.rows[-1] if self.rows else None
        if before is not None and before[4] == "blank" and before[1] == number - 1:
            self.rows[-1] = (before[0], number, before[2], last, "blank", "")
        else:
            self.rows.append((number, number, int(block.starts[index]) + block.byte_base, last, "blank", ""))
