"""The values of one record, so that they can be covered in raw lines: from snapshots and transcripts."""

from __future__ import annotations

from pathlib import Path

from ashiato.datamap.model import DataMap, DataTable
from ashiato.engine.api import Outcome, list_snapshots, quote_name
from ashiato.exports.explaining.note import Record


def list_own_values(outcome: Outcome, record: Record) -> list[str]:
    """Return every value known of a record, sorted; its key is not one of them."""
    whose = [record.table, record.key]
    sql = "SELECT DISTINCT value FROM recovered WHERE table_name = ? AND record_key = ?"
    found = {value for (value,) in outcome.store.rows(sql, whose) if value}
    table = _table_of(outcome.datamap, record)
    if table is not None and table.key:
        for snapshot in list_snapshots(outcome.case):
            found |= _row_values(outcome, snapshot.folder / f"{table.name}.csv", table, record)
    return sorted(found)


def _table_of(datamap: DataMap, record: Record) -> DataTable | None:
    system = datamap.systems.get(record.system)
    return None if system is None else system.tables.get(record.table)


def _row_values(outcome: Outcome, path: Path, table: DataTable, record: Record) -> set[str]:
    parts = record.key.split("|")
    if not path.is_file() or len(parts) != len(table.key):
        return set()
    fits = " AND ".join(f"{quote_name(column)} = ?" for column in table.key)
    sql = f"SELECT * EXCLUDE ({', '.join(map(quote_name, table.key))}) FROM read_csv(?, all_varchar = true)"
    rows = outcome.store.rows(f"{sql} WHERE {fits}", [str(path), *parts])
    return {value for row in rows for value in row if value}
