"""Snapshots' tables as files: read whole as CSV, or refused with the place at which they are none."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from ashiato.engine.store import Station, Store, quote_text
from ashiato.terms.errors import EvidenceError, Place

_LINE = re.compile(r"\bLine: (\d+)")


def refuse_no_tables(folder: Path, scratch: Path) -> None:
    """Raise EvidenceError where a CSV file of a folder is no table, as a run would find."""
    store = Store(scratch)
    try:
        for path in sorted(folder.glob("*.csv")):
            read_table(store, "looked_at", path)
    finally:
        store.close()


def read_table(store: Store, kept_as: str, path: Path) -> str:
    """Keep a CSV file as text columns plus ``_ord``; an unquoted empty cell is NULL.

    Returns the name it is kept as. Raises EvidenceError: it is no table; the place is named.
    """
    sql = (
        "SELECT row_number() OVER () - 1 AS _ord, * FROM read_csv("
        f"{quote_text(str(path))}, header = true, all_varchar = true, nullstr = '', "
        "allow_quoted_nulls = false, parallel = false, max_line_size = 16777216, quote = '\"', "
        "escape = '\"', delim = ',', strict_mode = false)"
    )
    try:
        store.run(Station(kept_as, sql, notyet="reads the snapshot's CSV"))
    except Exception as error:
        said = str(error).splitlines()[0]
        # Of the engine's own words only the place: they may quote a row.
        line = _LINE.search(str(error.__cause__ or error))
        raise _unreadable(path, said, int(line[1]) if line else None) from error
    _check_header(_header_of(path), list(store.columns(kept_as)), path)
    return kept_as


def _unreadable(path: Path, why: str, line: int | None = None) -> EvidenceError:
    return EvidenceError(
        f"the snapshot file cannot be read as CSV: {why}",
        where=Place(path.name, line),
        fix="write it as RFC 4180 CSV in UTF-8 with a header line",
    )


def _check_header(named: Sequence[str], held: Sequence[str], path: Path) -> None:
    """Refuse a table whose columns are not those of its first line: the engine passes over lines at odds."""
    columns = [name for name in held if name != "_ord"]
    alike = [not name or column.startswith(name) for name, column in zip(named, columns, strict=False)]
    if named and (len(named) != len(columns) or not all(alike)):
        raise _unreadable(path, f"its rows do not have the {len(named)} columns of its first line")


def _header_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return next(csv.reader(line.replace("\0", "") for line in file), [])
