"""What the snapshots' schemas declare of tables: keys, other unique columns, references."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ashiato.datamap.draft.ddl import read_schema
from ashiato.datamap.draft.seen import SeenSystem, SeenTable


def declared_in(folders: Iterable[Path]) -> dict[str, SeenTable]:
    """Return what the schemas in snapshots' folders say of each table; of two the later counts."""
    found: dict[str, SeenTable] = {}
    for schema in (folder / "schema.sql" for folder in folders):
        system = SeenSystem("")
        if schema.is_file():
            read_schema(schema, system)
        found |= {name: table for name, table in system.tables.items() if table.columns}
    return found


def is_only_key(told: SeenTable | None, key: tuple[str, ...]) -> bool:
    """Tell whether a schema knows a table and nothing unique of it but this key."""
    return told is not None and set(told.key) == set(key) and set(map(tuple, told.uniques)) <= {told.key}
