"""Small readings of a written map that several checks share: its names, columns and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def names_of(value: str | list[str] | None) -> tuple[str, ...]:
    """Return one name, a list of names or nothing as a tuple."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def columns_of(table: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the columns a written table lists, in its order."""
    return tuple((table or {}).get("columns") or {})


def find_table(name: str, reach: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the tables of the first system that has a table of this name."""
    return next((tables for tables in reach if name in tables), None)
