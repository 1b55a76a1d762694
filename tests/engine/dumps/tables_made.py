"""Tables that a dump became, read as a snapshot's are: NULL is not an empty text."""

from __future__ import annotations

from pathlib import Path

from ashiato.engine.dumps import convert_dump
from ashiato.engine.store import Store

Cells = tuple[str | None, ...]


def converted(folder: Path, content: str | bytes) -> Path:
    """Convert a dump in a folder; returns the folder of its tables."""
    dump, out = folder / "dump.sql", folder / "out"
    dump.write_bytes(content if isinstance(content, bytes) else content.encode())
    out.mkdir()
    convert_dump(dump, out)
    return out


def rows_of(folder: Path, name: str) -> list[Cells]:
    """Return the rows of a table below its columns' names."""
    with Store(folder / "store") as store:
        path = str(folder / f"{name}.csv").replace("'", "''")
        options = "header = true, all_varchar = true, quote = '\"', escape = '\"', delim = ','"
        return store.rows(f"SELECT * FROM read_csv('{path}', {options}, allow_quoted_nulls = false)")


def columns_of(folder: Path, name: str) -> str:
    """Return the line of a table's columns."""
    return (folder / f"{name}.csv").read_text("utf-8").partition("\n")[0]
