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
    table = held.table.kept_as
    written = _written_sql(table, columns, group.state.as_of_us)
    rows = (
        f"SELECT _p._exec AS event_id, {_row_sql(group, held)} FROM args AS _p "
        f"JOIN ({written} AND row_ord IS NOT NULL GROUP BY row_ord) AS c "
        "ON c.last_us > _p._time_us OR c.next_us <= _p._time_us "
        f"JOIN {table} AS {quote_name(held.alias)} ON c.row_ord = {quote_name(held.alias)}._ord{conditions}"
    )
    # A write whose rows cannot be told touches every row that the other conditions let through.
    loose = (
        f"SELECT _p._exec, {_row_sql(group, held)} FROM args AS _p "
        f"JOIN ({written} AND row_ord IS NULL GROUP BY row_ord) AS c "
        "ON c.last_us > _p._time_us OR c.next_us <= _p._time_us "
        f"JOIN {table} AS {quote_name(held.alias)} ON TRUE{conditions}"
    )
    return f"{rows} UNION ALL {loose}"


def _written_sql(table: str, columns: str, as_of_us: int) -> str:
    """Select when each row was last written before the snapshot, and first after it."""
    return (
        f"SELECT row_ord, max(CASE WHEN time_us <= {as_of_us} THEN time_us END) AS last_us, "
        f"min(CASE WHEN time_us > {as_of_us} THEN time_us END) AS next_us "
        f"FROM changes WHERE _table = '{table}' AND column_name IN ({columns})"
    )


def _row_sql(group: Group, held: Instance) -> str:
    return (
        f"{group.number} AS plan, {held.number} AS instance, '{held.table.kept_as}' AS _table, "
        f"{quote_name(held.alias)}._ord AS row_ord, 2 AS doubt, 'drift' AS kind, "
        "CAST(NULL AS VARCHAR) AS value, CAST(NULL AS BIGINT) AS group_size"
    )
