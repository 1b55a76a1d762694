"""Read a live SQLite file: its tables, keys and links as declared, samples, whole columns on demand."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import pyarrow as pa
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ashiato.datamap.draft.seen import Link, SeenColumn, SeenSystem, SeenTable
from ashiato.datamap.draft.tabular import guess_type
from ashiato.datamap.sql_types import portable_type

_SAMPLE_ROWS = 2_000


def is_sqlite(path: Path) -> bool:
    """Tell whether the file at ``path`` is a SQLite database."""
    with path.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\0"


def read_sqlite(path: Path, system: SeenSystem) -> None:
    """Add the tables of the database at ``path`` to ``system``; it is opened for reading only."""
    system.engine = "sqlite"
    with closing(_open(path)) as connection:
        listed = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        for (name,) in connection.execute(listed).fetchall():
            table = system.tables.setdefault(name, SeenTable(name))
            _read_table(connection, table)
            table.read = partial(_read_columns, path, name)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _read_table(connection: sqlite3.Connection, table: SeenTable) -> None:
    name = _quoted(table.name)
    described = connection.execute(f"PRAGMA table_info({name})").fetchall()
    sample = connection.execute(f"SELECT * FROM {name} LIMIT {_SAMPLE_ROWS}").fetchall()
    for number, (_, column, kind, _, _, _) in enumerate(described):
        values = tuple(str(row[number]) for row in sample if row[number] not in (None, ""))
        table.columns[column] = SeenColumn(column, _type_of(kind) or guess_type(values), values=values)
    table.key = tuple(row[1] for row in sorted(described, key=lambda row: row[5]) if row[5])
    for _, index, unique, _, partly in connection.execute(f"PRAGMA index_list({name})").fetchall():
        if unique and not partly:
            parts = connection.execute(f"PRAGMA index_info({_quoted(index)})").fetchall()
            table.uniques.append(tuple(part[2] for part in parts if part[2]))
    _read_links(connection, table)


def _type_of(declared: str) -> str | None:
    try:
        return portable_type(exp.DataType.build(declared, dialect="sqlite")) if declared else None
    except (SqlglotError, ValueError):
        return None


def _read_links(connection: sqlite3.Connection, table: SeenTable) -> None:
    rows = connection.execute(f"PRAGMA foreign_key_list({_quoted(table.name)})").fetchall()
    for number in sorted({row[0] for row in rows}):
        parts = [row for row in rows if row[0] == number]
        to = tuple(part[4] for part in parts if part[4])
        columns = tuple(part[3] for part in parts)
        table.links.append(Link(columns, parts[0][2], to, "declared in the schema"))


def _read_columns(path: Path, table: str, names: Sequence[str]) -> pa.Table:
    listed = ", ".join(f"CAST({_quoted(name)} AS TEXT)" for name in names)
    with closing(_open(path)) as connection:
        rows = connection.execute(f"SELECT {listed} FROM {_quoted(table)}").fetchall()
    arrays = [pa.array([row[i] for row in rows], pa.string()) for i in range(len(names))]
    return pa.table(arrays, names=list(names))
