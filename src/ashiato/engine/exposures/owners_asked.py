"""Statements that say whose rows they read: by the owner's key, or by a join with the owners themselves.

Of such a statement's rows it does not matter that the column naming their owner may have been otherwise:
whoever came out by it was the owner it asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from ashiato.engine.exposures.doubts import THEN
from ashiato.engine.exposures.drift import Past
from ashiato.engine.exposures.former_keys import under_given_keys_sql
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.links import Link
from ashiato.engine.exposures.partners import aliased, own_conditions
from ashiato.engine.exposures.plan import Instance, Plan
from ashiato.engine.exposures.state import StateTable
from ashiato.engine.store import Station, Store

_ASKING = (exp.EQ, exp.In)
_KINDS = (("plan", pa.int32()), ("instance", pa.int32()), ("depth", pa.int32()), ("listed", pa.int32()))


@dataclass(frozen=True)
class Asked:
    """How a statement asks for the owners of an instance's rows.

    ``depth``: of how many references on the way to the people it says what they refer to. ``above``: the
    table of the first, with the conditions that its rows under ``alias`` meet; None where it has none of use.
    """

    held: Instance
    depth: int
    above: StateTable
    alias: str
    conditions: tuple[str, ...] | None


def list_asked(group: Group, plan: Plan, past: Past) -> Iterator[Asked]:
    """Yield what a statement asks of the owners of each of its tables' rows whose owners changed."""
    for held in plan.instances:
        table, owner = held.table, held.table.owner
        changed = past.changed.get(table.kept_as, frozenset())
        differs = owner is not None and (changed & set(owner[1]) or past.ghosts.get(table.kept_as))
        if differs and table.person_table not in (None, table.name):
            found = _asked_of(group, plan, held, past)
            if found is not None:
                yield found


def write_asked(store: Store, groups: Sequence[Group], past: Past) -> None:
    """Write ``asked_owners``: one row per plan x instance of which a statement says whose rows it reads."""
    rows = [
        (group.number, asked.held.number, asked.depth, int(asked.conditions is not None))
        for group in groups
        if group.plan is not None
        for asked in list_asked(group, group.plan, past)
    ]
    columns = {name: pa.array([row[n] for row in rows], kind) for n, (name, kind) in enumerate(_KINDS)}
    store.write_as("asked_owners", pa.table(columns))


def write_candidates(store: Store, group: Group, past: Past) -> list[str]:
    """Write the owners that a group's executions asked for, as rows of kind ``owner``; returns the relation.

    Reads ``args``.
    """
    asked = list(list_asked(group, group.plan, past)) if group.plan is not None else []
    parts = [
        part for one in asked if one.conditions is not None for part in _candidates_sql(group, one, past)
    ]
    if not parts:
        return []
    station = Station(f"owners_{group.number}", " UNION ALL ".join(parts), follows_log=True)
    store.run(station)
    return [station.name]


def _candidates_sql(group: Group, asked: Asked, past: Past) -> Iterator[str]:
    """Select the owners by the keys that they have in a snapshot, and by those they were given since."""
    ties = " AND ".join(["TRUE", *(asked.conditions or ())])
    relations = [asked.above.kept_as]
    if past.ghosts.get(asked.above.kept_as):
        relations.append(f"({under_given_keys_sql(asked.above, list(asked.above.columns))})")
    for relation in relations:
        yield (
            f"SELECT min(_p._exec) AS event_id, {group.number} AS plan, {asked.held.number} AS instance, "
            f"'{asked.above.kept_as}' AS _table, {asked.alias}._ord AS row_ord, 2 AS doubt, "
            "'owner' AS kind, CAST(NULL AS VARCHAR) AS value, CAST(NULL AS BIGINT) AS group_size "
            f"FROM args AS _p JOIN {relation} AS {asked.alias} ON {ties} "
            f"GROUP BY _p._path, {asked.alias}._ord"
        )


def _asked_of(group: Group, plan: Plan, held: Instance, past: Past) -> Asked | None:
    name, columns = held.table.owner or ("", ())
    above = group.state.tables.get(name)
    if above is None or len(above.key) != len(columns):
        return None
    base = plan.instances[held.of] if held.of is not None else held
    named = _named(base, columns, above)
    if named is not None:
        return Asked(held, 1, above, "_o", named)
    partner = _partner(group, plan, base, above)
    if partner is None:
        return None
    onward = above.name not in (above.person_table, held.table.name)
    further = _asked_of(group, plan, partner, past) if onward else None
    own = tuple(own_conditions(partner, past.changed))
    written = past.changed.get(above.kept_as, frozenset())
    sharp = any(isinstance(part, _ASKING) and not names & written for part, names in partner.conjuncts)
    depth = 1 + (further.depth if further is not None else 0)
    return Asked(held, depth, above, aliased(partner), own if sharp else None)


def _named(held: Instance, columns: Sequence[str], above: StateTable) -> tuple[str, ...] | None:
    """Return what the conditions on the columns naming an owner say of the owner's key; None: not of all."""
    parts = [
        part
        for part, names in held.conjuncts
        if len(names) == 1 and names <= set(columns) and isinstance(part, _ASKING)
    ]
    met = {
        column.name for part in parts for column in part.find_all(exp.Column) if column.table == held.alias
    }
    if met != set(columns):
        return None
    keys = dict(zip(columns, above.key, strict=True))
    alive = (THEN.format("_o", "_"),) if above.lived else ()
    return (*alive, *(_of_owner(part, held, keys) for part in parts))


def _of_owner(part: exp.Expr, held: Instance, keys: dict[str, str]) -> str:
    copied = part.copy()
    for column in list(copied.find_all(exp.Column)):
        if column.table == held.alias:
            key = exp.column(keys[column.name], table="_o", quoted=True)
            copied = _put(copied, column, exp.TryCast(this=key, to=_kind(held, column.name)))
    return f"({copied.sql('duckdb')})"


def _put(tree: exp.Expr, old: exp.Expr, new: exp.Expr) -> exp.Expr:
    if tree is old:
        return new
    old.replace(new)
    return tree


def _kind(held: Instance, column: str) -> exp.DataType:
    return exp.DataType.build(held.table.columns[column], dialect="duckdb")


def _partner(group: Group, plan: Plan, held: Instance, above: StateTable) -> Instance | None:
    """Return the instance of the owners' table that each of an instance's rows is joined with by its key."""
    columns = (held.table.owner or ("", ()))[1]
    for other in plan.instances:
        wanted = {
            Link(held.number, column, other.number, key)
            for column, key in zip(columns, above.key, strict=True)
        }
        if other.of is None and other.table.kept_as == above.kept_as and wanted <= set(group.firm):
            return other
    return None
