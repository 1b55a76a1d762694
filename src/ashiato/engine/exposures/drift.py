"""Drift: rows whose deciding columns changed between the statement and the snapshot.

Such a row may have been in a reply though the snapshot says no, and out of it though it says yes. It
is looked for only among rows that satisfy every condition its changed columns do not decide.
"""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine.exposures.changes import ANY_COLUMN, ANY_ROW, ARRIVED
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.plan import Instance, Plan
from ashiato.engine.store import Station, quote_name, quote_text


def drift_station(group: Group, plan: Plan, changed: dict[str, frozenset[str]]) -> Station | None:
    """Return the station that finds the drifted rows of a group's executions, or None when none can be.

    Its rows are of kind ``drift`` (they may have been in the reply) or ``arrived`` (put in since, so that
    they were not there to be read, if the log is right).
    """
    parts = [
        part for held in plan.instances for part in _parts_of(group, held, changed.get(held.table.kept_as))
    ]
    sql = " UNION ALL ".join(parts)
    return Station(f"drift_{group.number}", sql, follows_log=True) if parts else None


def stayed_station(plan: Plan, drift: str) -> Station:
    """Return the station that finds the drifted rows which pass the statement's conditions today.

    Of a statement over several tables nothing is said: there a row's own conditions do not decide alone.
    """
    if len(plan.instances) > 1:
        return Station("stayed", f"SELECT event_id, instance, row_ord FROM {drift} WHERE FALSE")
    (held,) = plan.instances
    alias = quote_name(held.alias)
    conditions = "".join(f" AND ({part.sql('duckdb')})" for part, _ in held.conjuncts)
    sql = (
        f"SELECT DISTINCT d.event_id, d.instance, d.row_ord FROM {drift} AS d "
        f"JOIN args AS _p ON _p._exec = d.event_id "
        f"JOIN {held.table.kept_as} AS {alias} ON {alias}._ord = d.row_ord{conditions}"
    )
    return Station("stayed", sql, follows_log=True)


def _parts_of(group: Group, held: Instance, changed: frozenset[str] | None) -> list[str]:
    if not changed:
        return []
    moved = sorted(held.used & changed)
    decided_else = [part for part, names in held.conjuncts if not names & changed]
    parts = []
    if moved:
        parts.append(_drifted_sql(group, held, moved, decided_else, "drift"))
        if ANY_ROW in changed:
            parts.append(_drifted_sql(group, held, moved, decided_else, "drift", of_any_row=True))
    if ANY_COLUMN in changed:
        parts.append(_drifted_sql(group, held, [ANY_COLUMN], [], "drift"))
        parts.append(_drifted_sql(group, held, [ANY_COLUMN], [], "drift", of_any_row=True))
    if ARRIVED in changed:
        every = [part for part, _ in held.conjuncts]
        parts.append(_drifted_sql(group, held, [ARRIVED], every, "arrived"))
    return parts


def _drifted_sql(
    group: Group,
    held: Instance,
    columns: list[str],
    kept: list[exp.Expr],
    kind: str,
    *,
    of_any_row: bool = False,
) -> str:
    """Select the rows written between an execution and the snapshot that pass the conditions kept."""
    table, alias = held.table.kept_as, quote_name(held.alias)
    conditions = "".join(f" AND ({condition.sql('duckdb')})" for condition in kept)
    written = _written_sql(table, columns, group.state.as_of_us)
    # A write whose rows cannot be told touches every row that the other conditions let through.
    which = "row_ord IS NULL" if of_any_row else "row_ord IS NOT NULL"
    same = "TRUE" if of_any_row else f"c.row_ord = {alias}._ord"
    return (
        f"SELECT _p._exec AS event_id, {group.number} AS plan, {held.number} AS instance, "
        f"'{table}' AS _table, {alias}._ord AS row_ord, 2 AS doubt, '{kind}' AS kind, "
        "CAST(NULL AS VARCHAR) AS value, CAST(NULL AS BIGINT) AS group_size FROM args AS _p "
        f"JOIN ({written} AND {which} GROUP BY row_ord) AS c "
        "ON c.last_us > _p._time_us OR c.next_us <= _p._time_us "
        f"JOIN {table} AS {alias} ON {same}{conditions}"
    )


def _written_sql(table: str, columns: list[str], as_of_us: int) -> str:
    """Select when each row was last written before the snapshot, and first after it."""
    named = ", ".join(quote_text(name) for name in columns)
    return (
        f"SELECT row_ord, max(CASE WHEN time_us <= {as_of_us} THEN time_us END) AS last_us, "
        f"min(CASE WHEN time_us > {as_of_us} THEN time_us END) AS next_us "
        f"FROM changes WHERE _table = '{table}' AND column_name IN ({named})"
    )
