"""Rows kept under a condition for all executions of a group, named for one of them in each stretch of doubt.

What a row held when a statement ran, and whose it was, hangs on the moment; whose answer it is and what its
reply carries, on the kind of the execution. So a row is named for the first execution of each kind in every
stretch in which neither the row, nor those that it hangs on, nor any row of their tables was otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeVar

import pyarrow as pa

from ashiato.engine.exposures.blankets import Kind
from ashiato.engine.exposures.drift import Past
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.otherwise import Otherwise, doubts_of_any, hanging, write_stretches
from ashiato.engine.exposures.state import StateTable
from ashiato.engine.store import Row, Station, Store, quote_name, quote_text

_T = TypeVar("_T")
#: An alias, and the SQL condition of the rows kept under it; it may ask for an execution's values (``_p``).
Which = tuple[str, str]
#: A table, and its number among those of a statement's plan or of the state.
Numbered = tuple[int, StateTable]
_MARKS = "CAST(NULL AS VARCHAR) AS value, CAST(NULL AS BIGINT) AS group_size"
#: Tables asked for in one query.
_MOST_AT_ONCE = 50
# One row per kind x moment at which a row begins to be otherwise: the first execution since.
_NEXT = """
SELECT kind, at_us, min(place) AS place FROM (
  SELECT kind, at_us, min(place) OVER (
    PARTITION BY kind ORDER BY at_us RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
  ) AS place FROM (
    SELECT kind, time_us AS at_us, place FROM askers
    UNION ALL SELECT k.kind, m.begun_us, CAST(NULL AS BIGINT) FROM (SELECT DISTINCT kind FROM askers) AS k
    CROSS JOIN (SELECT DISTINCT begun_us FROM ({stretches}) AS t) AS m
  ) AS points
) AS nearest GROUP BY kind, at_us
"""
# The first execution of each kind in every stretch.
_FOUND_IN = f"""
SELECT k.place, t.instance, t._table, t.row_ord FROM ({{stretches}}) AS t
JOIN ({_NEXT}) AS n ON n.at_us = t.begun_us JOIN askers AS k ON k.place = n.place AND k.time_us < t.ended_us
"""
_FOUND_WHOLE = """
SELECT k.place, s.instance, s._table, s.row_ord FROM ({rows}) AS s JOIN askers AS k ON k.is_first = 1
"""
_FOUND = """
SELECT min(k.place) AS place, {number} AS instance, {name} AS _table, {alias}._ord AS row_ord
FROM args AS _p JOIN askers AS k ON k.event_id = _p._exec JOIN {table} AS {alias} ON {conditions}
LEFT JOIN {stretches} AS t ON t.row_ord = {alias}._ord AND t.begun_us <= k.time_us AND t.ended_us > k.time_us
GROUP BY k.kind, {alias}._ord, t.begun_us
"""
_NO_STRETCHES = "(SELECT CAST(NULL AS BIGINT) AS row_ord, 0 AS begun_us, 0 AS ended_us WHERE FALSE)"


def widen_table(store: Store, group: Group, held: Numbered, kind_of: Kind | None, which: Which) -> str:
    """Keep the rows of a table under a condition; returns the relation written. Reads ``args``.

    Without ``kind_of`` each row is named once.
    """
    stretches = _NO_STRETCHES
    steps = hanging(group.state, held[1])
    _write_askers(store, group, _kind_in_doubt(kind_of, chain(*doubts_of_any(store, steps).values())))
    if kind_of is not None:
        stretches = write_stretches(store, steps)
    alias, conditions = which
    found = _FOUND.format(
        number=held[0],
        name=quote_text(held[1].kept_as),
        table=held[1].kept_as,
        alias=quote_name(alias),
        conditions=conditions,
        stretches=stretches,
    )
    return _keep(store, group, [found], held[0], "widened")


def widen_tables(store: Store, group: Group, tables: Sequence[Numbered], kind_of: Kind | None) -> list[str]:
    """Keep every row of numbered tables; returns the relations written.

    Without ``kind_of`` each row is named once. Tables of which nothing was in doubt of any row are asked
    for together.
    """
    steps = {number: hanging(group.state, table) for number, table in tables}
    doubts = doubts_of_any(store, (step for held in steps.values() for step in held)) if kind_of else {}
    of_rows: dict[int, list[Row]] = {
        number: [row for step in held for row in doubts.get(step.kept_as, ())]
        for number, held in steps.items()
    }
    calm = [held for held in tables if not of_rows[held[0]]]
    written = []
    for batch in [*_in_batches(calm), *([held] for held in tables if of_rows[held[0]])]:
        _write_askers(store, group, _kind_in_doubt(kind_of, of_rows[batch[0][0]]))
        stretches = {number: write_stretches(store, steps[number]) for number, _ in batch} if kind_of else {}
        written.append(_keep(store, group, _found_whole(store, batch, stretches), batch[0][0], "widened"))
    return written


def widen_gone(
    store: Store, group: Group, tables: Iterable[Numbered], past: Past, kind_of: Kind
) -> list[str]:
    """Keep the rows of numbered tables that no snapshot holds and the log tells of; returns the relations."""
    lives = [
        f"SELECT {number} AS instance, {quote_text(table.kept_as)} AS _table, _ord AS row_ord, "
        f"_from_us AS begun_us, _to_us AS ended_us FROM {gone.relation}"
        for number, table in tables
        for gone in past.ghosts.get(table.kept_as, ())
    ]
    if lives:
        _write_askers(store, group, kind_of)
    return [
        _keep(store, group, [_FOUND_IN.format(stretches=" UNION ALL ".join(batch))], nth, "ghost")
        for nth, batch in enumerate(_in_batches(lives))
    ]


def _in_batches(held: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Yield so many at a time as one query may ask for."""
    return (held[first : first + _MOST_AT_ONCE] for first in range(0, len(held), _MOST_AT_ONCE))


def _found_whole(store: Store, tables: Iterable[Numbered], stretches: Mapping[int, str]) -> Iterator[str]:
    """Yield queries for every row: those at rest for the first of each kind, others in each stretch."""
    rows, restless = [], []
    for number, table in tables:
        named = f"SELECT {number} AS instance, {quote_text(table.kept_as)} AS _table"
        moving = stretches.get(number)
        if moving is None or not store.count(moving):
            rows.append(f"{named}, _ord AS row_ord FROM {table.kept_as}")
            continue
        rows.append(
            f"{named}, _ord AS row_ord FROM {table.kept_as} WHERE _ord NOT IN (SELECT row_ord FROM {moving})"
        )
        restless.append(f"{named}, row_ord, begun_us, ended_us FROM {moving}")
    yield _FOUND_WHOLE.format(rows=" UNION ALL ".join(rows))
    if restless:
        yield _FOUND_IN.format(stretches=" UNION ALL ".join(restless))


def _keep(store: Store, group: Group, found: Iterable[str], number: int, kind: str) -> str:
    """Write the rows found by execution as rows of the replay."""
    name = f"{kind}_of_{group.number}_{number}"
    sql = (
        f"SELECT k.event_id, {group.number} AS plan, f.instance, f._table, f.row_ord, 2 AS doubt, "
        f"'{kind}' AS kind, {_MARKS} FROM ({' UNION ALL '.join(found)}) AS f "
        "JOIN askers AS k ON k.place = f.place"
    )
    store.run(Station(name, sql, follows_log=True))
    return name


def _kind_in_doubt(kind_of: Kind | None, doubts: Iterable[Row]) -> Kind:
    """Tell executions apart by their kind and by what may have been otherwise of any row."""
    if kind_of is None:
        return lambda _: None
    otherwise = Otherwise(doubts)
    return lambda x: (kind_of(x), otherwise.at(x.start_us))


def _write_askers(store: Store, group: Group, kind_of: Kind) -> None:
    """Write ``askers``: one row per execution: its place in time, its kind, whether it is the first of it."""
    members = sorted((x for x, _ in group.members), key=lambda x: (x.start_us, x.event_id))
    kinds: dict[object, int] = {}
    told = [kinds.setdefault(kind_of(x), len(kinds)) for x in members]
    firsts = {kind: place for place, kind in reversed(list(enumerate(told)))}
    columns: dict[str, Sequence[int]] = {
        "place": range(len(members)),
        "event_id": [x.event_id for x in members],
        "time_us": [x.start_us for x in members],
        "kind": told,
        "is_first": [int(firsts[kind] == place) for place, kind in enumerate(told)],
    }
    store.write_as("askers", pa.table({name: pa.array(held, pa.int64()) for name, held in columns.items()}))
