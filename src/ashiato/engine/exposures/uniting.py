"""Many relations put below each other: at once, some at a time, or each as soon as it is made."""

from __future__ import annotations

from collections.abc import Sequence

from ashiato.engine.store import Station, Store

#: An engine opens all that a query names at once, and a schema of some hundred tables, all of them widened by
#: each of some statements, makes thousands.
_AT_ONCE = 60


def unite_parts(store: Store, name: str, parts: Sequence[str]) -> None:
    """Write a relation of all rows of these queries, which have the same columns."""
    held = list(parts)
    level = 0
    while len(held) > _AT_ONCE:
        pieces = [held[start : start + _AT_ONCE] for start in range(0, len(held), _AT_ONCE)]
        names = [f"{name}_part{level}_{number}" for number in range(len(pieces))]
        for piece, each in zip(names, pieces, strict=True):
            store.run(Station(piece, " UNION ALL ".join(each)))
        held = [f"SELECT * FROM {piece}" for piece in names]
        level += 1
    store.run(Station(name, " UNION ALL ".join(held)))


class Pile:
    """A relation of the rows of many, which are let go one by one."""

    def __init__(self, store: Store, name: str, nothing: str) -> None:
        """``nothing``: a query for its columns, without a row."""
        self._store = store
        self._name = name
        self._nothing = nothing
        self._left: list[str] = []
        if store.appends:
            store.begin(name, nothing)

    def add(self, names: Sequence[str]) -> None:
        """Put the rows of these relations below; where the engine can, the relations are gone then."""
        if self._store.appends:
            self._store.append(self._name, names)
        else:
            self._left += names

    def finish(self) -> None:
        """See that all rows are there."""
        if not self._store.appends:
            parts = [self._nothing, *(f"SELECT * FROM {name}" for name in self._left)]
            unite_parts(self._store, self._name, parts)
