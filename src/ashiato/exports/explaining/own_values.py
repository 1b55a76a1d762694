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
    table = _table_of(outcome.datamap, record.system, record.table)
    if table is not None and table.key:
        for snapshot in list_snapshots(outcome.case):
            row = _row(outcome, snapshot.folder / f"{table.name}.csv", table, record.key)
            found |= {value for name, value in row.items() if value and name not in table.key}
    return sorted(found)


def read_own_row(outcome: Outcome, system: str, table: str, key: str) -> dict[str, str]:
    """Return the values of a record by column, as its system's newest snapshot that has it holds them."""
    known = _table_of(outcome.datamap, system, table)
    if known is None or not known.key:
        return {}
    taken = [each for each in list_snapshots(outcome.case) if each.system == system]
    for snapshot in sorted(taken, key=lambda each: each.as_of_us, reverse=True):
        row = _row(outcome, snapshot.folder / f"{known.name}.csv", known, key)
        if row:
            return {name: value or "" for name, value in row.items()}
    return {}


def _table_of(datamap: DataMap, system: str, table: str) -> DataTable | None:
    known = datamap.systems.get(system)
    return None if known is None else known.tables.get(table)


def _row(outcome: Outcome, path: Path, table: DataTable, key: str) -> dict[str, str | None]:
    parts = key.split("|")
    if not path.is_file() or len(parts) != len(table.key):
        return {}
    read = "FROM read_csv(?, all_varchar = true)"
    fits = " AND ".join(f"{quote_name(column)} = ?" for column in table.key)
    rows = outcome.store.rows(f"SELECT * {read} WHERE {fits}", [str(path), *parts])
    if not rows:
        return {}
    names = (name for name, *_ in outcome.store.rows(f"DESCRIBE SELECT * {read}", [str(path)]))
    return dict(zip(names, rows[0], strict=True))
