"""What came of one file: its records, its unread lines, and one row of ``readings``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from ashiato.engine.reading.blocks import SAMPLE_BYTES, Block, Ints, LongLine
from ashiato.engine.reading.parser import Parsed
from ashiato.engine.store import arrow_schema
from ashiato.engine.tables import RECORDS, UNREAD

_RECORDS = arrow_schema(RECORDS)
_UNREAD = arrow_schema(UNREAD)


def records_of(evidence_id: str, block: Block, name: str, parsed: Parsed) -> pa.RecordBatch:
    """The records of a block as rows of the table: their place, their format, their columns."""
    rows = len(parsed)
    place = {
        "evidence_id": pa.repeat(pa.scalar(evidence_id), rows),
        "line_first": pa.array(block.numbers[parsed.first]),
        "line_last": pa.array(block.numbers[parsed.last]),
        "byte_first": pa.array(block.starts[parsed.first] + block.byte_base),
        "byte_last": pa.array(block.stops[parsed.last] + block.byte_base),
        "source_format": pa.repeat(pa.scalar(name), rows),
    }
    columns = parsed.columns | place
    arrays = [columns[each.name] if each.name in columns else pa.nulls(rows, each.type) for each in _RECORDS]
    return pa.RecordBatch.from_arrays(arrays, schema=_RECORDS)


def in_line_order(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Join the records that several parsers read from one block, by line."""
    if len(batches) == 1:
        return batches[0]
    whole = pa.concat_batches(batches)
    order = np.argsort(whole.column("line_first").to_numpy(), kind="stable")
    return whole.take(pa.array(order))


@dataclass
class UnreadRows:
    """Rows of ``unread`` in the making. Blank lines that follow each other become one row."""

    evidence_id: str
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    blank_lines: int = 0
    other_lines: int = 0

    def add_lines(self, block: Block, left: Ints, reason: str) -> None:
        """Add the block's lines of these indexes: one row each, or one per run of blank lines."""
        for index in left.tolist():
            line = block.content[block.starts[index] : block.stops[index]]
            if line.strip(b" \t\r\f\v"):
                self.add(block, index, reason, line[:SAMPLE_BYTES])
                self.other_lines += 1
            else:
                self._add_blank(block, index)
                self.blank_lines += 1

    def add(self, block: Block, index: int, reason: str, sample: bytes) -> None:
        """Add one line of the block."""
        number = int(block.numbers[index])
        first, last = int(block.starts[index]), int(block.stops[index])
        base = block.byte_base
        self.rows.append(
            (number, number, base + first, base + last, reason, sample.decode("utf-8", "replace"))
        )

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
        number, last = int(block.numbers[index]), int(block.stops[index]) + block.byte_base
        before = self.rows[-1] if self.rows else None
        if before is not None and before[4] == "blank" and before[1] == number - 1:
            self.rows[-1] = (before[0], number, before[2], last, "blank", "")
        else:
            self.rows.append((number, number, int(block.starts[index]) + block.byte_base, last, "blank", ""))
