"""A snapshot's tables as they are kept: one CSV file each, an empty field NULL and ``""`` an empty text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from ashiato.terms.errors import CaseError, Place

Cells = Sequence[str | None]

_NEEDS_QUOTES = re.compile(r'[",\r\n]|^\s|\s$|^$')


class TableFiles:
    """The CSV files of one dump, each opened at its table's first row and kept open to the last."""

    def __init__(self, folder: Path, source: Path) -> None:
        """``source`` is the dump, for what is said of it."""
        self._folder = folder
        self._source = source
        self._open: dict[str, tuple[TextIO, tuple[str, ...]]] = {}

    def __enter__(self) -> Self:
        """Use as a context, so that every file is closed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files."""
        for file, _ in self._open.values():
            file.close()

    def __contains__(self, table: str) -> bool:
        """Tell whether a table was begun."""
        return table in self._open

    def __len__(self) -> int:
        """Return how many tables were begun."""
        return len(self._open)

    def begin(self, table: str, columns: Sequence[str]) -> None:
        """Begin a table, unless it was begun before."""
        if table not in self._open:
            file = self._made(table)
            file.write(",".join(map(_field, columns)) + "\n")
            self._open[table] = (file, tuple(columns))

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Cells], line: int) -> None:
        """Add rows to a table; CaseError where a row has other columns than the table began with."""
        self.begin(table, columns)
        file, begun = self._open[table]
        order = _order_of(begun, columns)
        for row in rows:
            if len(row) != len(columns) or order is None:
                raise self.refusal(
                    f"a row of table {table} has other columns than the table", line,
                    "write the dump anew with --complete-insert (mysqldump) or --column-inserts (pg_dump)",
                )  # fmt: skip
            file.write(",".join(_field(row[at]) if at is not None else "" for at in order) + "\n")

    def refusal(self, what: str, line: int | None = None, fix: str | None = None) -> CaseError:
        """Return the error that says what is wrong with the dump, and where."""
        return refusal_of(self._source, what, line, fix)

    def _made(self, table: str) -> TextIO:
        """Open a table's file; a name can neither leave the folder nor take another's place."""
        safe = table.replace("%", "%25").replace("/", "%2F").replace("\0", "%00")
        try:
            return (self._folder / f"{safe}.csv").open("x", encoding="utf-8", newline="")
        except FileExistsError as error:
            raise self.refusal(
                f"table {table} is in another file beside this one too",
                fix="leave one of them out; other systems, or other times, are snapshots of their own",
            ) from error


def _order_of(begun: Sequence[str], columns: Sequence[str]) -> list[int | None] | None:
    """Return where each column of a table stands in a row, or None when the row has one more."""
    places: Mapping[str, int] = {name: number for number, name in enumerate(columns)}
    return [places.get(name) for name in begun] if set(columns) <= set(begun) else None


def _field(cell: str | None) -> str:
    if cell is None:
        return ""
    return '"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell


def refusal_of(source: Path, what: str, line: int | None = None, fix: str | None = None) -> CaseError:
    """Return the error that says what is wrong with a dump, and where."""
    otherwise = "load it into a database and export each table as <table>.csv, with schema.sql beside them"
    return CaseError(what, where=Place(str(source), line), fix=fix or otherwise)


def shown_bytes(content: bytes) -> str:
    """Write bytes as PostgreSQL does: in hexadecimal."""
    return f"\\x{content.hex()}"
