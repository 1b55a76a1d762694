"""Replays: each group's executions as a table of parameters, joined once to the state.

``lineage_rows``: one row per execution x base row: ``plan`` and ``instance`` (whose columns were
copied), ``kind`` (``output``, ``seen``, ``involved``, ``aggregate``), ``doubt`` 0 to 2, ``value`` where a
value was shown apart, ``group_size`` of an aggregate. ``reply_rows``: one row per execution with the
rows its reply had by the replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from sqlglot import exp

from ashiato.engine.exposures.blankets import COVERED_COUNTS, Blankets, Kind, find_blankets
from ashiato.engine.exposures.doubts import bounds_of
from ashiato.engine.exposures.drift import Past, drift_station, stayed_station
from ashiato.engine.exposures.expressions import bind_parameters
from ashiato.engine.exposures.fans import MANY, fans_sql
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.listings import OF_PAGES, OF_RUNS
from ashiato.engine.exposures.moments import THEN, Times, since_when
from ashiato.engine.exposures.plan import Instance, Plan, Query, Window
from ashiato.engine.exposures.sets import TOLD
from ashiato.engine.exposures.shapes import Value
from ashiato.engine.exposures.widened_rows import widen_gone, widen_table, widen_tables
from ashiato.engine.store import Station, Store
from ashiato.terms.errors import EngineError

_ROWS = {
    "event_id": "BIGINT",
    "plan": "INTEGER",
    "instance": "INTEGER",
    "_table": "VARCHAR",
    "row_ord": "BIGINT",
    "doubt": "INTEGER",
    "kind": "VARCHAR",
    "value": "VARCHAR",
    "group_size": "BIGINT",
}
#: How much doubt a drifted row brings: one put in since was hardly there.
DRIFT_LEVEL = "CASE WHEN kind = 'arrived' THEN 2 ELSE 1 END"
_NO_TEXT, _NO_NUMBER = "CAST(NULL AS VARCHAR)", "CAST(NULL AS BIGINT)"
_RANGES = (exp.Between, exp.GT, exp.GTE, exp.LT, exp.LTE)
_INT32 = 2**31
_ENDLESS = str(1 << 60)

#: ``lineage_rows`` without a row.
NO_ROWS = (
    "SELECT " + ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in _ROWS.items()) + " WHERE FALSE"
)


def replay_group(
    store: Store, group: Group, plan: Plan, past: Past, kind_of: Kind | None = None
) -> list[str]:
    """Replay one group; returns the names of the tables written, or raises EngineError.

    ``kind_of``: executions of one kind are told alike; without it all are, whatever size of group they tell.
    """
    tables = {table.name for query in plan.queries for table in query.sql.find_all(exp.Table)}
    write_arguments(store, group, plan.window, since_when(_times_of(group), tables, past.moments))
    blankets = find_blankets(group, plan, past, kind_of)
    drift = _write_drift(store, group, plan, past, blankets)
    lineage: list[str] = []
    for part, query in enumerate(plan.queries):
        name = f"lineage_{group.number}_{part}"
        count = len(group.members) if part == 0 else 0
        made = _write_met(store, f"met_{group.number}_{part}", plan, query)
        if drift is not None:
            made = _doubted_sql(made, query, drift, blankets)
        sql = _rows_sql(group.number, plan, query, made, is_doubted=drift is not None)
        store.run(Station(name, sql, notyet=plan.notyet, statements=count, follows_log=True))
        lineage.append(name)
    written = [*([drift] if drift is not None else []), *lineage]
    return written if blankets is None else [*written, blankets.spread(store, lineage)]


def _write_drift(store: Store, group: Group, plan: Plan, past: Past, blankets: Blankets | None) -> str | None:
    """Write the rows in doubt and add to ``args`` how many they are; None where no row is."""
    if blankets is not None:
        blankets.write(store)
    drift = drift_station(group, plan, past, is_blanketed=blankets is not None)
    if drift is None:
        return None
    store.run(drift)
    store.run(stayed_station(plan, drift.name))
    fans = fans_sql(plan.instances, group.frames, group.firm)
    covered = COVERED_COUNTS.format(fans=fans) if blankets is not None else _NONE_COVERED
    store.run(Station("args_drifted", _WITH_DRIFT.format(drift=drift.name, covered=covered, fans=fans)))
    store.run(Station("args", "SELECT * FROM args_drifted"))
    return drift.name


_NONE_COVERED = "SELECT CAST(NULL AS BIGINT) AS event_id, CAST(NULL AS BIGINT) AS held WHERE FALSE"
# ``_k``: rows that may have stood elsewhere, all that hang on one counted (``fans``); ``_gone``: rows of no
# snapshot, which can but have pushed others further down; ``_away``: those of all these that the snapshot no
# longer has in the statement's set, so that the set may have been larger by as many. Of rows under a blanket,
# that is all.
_WITH_DRIFT = f"""
SELECT a.* EXCLUDE ({", ".join(OF_PAGES)}),
       LEAST(COALESCE(d._k, 0) + COALESCE(v.held, 0), {MANY}) AS _k,
       LEAST(COALESCE(d._gone, 0), {MANY}) AS _gone,
       LEAST(COALESCE(d._away, 0) + COALESCE(v.held, 0), {MANY}) AS _away
FROM args AS a
LEFT JOIN ({{covered}}) AS v ON v.event_id = a._exec
LEFT JOIN (
  SELECT event_id,
         CAST(sum(CASE WHEN row_ord >= 0 THEN fan ELSE 0 END) AS BIGINT) AS _k,
         CAST(sum(CASE WHEN row_ord < 0 THEN fan ELSE 0 END) AS BIGINT) AS _gone,
         CAST(sum(CASE WHEN may_leave = 1 THEN fan ELSE 0 END) AS BIGINT) AS _away
  FROM (
    SELECT c.event_id, c.row_ord,
           LEAST(min(f.fan) * COALESCE(min(g.held), 1), {MANY}) AS fan,
           max(CASE WHEN c.kind IN ('drift', 'ghost') AND s.row_ord IS NULL THEN 1 ELSE 0 END) AS may_leave
    FROM {{drift}} AS c
    JOIN ({{fans}}) AS f ON f.instance = c.instance
    LEFT JOIN ghost_crowds AS g ON g._table = c._table AND g.row_ord = c.row_ord
    LEFT JOIN stayed AS s ON s.event_id = c.event_id AND s.instance = c.instance AND s.row_ord = c.row_ord
    WHERE c.kind <> 'beside' GROUP BY c.event_id, c.instance, c.row_ord
  ) AS moved GROUP BY event_id
) AS d ON d.event_id = a._exec
"""


def _times_of(group: Group) -> list[int]:
    return [execution.start_us for execution, _ in group.members]


def write_arguments(store: Store, group: Group, window: Window | None, since_us: Times | None = None) -> None:
    """Write ``args``: one row per execution, its values ``p0``.., its listing's window.

    ``since_us``: since when the tables stood as they did when it ran, where that is known.
    """
    columns: dict[str, pa.Array] = {
        "_exec": pa.array([execution.event_id for execution, _ in group.members], pa.int64()),
        "_path": pa.array([execution.path for execution, _ in group.members], pa.string()),
        "_time_us": pa.array(_times_of(group), pa.int64()),
    }
    columns[THEN] = columns["_time_us"] if since_us is None else pa.array(since_us)
    width = len(group.members[0][1])
    for number in range(width):
        columns[f"p{number}"] = _values_of([values[number] for _, values in group.members])
    if window is None:
        none = pa.array(np.zeros(len(group.members), np.int32))
        store.write_as("args", pa.table({**columns, **dict.fromkeys((*OF_PAGES, *OF_RUNS), none)}))
        return
    columns["_plan"] = pa.array(group.plans or [group.number] * len(group.members), pa.int32())
    store.write_as("raw_args", pa.table(columns))
    store.run(Station("args", _pages_sql(window, width), follows_log=True))


def _values_of(values: Sequence[Value]) -> pa.Array:
    """Type one parameter over all executions: text, or the narrowest number that holds them all."""
    if any(value.is_text for value in values):
        return pa.array([value.text for value in values], pa.string())
    texts = [value.text or "" for value in values]
    if all(text.isdigit() and len(text) < 19 for text in texts):
        numbers = [int(text) for text in texts]
        return pa.array(numbers, pa.int32() if max(numbers) < _INT32 else pa.int64())
    return pa.array([_number_of(text) for text in texts], pa.float64())


def _number_of(text: str) -> float | None:
    try:
        return float(int(text, 0)) if text.lower().startswith("0x") else float(text)
    except ValueError:
        return None


def _pages_sql(window: Window, width: int) -> str:
    """Gather pages of one listing that touch: a row near a page's edge is settled by its neighbour."""
    start = _bound(window.offset, "0")
    end = f"{start} + {_bound(window.limit, _ENDLESS)}"
    same = ", ".join(["_path", "_plan", *(f"p{n}" for n in range(width) if n not in window.markers)])
    return (
        f"WITH bounds AS (SELECT *, {start} AS f, {end} AS t FROM raw_args AS _p), "
        f"breaks AS (SELECT *, CASE WHEN f <= max(t) OVER (PARTITION BY {same} ORDER BY f, t, _exec "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS breaks_off FROM bounds), "
        f"runs AS (SELECT *, sum(breaks_off) OVER (PARTITION BY {same} ORDER BY f, t, _exec) AS run "
        f"FROM breaks) SELECT _exec, _path, _time_us, {THEN}, "
        + "".join(f"p{n}, " for n in range(width))
        + "".join(f"0 AS {name}, " for name in OF_PAGES)
        + f"min(f) OVER (PARTITION BY {same}, run) AS _from_all, "
        f"max(t) OVER (PARTITION BY {same}, run) AS _to_all FROM runs"
    )


def _bound(value: exp.Expr | None, otherwise: str) -> str:
    if value is None:
        return otherwise
    return f"COALESCE(TRY_CAST({bind_parameters(value.copy()).sql('duckdb')} AS BIGINT), {otherwise})"


def _write_met(store: Store, name: str, plan: Plan, query: Query) -> str:
    """Return a query for the joined rows; those met by ranges are written first.

    DuckDB has its quick join over ranges for what is no part of a larger query.
    """
    made = query.sql.sql("duckdb")
    if not _is_ranged(query.sql):
        return made
    store.run(Station(name, made, notyet=plan.notyet, follows_log=True))
    return f"SELECT * FROM {name}"


def _is_ranged(query: exp.Query) -> bool:
    """Tell whether rows are found by where their values lie between parameters, and by nothing sharper."""
    return any(map(_ties, query.find_all(*_RANGES))) and not any(map(_ties, query.find_all(exp.EQ)))


def _ties(comparison: exp.Expr) -> bool:
    """Tell whether a comparison holds values of rows against those of an execution."""
    names = [(column.table == "_p", column.name) for column in comparison.find_all(exp.Column)]
    own = any(bound and name not in (THEN, "_exec") for bound, name in names)
    return own and not all(bound for bound, _ in names)


def _rows_sql(number: int, plan: Plan, query: Query, made: str, *, is_doubted: bool) -> str:
    doubt = "_level" if is_doubted else "_doubt"
    parts = [_instance_sql(number, plan, query, instance, doubt) for instance in query.instances]
    if query.counts_rows:
        told = not is_doubted and TOLD in query.sql.named_selects
        counted = TOLD if told else f"CASE WHEN {doubt} < 2 THEN _weight ELSE 0 END"
        parts.append(
            f"SELECT _exec, {number}, -1, {_NO_TEXT}, SUM({counted}), "
            f"0, 'reply', {_NO_TEXT}, {_NO_NUMBER} FROM m GROUP BY _exec"
        )
    body = " UNION ALL ".join(parts) or NO_ROWS
    names = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in _ROWS.items())
    return f"WITH m AS ({made}), r ({', '.join(_ROWS)}) AS ({body}) SELECT {names} FROM r"


def _doubted_sql(made: str, query: Query, drift: str, blankets: Blankets | None) -> str:
    """Put a joined row in as much doubt as the base row of it that may most likely not have been there."""
    under, each = blankets.levels_of(query.instances) if blankets is not None else ("", [])
    levels = "".join(
        f", {level}" for level in (*(f"COALESCE(d{n}.level, 0)" for n in query.instances), *each)
    )
    ties = " ".join(
        f"LEFT JOIN (SELECT event_id, row_ord, max({DRIFT_LEVEL}) AS level FROM {drift} "
        f"WHERE instance = {n} GROUP BY event_id, row_ord) AS d{n} "
        f"ON d{n}.event_id = q._exec AND d{n}.row_ord = q._k{n}"
        for n in query.instances
    )
    return f"SELECT q.*, GREATEST(q._doubt, 0{levels}) AS _level FROM ({made}) AS q {ties}{under}"


def _instance_sql(number: int, plan: Plan, query: Query, instance: int, doubt: str) -> str:
    held = plan.instances[instance]
    value = "_value" if query.has_value else _NO_TEXT
    size = "MIN(_size)" if held.role == "aggregate" and _has_size(query) else _NO_NUMBER
    own = query.role == "output" or held.role in ("aggregate", "asked")
    kind = held.role if own else query.role
    grouped = ", _value" if query.has_value else ""
    return (
        f"SELECT _exec, {number}, {instance}, '{held.table.kept_as}', _k{instance}, MIN({doubt}), '{kind}', "
        f"{value}, {size} FROM m WHERE _k{instance} IS NOT NULL GROUP BY _exec, _k{instance}{grouped}"
    )


def _has_size(query: Query) -> bool:
    return "_size" in query.sql.named_selects


def widen_replay(
    store: Store, group: Group, plan: Plan, past: Past, kind_of: Kind | None = None
) -> list[str]:
    """Keep the rows that a group's conditions let through, or may have; returns the relations written."""
    write_arguments(store, group, None)
    written = [_widen_instance(store, group, held, kind_of) for held in plan.instances]
    plan = replace(plan, whole=frozenset(held.number for held in plan.instances if not bounds_of(held)))
    blankets = find_blankets(group, plan, past, kind_of)
    try:
        drift = _write_drift(store, group, plan, past, blankets)
        under = [blankets.spread(store, [])] if blankets is not None else []
    except EngineError:
        # Its conditions cannot be asked at all: every row of its tables is kept already, but those gone.
        tables = ((held.number, held.table) for held in plan.instances)
        return [*written, *(widen_gone(store, group, tables, past, kind_of) if kind_of is not None else [])]
    return [*written, *under, *([drift] if drift is not None else [])]


def _widen_instance(store: Store, group: Group, held: Instance, kind_of: Kind | None) -> str:
    """Keep every row of a table that its own conditions let through, for a statement not replayed.

    Falls back to the whole table where even the conditions cannot be evaluated.
    """
    conditions = " AND ".join(f"({part.sql('duckdb')})" for part, _ in held.conjuncts)
    numbered = (held.number, held.table)
    try:
        if conditions:
            return widen_table(store, group, numbered, kind_of, (held.alias, conditions))
    except EngineError:
        pass
    (whole,) = widen_tables(store, group, [numbered], kind_of)
    return whole
