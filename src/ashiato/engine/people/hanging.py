"""Rows of a table that hangs on people, directly or through others, each with its person's key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ashiato.datamap.model import DataTable
from ashiato.engine.people.sources import Source, keep_files, key_sql, rows_sql
from ashiato.engine.store import quote_name
from ashiato.engine.workspace import Workspace


@dataclass(frozen=True)
class Owned:
    """Whose table of people the rows hang on, and the query for them: ``_key``, ``_as_of``, ``_owner``."""

    owner: str
    sql: str


def owned_rows(
    workspace: Workspace, system: str, table: DataTable, wanted: Sequence[str], as_of: int | None = None
) -> Owned | None:
    """Return a table's rows with the wanted columns; None where a table on the way has no file.

    Of each row the newest file that has it is read; with ``as_of``, that snapshot's file of ``table``.
    """
    tables = workspace.datamap.systems[system].tables
    sql = _leaning(workspace, system, table, wanted, as_of)
    said = ", ".join(("_key", "_as_of", *map(quote_name, dict.fromkeys(wanted))))
    above = table
    while sql and not above.person and above.belongs:
        above = tables[above.belongs.table]
        if above.person:
            break
        up = _leaning(workspace, system, above, (), None)
        upper = f"SELECT _key AS _held, _owner AS _above FROM ({up}) AS p"
        joined = f"FROM ({sql}) AS c JOIN ({upper}) AS u ON u._held = c._owner"
        sql = f"SELECT {said}, u._above AS _owner {joined}" if up else ""
    return Owned(above.name, sql) if sql else None


def _leaning(
    workspace: Workspace, system: str, table: DataTable, wanted: Sequence[str], as_of: int | None
) -> str:
    """Return the query for a table's rows with the key of the row above as ``_owner``; no file, no text."""
    whole = workspace.datamap.systems[system]
    number = sorted(workspace.datamap.systems).index(system), sorted(whole.tables).index(table.name)
    kept = keep_files(workspace, system, table, f"hung_{number[0]}_{number[1]}")
    kept = tuple(each for each in kept if as_of in (None, each.as_of_us))
    leans = table.belongs.columns if table.belongs else table.key
    if not kept or not leans:
        return ""
    rows = rows_sql(workspace.store, Source(whole, table, {}, kept), (*wanted, *leans))
    return f"SELECT *, {key_sql(leans)} AS _owner FROM ({rows}) AS own"
