"""Database dumps turned into a snapshot's form: ``<table>.csv`` for each table, and ``schema.sql``.

In the CSV an empty field without quotes is NULL and ``""`` is an empty text. Sources: PostgreSQL 17 manual,
COPY, text format; SQLite file format 3; both read 2026-11-22.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from ashiato.terms.errors import CaseError, Place

SCHEMA = "schema.sql"
_SQLITE = b"SQLite format 3\0"
_SQLITE_ENTRIES = """
    SELECT type, name, sql FROM sqlite_master
    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite^_%' ESCAPE '^' ORDER BY rowid
"""
_COPY = re.compile(
    rb"""COPY\s+(?P<table>(?:"(?:[^"]|"")+"|[^\s"(])+)   # schema.table, either part quoted or not
         \s*\((?P<columns>.*)\)\s+FROM\s+stdin;\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
_IDENTIFIER = re.compile(r'"((?:[^"]|"")+)"|([^\s",.]+)')
_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_NEEDS_QUOTES = re.compile(r'[",\r\n]|^\s|\s$|^$')


def convert_dump(path: Path, folder: Path) -> None:
    """Write the tables of a SQLite file, or of a plain pg_dump with COPY, into ``folder``.

    Raises: CaseError: the file is neither, or holds its rows as INSERT statements.
    """
    with path.open("rb") as file:
        head = file.read(len(_SQLITE))
        file.seek(0)
        if head == _SQLITE:
            _convert_sqlite(path, folder)
        else:
            _convert_postgresql(file, path, folder)


def convert_parquet(path: Path, folder: Path) -> None:
    """Write one Parquet file as CSV of the same name; CaseError when a column has no form as text."""
    try:
        with pq.ParquetFile(path) as file, _table_file(folder, path.stem) as out:
            rows = (row for batch in file.iter_batches() for row in _rows_of(batch))
            _write_rows(out, file.schema_arrow.names, rows)
    except (pa.ArrowException, OSError) as error:
        raise _refusal(path, f"the Parquet file cannot be read as a table: {error}") from error


def _rows_of(batch: pa.RecordBatch) -> Iterator[tuple[str | None, ...]]:
    return zip(*(column.cast(pa.string()).to_pylist() for column in batch.columns), strict=True)


def _convert_sqlite(path: Path, folder: Path) -> None:
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as database:
            database.text_factory = _text
            _write_sqlite(database, folder)
    except sqlite3.Error as error:
        raise _refusal(path, f"the SQLite file cannot be read: {error}") from error


def _write_sqlite(database: sqlite3.Connection, folder: Path) -> None:
    entries = database.execute(_SQLITE_ENTRIES).fetchall()
    (folder / SCHEMA).write_text("".join(f"{sql};\n" for _, _, sql in entries), encoding="utf-8")
    for kind, name, sql in entries:
        if kind == "table" and not sql.upper().startswith("CREATE VIRTUAL"):
            quoted = name.replace('"', '""')
            rows = database.execute(f'SELECT * FROM "{quoted}"')
            columns = [column[0] for column in rows.description]
            with _table_file(folder, name) as out:
                _write_rows(out, columns, (tuple(map(_cell_of, row)) for row in rows))


def _convert_postgresql(file: BinaryIO, path: Path, folder: Path) -> None:
    tables = 0
    with (folder / SCHEMA).open("w", encoding="utf-8", newline="\n") as schema:
        for line in file:
            copy = _COPY.match(line)
            if copy:
                tables += 1
                names = _identifiers(copy["table"])
                name = ".".join(names[1:] if names[0] == "public" else names)
                with _table_file(folder, name) as out:
                    _write_rows(out, _identifiers(copy["columns"]), _copied_rows(file, path))
            elif line[:12].upper() == b"INSERT INTO ":
                raise _refusal(path, "the dump holds its rows as INSERT statements")
            else:
                schema.write(_text(line))
    if not tables:
        raise _refusal(path, "this is neither a SQLite file nor a plain pg_dump")


def _copied_rows(file: Iterable[bytes], path: Path) -> Iterator[tuple[str | None, ...]]:
    """Yield the rows of one COPY block, up to its closing line."""
    for line in file:
        text = line.rstrip(b"\r\n")
        if text == b"\\.":
            return
        yield tuple(None if cell == b"\\N" else _unescaped(cell) for cell in text.split(b"\t"))
    raise _refusal(path, "the dump breaks off inside a table")


def _unescaped(cell: bytes) -> str:
    return _text(_ESCAPE.sub(_unescape_one, cell) if b"\\" in cell else cell)


def _unescape_one(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if code[:1] == b"x" and len(code) > 1:
        return bytes([int(code[1:], 16)])
    if code[:1].isdigit() and code[0] < ord("8"):
        return bytes([int(code, 8) & 0xFF])
    return _ESCAPED.get(code, code)


def _identifiers(text: bytes) -> list[str]:
    return [quoted.replace('""', '"') or plain for quoted, plain in _IDENTIFIER.findall(_text(text))]


def _table_file(folder: Path, name: str) -> TextIO:
    """Open a table's file for writing; a name can neither leave the folder nor take another's place."""
    safe = name.replace("%", "%25").replace("/", "%2F").replace("\0", "%00")
    return (folder / f"{safe}.csv").open("x", encoding="utf-8", newline="")


def _write_rows(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> None:
    out.write(",".join(map(_field, columns)) + "\n")
    out.writelines(",".join(map(_field, row)) + "\n" for row in rows)


def _field(cell: str | None) -> str:
    if cell is None:
        return ""
    return '"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell


def _cell_of(value: object) -> str | None:
    """Write a SQLite value as PostgreSQL would: bytes in hexadecimal, numbers in full."""
    if value is None:
        return None
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _refusal(path: Path, what: str) -> CaseError:
    fix = "load it into a database and export each table as <table>.csv, with schema.sql beside them"
    return CaseError(what, where=Place(str(path)), fix=fix)
