"""Rows that were there at a statement's time and are in no snapshot, with what the log says of them.

Rows put in after a snapshot and out before the next, or after the newest; rows taken out before the first.
Most of their columns are unknown; a replay cannot read them, but whoever may have stood beside them in a
reply can be told (``partners``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ashiato.engine.exposures.crowds import Crowd, crowd_sizes, crowds_of, write_crowds
from ashiato.engine.exposures.deeds import Known, Write
from ashiato.engine.exposures.former_keys import FormerKeys, Given, write_former_keys
from ashiato.engine.exposures.ghost_lives import GhostLife, ghost_lives
from ashiato.engine.exposures.state import StateTable
from ashiato.engine.store import Station, Store, quote_name

#: What is known of a ghost, with its place before it.
_Ghost = tuple[int, Known, int, int, str | None]
#: In place of whether its owner is known: a ghost is a person's own row.
_OWN = 2
#: A ghost's table and place, whether the columns that name its owner are known, and the key they make.
_Owner = tuple[str, int, int, str | None]
_OWNERS = (
    ("_table", pa.string()),
    ("row_ord", pa.int64()),
    ("known", pa.int32()),
    ("owner_key", pa.string()),
)


@dataclass(frozen=True)
class Ghosts:
    """A relation of ghosts of one table, all with the same known columns.

    Its columns are these, ``_ord``, and ``_from_us`` and ``_to_us``, between which the rows were there.
    """

    relation: str
    columns: frozenset[str]


def write_ghosts(
    store: Store,
    tables: Mapping[str, StateTable],
    writes: Mapping[str, Sequence[Write]],
    unseen: Collection[Write],
) -> None:
    """Write the ghosts of every table, by what is known of them, and ``ghost_sets``: which these are.

    ``unseen``: rows put in under keys not said that no snapshot since has. ``ghost_owners``: one row per
    ghost of a table that hangs on people, with the key of its owner. ``former_keys``: under which keys, that
    no snapshot holds, rows stood before.
    """
    gathered: dict[tuple[str, tuple[str, ...]], set[GhostLife]] = defaultdict(set)
    formerly = {kept_as: FormerKeys(tables[kept_as], held) for kept_as, held in writes.items()}
    given_since: list[Given] = []
    for kept_as, held in writes.items():
        seen = _seen_keys(store, tables[kept_as], {write.key for write in held if write.key is not None})
        for life in ghost_lives(tables[kept_as], held, seen, unseen):
            gathered[kept_as, tuple(name for name, _ in life[0])].add(life)
        given_since += [told for told in formerly[kept_as].told() if told[1] not in seen]
    write_former_keys(store, given_since)
    sets: list[tuple[str, str, str]] = []
    owners: list[_Owner] = []
    crowds: list[Crowd] = []
    sizes = {kept_as: crowd_sizes(held) for kept_as, held in writes.items()}
    given: Counter[str] = Counter()
    for number, ((kept_as, columns), lives) in enumerate(sorted(gathered.items())):
        relation, first = f"ghosts_{number}", given[kept_as]
        # Below 0: no row of the snapshot.
        rows = [(-1 - first - place, *life) for place, life in enumerate(sorted(lives, key=str))]
        given[kept_as] += len(rows)
        _write_set(store, relation, tables[kept_as], columns, rows)
        sets.append((kept_as, relation, "|".join(columns)))
        owners += _owners_of(tables[kept_as], rows, formerly[kept_as])
        crowds += crowds_of(kept_as, (ghost[:4] for ghost in rows), sizes[kept_as])
    write_crowds(store, crowds)
    _write_owners(store, owners)
    kinds = pa.schema([(name, pa.string()) for name in ("kept_as", "relation", "known")])
    arrays = [pa.array([row[i] for row in sets], pa.string()) for i in range(3)]
    store.write_as("ghost_sets", pa.table(arrays, schema=kinds))


def _owners_of(table: StateTable, rows: Sequence[_Ghost], formerly: FormerKeys) -> Iterator[_Owner]:
    """Yield whose the ghosts of a table are that hangs on people, as far as that is known.

    A person's own row that a write gave another key is the person's of the key before.
    """
    if table.owner is None or table.person_table is None:
        return
    own = table.person_table == table.name
    for place, told, begun_us, _, key in rows:
        known = dict(told)
        if own and (former := formerly.first(key, begun_us)) is not None:
            yield table.kept_as, place, 1, former
            continue
        parts = [known.get(name) for name in table.owner[1]]
        whole = set(table.owner[1]) <= set(known)
        yield (
            table.kept_as,
            place,
            _OWN if own else int(whole),
            "|".join(part or "" for part in parts) if whole else None,
        )


def _write_owners(store: Store, owners: Sequence[_Owner]) -> None:
    columns = {name: pa.array([one[n] for one in owners], kind) for n, (name, kind) in enumerate(_OWNERS)}
    store.write_as("ghost_owners", pa.table(columns))


def ghosts_of(store: Store) -> dict[str, tuple[Ghosts, ...]]:
    """Return the ghosts' relations by table."""
    found: dict[str, list[Ghosts]] = defaultdict(list)
    for kept_as, relation, known in store.rows(
        "SELECT kept_as, relation, known FROM ghost_sets ORDER BY relation"
    ):
        found[kept_as].append(Ghosts(relation, frozenset(filter(None, known.split("|")))))
    return {kept_as: tuple(held) for kept_as, held in found.items()}


def _seen_keys(store: Store, table: StateTable, keys: Iterable[str]) -> set[str]:
    """Return those of some keys whose rows are in a snapshot; history tells of them."""
    store.write_as("ghost_keys", pa.table({"_key": pa.array(sorted(keys), pa.string())}))
    kept = quote_name(table.kept_as)
    sql = f"SELECT DISTINCT g._key FROM ghost_keys AS g JOIN {kept} AS s ON s._key = g._key"
    return {key for (key,) in store.rows(sql)}


def _write_set(
    store: Store,
    relation: str,
    table: StateTable,
    columns: tuple[str, ...],
    rows: Sequence[_Ghost],
) -> None:
    texts = {
        f"v{place}": pa.array([known[place][1] for _, known, *_ in rows], pa.string())
        for place in range(len(columns))
    }
    times = {
        "_ord": pa.array([place for place, *_ in rows], pa.int64()),
        "_from_us": pa.array([begun for _, _, begun, *_ in rows], pa.int64()),
        "_to_us": pa.array([ended for _, _, _, ended, _ in rows], pa.int64()),
    }
    store.write_as(f"raw_{relation}", pa.table({**texts, **times}))
    typed = ", ".join(
        f"TRY_CAST(v{place} AS {table.columns[name]}) AS {quote_name(name)}"
        for place, name in enumerate(columns)
    )
    shown = f"{typed}, " if typed else ""
    store.run(Station(relation, f"SELECT {shown}_ord, _from_us, _to_us FROM raw_{relation}"))
