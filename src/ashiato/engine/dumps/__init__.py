"""Database dumps turned into a snapshot's form: ``<table>.csv`` for each table, and ``schema.sql``.

In the CSV an empty field without quotes is NULL and ``""`` is an empty text. Source: SQLite file format 3,
read 2026-11-22; those of dumps in SQL are told where they are read (``copied``, ``inserted``).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ashiato.engine.dumps.tables import TableFiles, refusal_of, shown_bytes
from ashiato.engine.dumps.texts import convert_text, holds_rows

SCHEMA = "schema.sql"
_SQLITE = b"SQLite format 3\0"
_SQLITE_ENTRIES = """
    SELECT type, name, sql FROM sqlite_master
    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite^_%' ESCAPE '^' ORDER BY rowid
"""


def convert_dump(path: Path, folder: Path) -> None:
    """Write the tables of a SQLite file, or of a dump in SQL, into ``folder``.

    Dumps are read as pg_dump (COPY or INSERT), mysqldump, mariadb-dump and sqlite3 write them. A schema that
    is there already, a dump in SQL adds to.
    Raises: CaseError: the file is neither, a row of it cannot be read, or one of its tables is there already.
    """
    with path.open("rb") as file, TableFiles(folder, path) as tables:
        head = file.read(len(_SQLITE))
        file.seek(0)
        if head == _SQLITE:
            _convert_sqlite(path, folder, tables)
        else:
            with (folder / SCHEMA).open("a", encoding="utf-8", newline="\n") as schema:
                # What lies there may end within a line.
                schema.write("\n" if schema.tell() else "")
                convert_text(file, tables, schema)


def is_dump(path: Path) -> bool:
    """Tell whether a file of SQL holds rows of tables, and not only their definitions."""
    with path.open("rb") as file, TableFiles(path.parent, path) as tables:
        return holds_rows(file, tables)


def convert_parquet(path: Path, folder: Path) -> None:
    """Write one Parquet file as CSV of the same name; CaseError when a column has no form as text."""
    try:
        with pq.ParquetFile(path) as file, TableFiles(folder, path) as tables:
            rows = (row for batch in file.iter_batches() for row in _rows_of(batch))
            tables.add(path.stem, file.schema_arrow.names, rows, 0)
    except (pa.ArrowException, OSError) as error:
        raise refusal_of(path, f"the Parquet file cannot be read as a table: {error}") from error


def _rows_of(batch: pa.RecordBatch) -> Iterator[tuple[str | None, ...]]:
    return zip(*(column.cast(pa.string()).to_pylist() for column in batch.columns), strict=True)


def _convert_sqlite(path: Path, folder: Path, tables: TableFiles) -> None:
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as database:
            database.text_factory = _text
            _write_sqlite(database, folder, tables)
    except sqlite3.Error as error:
        raise refusal_of(path, f"the SQLite file cannot be read: {error}") from error


def _write_sqlite(database: sqlite3.Connection, folder: Path, tables: TableFiles) -> None:
    entries = database.execute(_SQLITE_ENTRIES).fetchall()
    (folder / SCHEMA).write_text("".join(f"{sql};\n" for _, _, sql in entries), encoding="utf-8")
    for kind, name, sql in entries:
        if kind == "table" and not sql.upper().startswith("CREATE VIRTUAL"):
            quoted = name.replace('"', '""')
            rows = database.execute(f'SELECT * FROM "{quoted}"')
            columns = [column[0] for column in rows.description]
            tables.add(name, columns, (tuple(map(_cell_of, row)) for row in rows), 0)


def _cell_of(value: object) -> str | None:
    """Write a SQLite value as PostgreSQL would: numbers in full."""
    if value is None:
        return None
    return shown_bytes(value) if isinstance(value, bytes) else str(value)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
