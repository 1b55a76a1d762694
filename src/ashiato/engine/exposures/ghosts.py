"""Rows that were there at a statement's time and are not in the snapshot, with what the log says of them.

Rows taken out before the snapshot, and rows put in after an older one. Most of their columns are unknown;
a replay cannot read them, but whoever may have stood beside them in a reply can be told (``partners``).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pyarrow as pa

from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.store import Station, Store, quote_name

#: What is known of a row: column and value as text, in order of columns.
Known = tuple[tuple[str, str], ...]
_FIRST_US, _LAST_US = -(1 << 60), 1 << 60


@dataclass(frozen=True, order=True)
class Gone:
    """A row that a statement took out, or put in, at a time."""

    kept_as: str
    known: Known
    time_us: int


@dataclass(frozen=True)
class Ghosts:
    """A relation of ghosts of one table, all with the same known columns.

    Its columns are these, ``_ord``, and ``_from_us`` and ``_to_us``, between which the rows were there.
    """

    relation: str
    columns: frozenset[str]


def write_ghosts(store: Store, states: tuple[State, ...], gone: list[Gone], put_in: list[Gone]) -> None:
    """Write the ghosts of every table, by what is known of them, and ``ghost_sets``: which these are."""
    tables = {table.kept_as: (state, table) for state in states for table in state.tables.values()}
    gathered: dict[tuple[str, tuple[str, ...]], list[tuple[Known, int, int]]] = defaultdict(list)
    for kept_as, known, begun_us, ended_us in _lives(tables, gone, put_in):
        gathered[kept_as, tuple(name for name, _ in known)].append((known, begun_us, ended_us))
    sets: list[tuple[str, str, str]] = []
    for number, ((kept_as, columns), rows) in enumerate(sorted(gathered.items())):
        relation = f"ghosts_{number}"
        _write_set(store, relation, tables[kept_as][1], columns, sorted(set(rows)))
        sets.append((kept_as, relation, "|".join(columns)))
    kinds = pa.schema([(name, pa.string()) for name in ("kept_as", "relation", "known")])
    arrays = [pa.array([row[i] for row in sets], pa.string()) for i in range(3)]
    store.write_as("ghost_sets", pa.table(arrays, schema=kinds))


def ghosts_of(store: Store) -> dict[str, tuple[Ghosts, ...]]:
    """Return the ghosts' relations by table."""
    found: dict[str, list[Ghosts]] = defaultdict(list)
    for kept_as, relation, known in store.rows(
        "SELECT kept_as, relation, known FROM ghost_sets ORDER BY relation"
    ):
        found[kept_as].append(Ghosts(relation, frozenset(filter(None, known.split("|")))))
    return {kept_as: tuple(held) for kept_as, held in found.items()}


def _lives(
    tables: dict[str, tuple[State, StateTable]], gone: list[Gone], put_in: list[Gone]
) -> list[tuple[str, Known, int, int]]:
    """Return each ghost's table, what is known of it, and when it was there."""
    told = {
        (row.kept_as, key): row
        for row in put_in
        if (key := _key_of(tables[row.kept_as][1], row.known)) is not None
    }
    lives = []
    for row in gone:
        key = _key_of(tables[row.kept_as][1], row.known)
        before = told.get((row.kept_as, key)) if key is not None else None
        if before is not None and before.time_us < row.time_us:
            known = tuple(sorted((dict(before.known) | dict(row.known)).items()))
            lives.append((row.kept_as, known, before.time_us, row.time_us))
        else:
            lives.append((row.kept_as, row.known, _FIRST_US, row.time_us))
    later = [row for row in put_in if row.time_us > tables[row.kept_as][0].as_of_us]
    return lives + [(row.kept_as, row.known, row.time_us, _LAST_US) for row in later]


def _key_of(table: StateTable, known: Known) -> tuple[str, ...] | None:
    held = dict(known)
    return tuple(held[name] for name in table.key) if table.key and set(table.key) <= set(held) else None


def _write_set(
    store: Store,
    relation: str,
    table: StateTable,
    columns: tuple[str, ...],
    rows: list[tuple[Known, int, int]],
) -> None:
    texts = {
        f"v{place}": pa.array([known[place][1] for known, _, _ in rows], pa.string())
        for place in range(len(columns))
    }
    times = {
        # Below 0: no row of the snapshot.
        "_ord": pa.array([-1 - place for place in range(len(rows))], pa.int64()),
        "_from_us": pa.array([begun for _, begun, _ in rows], pa.int64()),
        "_to_us": pa.array([ended for _, _, ended in rows], pa.int64()),
    }
    store.write_as(f"raw_{relation}", pa.table({**texts, **times}))
    typed = ", ".join(
        f"TRY_CAST(v{place} AS {table.columns[name]}) AS {quote_name(name)}"
        for place, name in enumerate(columns)
    )
    shown = f"{typed}, " if typed else ""
    store.run(Station(relation, f"SELECT {shown}_ord, _from_us, _to_us FROM raw_{relation}"))
