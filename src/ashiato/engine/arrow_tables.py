"""Declared tables as Arrow and Parquet have them, and the writing of those too large to hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ashiato.engine.tables import Table

# Arrow's own allocator gives the memory of each block back and has it cleared anew: a quarter of all reading.
pa.set_memory_pool(pa.system_memory_pool())
_ARROW_TYPES = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
}
#: The Arrow type of a text column of few values, as streams may hand it over.
CODED = pa.dictionary(pa.int32(), pa.string())
_GROUP_ROWS = 120_000
_LONG_TEXTS = frozenset({
    "http_request_target", "http_request_path", "http_request_query", "query_text", "query_binds",
    "error_text", "message", "unmapped", "sample",
})  # fmt: skip


class BatchWriter:
    """Gathers record batches into row groups large enough to be read quickly; a thread packs and writes them.

    One group is being written while the next is gathered, never more.
    """

    def __init__(self, file: pq.ParquetWriter, schema: pa.Schema, thread: ThreadPoolExecutor) -> None:
        """``file`` is open and has this schema; ``thread`` is one, so that groups keep their order."""
        self._file = file
        self._schema = schema
        self._thread = thread
        self._begun: Future[None] | None = None
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Take a batch of the stream's schema; raises what an earlier group's writing raised."""
        self._held.append(batch)
        self._rows += batch.num_rows
        if self._rows >= _GROUP_ROWS:
            self._begin_group()

    def finish(self) -> None:
        """Write what is held and wait until all of it is written."""
        if self._rows:
            self._begin_group()
        self._wait()

    def _begin_group(self) -> None:
        self._wait()
        self._begun = self._thread.submit(self._write_group, self._held, self._rows)
        self._held, self._rows = [], 0

    def _wait(self) -> None:
        if self._begun is not None:
            self._begun.result()

    def _write_group(self, held: list[pa.RecordBatch], rows: int) -> None:
        group = pa.Table.from_batches(held, schema=self._schema).unify_dictionaries()
        self._file.write_table(group, row_group_size=rows)


def arrow_schema(table: Table, coded: Collection[str] = ()) -> pa.Schema:
    """The table's columns as an Arrow schema, in declared order; ``coded`` ones as dictionaries."""
    kinds = {name: _ARROW_TYPES[kind] for name, kind in table.columns.items()}
    return pa.schema([(name, CODED if name in coded else kind) for name, kind in kinds.items()])


def packing(table: Table) -> dict[str, Any]:
    """How a streamed table is packed: numbers as steps, short texts as codes, long texts as they are."""
    numbers = [name for name, kind in table.columns.items() if kind == "BIGINT"]
    return {
        "compression": "snappy",
        "use_dictionary": [n for n in table.columns if n not in numbers and n not in _LONG_TEXTS],
        "column_encoding": dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        "write_statistics": [n for n in table.columns if n in (*numbers, "evidence_id")],
        "write_batch_size": _GROUP_ROWS,
        "store_schema": False,
    }


def arrow_of(table: Table, rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    """Rows of a declared table, few enough to hold, as an Arrow table."""
    held = list(rows)
    schema = arrow_schema(table)
    arrays = [pa.array([row[i] for row in held], kind) for i, kind in enumerate(schema.types)]
    return pa.table(arrays, schema=schema)
