"""A dump in SQL, line by line: rows to their tables, everything else to ``schema.sql``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, TextIO

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ashiato.engine.dumps.copied import COPY, copied_rows
from ashiato.engine.dumps.inserted import INSERT, Inserted, Writer, identifiers
from ashiato.engine.dumps.lines import Lines
from ashiato.engine.dumps.tables import TableFiles

_HEAD = 1 << 16
_MYSQL = re.compile(rb"(?m)^-- (?:MySQL|MariaDB) dump|^/\*M?!|^CREATE TABLE `")
_SQLITE = re.compile(rb"\A\s*PRAGMA foreign_keys\s*=", re.IGNORECASE)
_NO_BACKSLASHES = re.compile(rb"NO_BACKSLASH_ESCAPES", re.IGNORECASE)
_CREATE = re.compile(
    rb"CREATE\s+(?:UNLOGGED\s+|TEMP(?:ORARY)?\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<table>[^(\s]+|\"[^\"]+\")",
    re.IGNORECASE,
)
_DATA_OF = re.compile(
    rb"-- (?:Dumping data for table [`\"](?P<mysql>.+)[`\"]|Data for Name: (?P<pg>.+?); Type: TABLE DATA)"
)
_USE = re.compile(rb"USE\s+`(?P<database>[^`]+)`\s*;", re.IGNORECASE)
_DOLLARS = re.compile(rb"\$[A-Za-z_]*\$")
_DELIMITER = re.compile(rb"DELIMITER\s+(?P<mark>\S+)", re.IGNORECASE)
_BYTES = frozenset(
    {
        exp.DType.BINARY, exp.DType.VARBINARY, exp.DType.BLOB,
        exp.DType.TINYBLOB, exp.DType.MEDIUMBLOB, exp.DType.LONGBLOB,
    }
)  # fmt: skip
_DIALECTS = {"mysql": "mysql", "sqlite": "sqlite", "postgresql": "postgres"}


def convert_text(file: BinaryIO, tables: TableFiles, schema: TextIO) -> None:
    """Write the rows of a dump in SQL into their tables and the rest of it as the schema."""
    writer = _writer_of(file.read(_HEAD))
    file.seek(0)
    walk = _Walk(Lines(file, tables), tables, writer)
    schema.writelines(line.decode("utf-8", "replace") for line in walk.rest())
    walk.begin_empty_ones()


def holds_rows(file: BinaryIO, tables: TableFiles) -> bool:
    """Tell whether a text in SQL puts rows into tables itself, and not only in the code that it defines."""
    walk = _Walk(Lines(file, tables), tables, Writer("postgresql"))
    return any(COPY.match(line) or INSERT.match(line) for line in walk.outside_bodies())


def _writer_of(head: bytes) -> Writer:
    if _MYSQL.search(head):
        return Writer("mysql", backslashes=_NO_BACKSLASHES.search(head) is None)
    return Writer("sqlite" if _SQLITE.search(head) else "postgresql")


class _Walk:
    """The walk over one dump."""

    def __init__(self, lines: Lines, tables: TableFiles, writer: Writer) -> None:
        self._lines = lines
        self._tables = tables
        self._writer = writer
        self._made: dict[str, list[bytes]] = {}
        self._with_data: list[str] = []
        self._databases: list[str] = []
        self._columns: dict[str, dict[str, bool]] = {}

    def rest(self) -> Iterator[bytes]:
        """Yield the lines that hold no rows, while the others go to their tables."""
        making: list[bytes] | None = None
        for line in self.outside_bodies():
            start = line.lstrip()
            if (copy := COPY.match(line)) is not None:
                columns = identifiers(copy["columns"])
                self._tables.add(
                    self._name(copy["table"]), columns, copied_rows(self._lines), self._lines.number
                )
            elif (insert := INSERT.match(line)) is not None:
                self._take(line, insert)
            elif not start.startswith(b"\\"):
                self._note(line)
                made = _CREATE.match(start)
                if made is not None:
                    making = self._made.setdefault(self._name(made["table"]), [])
                if making is not None:
                    making.append(line)
                    making = None if start.rstrip().endswith(b";") else making
                yield line

    def begin_empty_ones(self) -> None:
        """Begin the tables that the dump says it holds and has no rows of."""
        if not len(self._tables):
            raise self._tables.refusal("this is neither a SQLite file nor a dump with rows")
        named = (
            self._made if self._writer.name == "sqlite" else [n for n in self._with_data if n in self._made]
        )
        for name in named:
            if name not in self._tables and (columns := self._columns_of(name)):
                self._tables.begin(name, list(columns))

    def outside_bodies(self) -> Iterator[bytes]:
        """Yield lines; of the bodies of functions and triggers, in which rows are put in too, none."""
        dollars, mark = b"", b""
        for line in self._lines:
            if dollars or mark:
                dollars = b"" if dollars and dollars in line else dollars
                changed = _DELIMITER.match(line) if mark else None
                mark = b"" if changed is not None and changed["mark"] == b";" else mark
                continue
            changed = _DELIMITER.match(line)
            if changed is not None and changed["mark"] != b";":
                mark = changed["mark"]
            elif not INSERT.match(line) and len(opened := _DOLLARS.findall(line)) % 2:
                dollars = opened[-1]
            else:
                yield line

    def _note(self, line: bytes) -> None:
        data, use = _DATA_OF.match(line), _USE.match(line)
        if data is not None:
            self._with_data.append(self._name(b'"' + (data["mysql"] or data["pg"]) + b'"'))
        if use is not None and (name := use["database"].decode("utf-8", "replace")) not in self._databases:
            self._databases.append(name)

    def _name(self, written: bytes) -> str:
        """Return a table's name: with its schema where that is not the usual one."""
        parts = identifiers(written)
        if self._writer.name == "mysql":
            # Only of the first database of several the tables go by their names alone.
            return parts[-1] if len(self._databases) < 2 else f"{self._databases[-1]}.{parts[-1]}"
        return ".".join(parts[1:] if parts[0] in ("public", "main") else parts)

    def _take(self, line: bytes, insert: re.Match[bytes]) -> None:
        name, number = self._name(insert["table"]), self._lines.number
        kinds = self._columns_of(name)
        columns = identifiers(insert["columns"]) if insert["columns"] else list(kinds)
        binary = [number for number, column in enumerate(columns) if kinds.get(column)]
        rows = Inserted(line, insert.end(), self._lines, self._writer, binary=binary)
        if name.startswith("sqlite_"):
            # The engine's own.
            for _ in rows:
                pass
        elif not columns:
            raise self._tables.refusal(
                f"the dump does not say which columns table {name} has", number,
                "write the dump anew with the tables' definitions, or with --complete-insert (mysqldump) or "
                "--column-inserts (pg_dump)",
            )  # fmt: skip
        else:
            self._tables.add(name, columns, rows, number)

    def _columns_of(self, name: str) -> dict[str, bool]:
        """Return a table's columns in order, as its definition has them, and whether each holds bytes."""
        if name not in self._columns:
            self._columns[name] = self._read_columns(name)
        return self._columns[name]

    def _read_columns(self, name: str) -> dict[str, bool]:
        text = b"".join(self._made.get(name, [])).decode("utf-8", "replace")
        try:
            tree = sqlglot.parse_one(text, read=_DIALECTS[self._writer.name]) if text else None
        except SqlglotError:
            return {}
        schema = tree.this if isinstance(tree, exp.Create) else None
        held = schema.expressions if isinstance(schema, exp.Schema) else []
        # SQLite's columns need no type.
        named = [one for one in held if isinstance(one, exp.ColumnDef | exp.Identifier | exp.Column)]
        return {one.name: self._is_binary(one) for one in named}

    def _is_binary(self, column: exp.Expr) -> bool:
        """Tell whether quoted text of a column is bytes; others than MySQL's dumps say so in the value."""
        kind = column.args.get("kind") if isinstance(column, exp.ColumnDef) else None
        return self._writer.name == "mysql" and isinstance(kind, exp.DataType) and kind.this in _BYTES
