"""Many relations put below each other, some at a time: an engine opens all that a query names at once."""

from __future__ import annotations

from collections.abc import Sequence

from ashiato.engine.store import Station, Store

#: A schema of some hundred tables, all of them widened by each of some statements, makes thousands.
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
