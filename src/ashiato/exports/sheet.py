"""A CSV file from a query: columns, encoding, line ends. Rows flow in batches, whatever their number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.api import Store
from ashiato.exports.cell import MARKED, shield
from ashiato.exports.pieces import event_pieces, record_pieces
from ashiato.exports.whole import whole_file
from ashiato.terms.times import iso_of

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Sheet:
    """One CSV file: its name, its columns, and the query that gives its rows in their order.

    ``times``: columns that the query gives in microseconds and the file in ISO 8601 with offset.
    ``by_record``: the query takes its records from ``sheet_records`` and is asked for some at a time, so
    that memory stays bounded however many people were reached. ``by_event``: the same of ``feed_events``.
    ``mark``: what the file begins with, the byte order mark by which a spreadsheet knows UTF-8.
    """

    name: str
    columns: tuple[str, ...]
    sql: str
    times: tuple[str, ...] = ()
    by_record: bool = False
    by_event: bool = False
    mark: bytes = _BOM


def write_sheet(sheet: Sheet, store: Store, zone: tzinfo, folder: Path) -> Path:
    """Write a sheet as UTF-8 after RFC 4180; the file is whole or absent.

    Every value is text; NULL is an empty cell. Cells a spreadsheet would run follow ``exports.cell``.
    """
    path = folder / sheet.name
    with whole_file(path) as file:
        file.write(sheet.mark + ",".join(sheet.columns).encode() + b"\r\n")
        for sql in _queries(sheet, store):
            for batch in store.batches(sql):
                file.write(_lines(sheet, zone, batch))
    return path


def _queries(sheet: Sheet, store: Store) -> Iterator[str]:
    if not (sheet.by_record or sheet.by_event):
        yield sheet.sql
        return
    for _ in record_pieces(store) if sheet.by_record else event_pieces(store):
        yield sheet.sql


def _lines(sheet: Sheet, zone: tzinfo, batch: pa.RecordBatch) -> bytes:
    if batch.num_rows == 0:
        return b""
    cells = [
        _cells(_times(column, zone) if name in sheet.times else column)
        for name, column in zip(sheet.columns, batch.columns, strict=True)
    ]
    lines = pc.binary_join_element_wise(*cells, ",")
    return ("\r\n".join(lines.to_pylist()) + "\r\n").encode()


def _times(column: pa.Array, zone: tzinfo) -> pa.Array:
    texts = [None if us is None else iso_of(us, zone) for us in column.to_pylist()]
    return pa.array(texts, pa.string())


def _cells(column: pa.Array) -> pa.Array:
    texts = _shielded(pc.fill_null(column.cast(pa.string()), ""))
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(texts, '"', '""'), '"', "")
    return pc.if_else(pc.match_substring_regex(texts, '[",\r\n]'), quoted, texts)


def _shielded(texts: pa.Array) -> pa.Array:
    where = pc.match_substring_regex(texts, MARKED)
    if not pc.any(where).as_py():
        return texts
    changed = [shield(text) for text in texts.filter(where).to_pylist()]
    return pc.replace_with_mask(texts, where, pa.array(changed, pa.string()))
