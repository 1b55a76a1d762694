"""Which fields nobody's trace leads to, in tables whose logs prove absence: the only ones said not leaked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ashiato.datamap.model import Column, DataMap
from ashiato.engine.api import Store
from ashiato.terms.categories import Category

_TRACED = "SELECT DISTINCT field FROM exposures"
_PROVEN = "SELECT system, table_name FROM absences WHERE proves"


@dataclass(frozen=True)
class ClearedFact:
    """One field of a people table that is proven not to have been reached, for anybody.

    ``whole_category``: every other field of its category, wherever the map has one, is cleared too.
    """

    field: str
    category: Category
    whole_category: bool


def gather_cleared(store: Store, datamap: DataMap) -> tuple[ClearedFact, ...]:
    """Return the cleared fields by name; one that stands in two systems is cleared in both or not at all."""
    traced = {field for (field,) in store.rows(_TRACED)}
    proven = set(store.rows(_PROVEN))
    told = [column for column in _columns(datamap) if column[2].category is not Category.OTHER]
    open_fields = {field for where, field, _ in told if where not in proven or field in traced}
    open_kinds = {column.category for _, field, column in told if field in open_fields}
    cleared = {field: column.category for _, field, column in told if field not in open_fields}
    return tuple(ClearedFact(field, kind, kind not in open_kinds) for field, kind in sorted(cleared.items()))


def _columns(datamap: DataMap) -> Iterator[tuple[tuple[str, str], str, Column]]:
    """Yield every column of the map: its system and table, its field's name, and itself."""
    for name, system in datamap.systems.items():
        for table in system.tables.values():
            for column in table.columns.values():
                yield (name, table.name), f"{table.name}.{column.name}", column
