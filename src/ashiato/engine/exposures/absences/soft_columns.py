"""Columns that a replay on the snapshot may compare otherwise than the server did."""

from __future__ import annotations

import re

from ashiato.engine.exposures.state import State
from ashiato.engine.store import Store, quote_name

#: Types of which values that differ in writing are equal: padded, folded, in the session's zone.
_SOFT_TYPES = re.compile(
    r"\b(citext|bpchar|(?<!\")char(acter)?\s*\(|timestamptz|with time zone|timetz)", re.IGNORECASE
)


def soft_columns(store: Store, state: State) -> frozenset[str]:
    """Return the names of a system's columns that are compared in ways of their own, or not told apart.

    Of a text column without a single empty text, a CSV does not say whether its empty cells are NULL.
    """
    found = {
        column.name
        for table in state.system.tables.values()
        for column in table.columns.values()
        if column.type and _SOFT_TYPES.search(column.type)
    }
    for table in state.tables.values():
        found |= {name for name, kind in table.columns.items() if kind.endswith("TIME ZONE")}
        texts = [name for name, kind in table.columns.items() if kind == "VARCHAR"]
        found |= {name for name in texts if _is_unclear(store, table.kept_as, name)}
    return frozenset(found)


def _is_unclear(store: Store, table: str, name: str) -> bool:
    column = quote_name(name)
    sql = (
        f"SELECT count(*) FILTER (WHERE {column} IS NULL), count(*) FILTER (WHERE {column} = '') "
        f"FROM {quote_name(table)}"
    )
    nulls, empty = store.rows(sql)[0]
    return bool(nulls and not empty)


def unread_values(store: Store, state: State) -> int:
    """Return how many values of a snapshot could not be read as their column's type."""
    return sum(
        int(store.rows(_unread_sql(f"raw{table.place}", name, kind))[0][0])
        for table in state.tables.values()
        for name, kind in table.columns.items()
        if kind != "VARCHAR"
    )


def _unread_sql(raw: str, name: str, kind: str) -> str:
    column = quote_name(name)
    lost = f"{column} IS NOT NULL AND TRY_CAST({column} AS {kind}) IS NULL"
    return f"SELECT count(*) FROM {quote_name(raw)} WHERE {lost}"
