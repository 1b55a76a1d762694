"""Drift: rows whose deciding columns changed between the statement and the snapshot.

Such a row may have been in a reply though the snapshot says no, and out of it though it says yes. It
is looked for only among rows that satisfy every condition its changed columns do not decide.
"""

from __future__ import annotations

from ashiato.engine.exposures.changes import ANY_COLUMN
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.plan import Instance, Plan
from ashiato.engine.store import Station, quote_name, quote_text


def drift_station(group: Group, plan: Plan, changed: dict[str, frozenset[str]]) -> Station | None:
    """Return the station that finds the drifted rows of a group's executions, or None when none can be."""
    parts = [
        _drifted_sql(group, held, changed[held.table.kept_as])
        for held in plan.instances
        if _decides(held, changed.get(held.table.kept_as, frozenset()))
    ]
    return Station(f"drift_{group.number}", " UNION ALL ".join(parts)) if parts else None


def _decides(held: Instance, changed: frozenset[str]) -> bool:
    return bool(held.used & changed) or ANY_COLUMN in changed


def _drifted_sql(group: Group, held: Instance, changed: frozenset[str]) -> str:
    moved = sorted(held.used & changed)
    every = ANY_COLUMN in changed
    columns = ", ".join(quote_text(name) for name in [*moved, *([ANY_COLUMN] if every else [])])
    kept = [
        condition.sql("duckdb") for condition, names in held.conjuncts if not every and not names & changed
    ]
    conditions = "".join(f" AND ({condition})" for condition in kept)
    as_of, alias, table = group.state.as_of_us, quote_name(held.alias), held.table.kept_as
    return (
        f"SELECT DISTINCT _p._exec AS event_id, {group.number} AS plan, {held.number} AS instance, "
        f"'{table}' AS _table, {alias}._ord AS row_ord, 2 AS doubt, 'drift' AS kind, "
        "CAST(NULL AS VARCHAR) AS value, CAST(NULL AS BIGINT) AS group_size "
        f"FROM args AS _p JOIN (SELECT row_ord, time_us FROM changes WHERE _table = '{table}' "
        f"AND column_name IN ({columns})) AS c ON (c.time_us > _p._time_us AND c.time_us <= {as_of}) "
        f"OR (c.time_us <= _p._time_us AND c.time_us > {as_of}) "
        f"JOIN {table} AS {alias} ON (c.row_ord IS NULL OR c.row_ord = {alias}._ord){conditions}"
    )
