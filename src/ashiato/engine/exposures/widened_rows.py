"""Rows kept under a condition for all executions of a group, named for one of them in each stretch of doubt.

What a row held when a statement ran, and whose it was, hangs on the moment; whose answer it is and what its
reply carries, on the kind of the execution. So a row is named for the first execution of each kind in every
stretch in which neither the row, nor those that it hangs on, nor any row of their tables was otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from ashiato.engine.exposures.blankets import Kind
from ashiato.engine.exposures.drift import Past
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.otherwise import Otherwise, hanging, write_stretches
from ashiato.engine.exposures.state import StateTable
from ashiato.engine.store import Station, Store, quote_name, quote_text

#: An alias, and the SQL condition of the rows kept under it; it may ask for an execution's values (``_p``).
Which = tuple[str, str]
_MARKS = "CAST(NULL AS VARCHAR) AS value, CAST(NULL AS BIGINT) AS group_size"
_FIRST_OF_KIND = "SELECT kind, min(place) AS place FROM askers GROUP BY kind"
# One row per kind x moment at which a row begins to be otherwise: the first execution since.
_NEXT = """
SELECT kind, at_us, min(place) AS place FROM (
  SELECT kind, at_us, min(place) OVER (
    PARTITION BY kind ORDER BY at_us RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
  ) AS place FROM (
    SELECT kind, time_us AS at_us, place FROM askers
    UNION ALL SELECT k.kind, m.begun_us, CAST(NULL AS BIGINT) FROM (SELECT DISTINCT kind FROM askers) AS k
    CROSS JOIN (SELECT DISTINCT begun_us FROM {stretches}) AS m
  ) AS points
) AS nearest GROUP BY kind, at_us
"""
# The first execution of each kind in every stretch.
_FOUND_IN = f"""
SELECT k.place, t.row_ord FROM {{stretches}} AS t JOIN ({_NEXT}) AS n ON n.at_us = t.begun_us
JOIN askers AS k ON k.place = n.place AND k.time_us < t.ended_us
"""
_FOUND_WHOLE = f"""
SELECT f.place, s._ord AS row_ord FROM ({_FIRST_OF_KIND}) AS f CROSS JOIN {{table}} AS s
WHERE s._ord NOT IN (SELECT row_ord FROM {{stretches}}) UNION ALL {_FOUND_IN}
"""
_LIVES_GONE = "(SELECT _ord AS row_ord, _from_us AS begun_us, _to_us AS ended_us FROM {relation})"
_FOUND = """
SELECT min(k.place) AS place, {alias}._ord AS row_ord
FROM args AS _p JOIN askers AS k ON k.event_id = _p._exec JOIN {table} AS {alias} ON {conditions}
LEFT JOIN {stretches} AS t ON t.row_ord = {alias}._ord AND t.begun_us <= k.time_us AND t.ended_us > k.time_us
GROUP BY k.kind, {alias}._ord, t.begun_us
"""
_NO_STRETCHES = "(SELECT CAST(NULL AS BIGINT) AS row_ord, 0 AS begun_us, 0 AS ended_us WHERE FALSE)"


def widen_table(
    store: Store, group: Group, held: tuple[int, StateTable], kind_of: Kind | None, which: Which | None = None
) -> str:
    """Keep the rows of a table, under its number; returns the relation written. Reads ``args``.

    Without ``kind_of`` each row is named once; without ``which`` every row is kept.
    """
    steps = hanging(group.state, held[1])
    if kind_of is None:
        _write_askers(store, group, lambda _: None)
        stretches = _NO_STRETCHES
    else:
        otherwise = Otherwise(store, steps)
        _write_askers(store, group, lambda x: (kind_of(x), otherwise.at(x.start_us)))
        stretches = write_stretches(store, steps)
    alias, conditions = which or ("s", "TRUE")
    found = (_FOUND_WHOLE if which is None else _FOUND).format(
        table=held[1].kept_as, alias=quote_name(alias), conditions=conditions, stretches=stretches
    )
    return _keep(store, group, found, held, "widened")


def widen_gone(
    store: Store, group: Group, tables: Iterable[tuple[int, StateTable]], past: Past, kind_of: Kind
) -> list[str]:
    """Keep the rows of numbered tables that no snapshot holds and the log tells of; returns the relations."""
    _write_askers(store, group, kind_of)
    lives = [(held, gone.relation) for held in tables for gone in past.ghosts.get(held[1].kept_as, ())]
    return [
        _keep(
            store, group, _FOUND_IN.format(stretches=_LIVES_GONE.format(relation=gone)), held, f"ghost_{nth}"
        )
        for nth, (held, gone) in enumerate(lives)
    ]


def _keep(store: Store, group: Group, found: str, held: tuple[int, StateTable], kind: str) -> str:
    """Write the rows found by execution as rows of the replay, of a kind that may carry a number."""
    number, table = held
    name = f"{kind}_of_{group.number}_{number}"
    sql = (
        f"SELECT k.event_id, {group.number} AS plan, {number} AS instance, {quote_text(table.kept_as)} "
        f"AS _table, f.row_ord, 2 AS doubt, '{kind.partition('_')[0]}' AS kind, {_MARKS} "
        f"FROM ({found}) AS f JOIN askers AS k ON k.place = f.place"
    )
    store.run(Station(name, sql, follows_log=True))
    return name


def _write_askers(store: Store, group: Group, kind_of: Kind) -> None:
    """Write ``askers``: one row per execution, its place in time and the number of its kind."""
    members = sorted((x for x, _ in group.members), key=lambda x: (x.start_us, x.event_id))
    kinds: dict[object, int] = {}
    columns: dict[str, Sequence[int]] = {
        "place": range(len(members)),
        "event_id": [x.event_id for x in members],
        "time_us": [x.start_us for x in members],
        "kind": [kinds.setdefault(kind_of(x), len(kinds)) for x in members],
    }
    store.write_as("askers", pa.table({name: pa.array(held, pa.int64()) for name, held in columns.items()}))
