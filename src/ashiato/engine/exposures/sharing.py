"""Shapes that differ only in what they show: their rows are the same query's, which is run once for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ashiato.engine.exposures.drift import Past
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.plan import Plan, Window
from ashiato.engine.exposures.shapes import Value

#: Whole numbers of as many digits are not exact in the engine's widest.
_LONGEST_EXACT = 19


def list_shared(groups: Sequence[Group], past: Past) -> list[list[Group]]:
    """Gather the groups that can be replayed as one, each where its first stands."""
    gathered: dict[object, list[Group]] = {}
    for group in groups:
        gathered.setdefault(_key_of(group, past) or group.number, []).append(group)
    return list(gathered.values())


def as_one(groups: Sequence[Group]) -> Group:
    """Return groups that share their queries as one, of the first's plan."""
    first, *others = groups
    if not others:
        return first
    members = tuple(member for group in groups for member in group.members)
    plans = tuple(group.number for group in groups for _ in group.members)
    return replace(first, members=members, plans=plans)


def _key_of(group: Group, past: Past) -> object | None:
    """Return what groups have alike whose rows are the same query's; None for one that stands for itself.

    Where a table's rows changed, what a shape shows and uses decides which of them are in doubt.
    """
    plan = group.plan
    if plan is None or group.refusal is not None or not plan.queries or _may_drift(plan, past):
        return None
    queries = tuple(
        (query.sql.sql("duckdb"), query.instances, query.role, query.has_value, query.counts_rows)
        for query in plan.queries
    )
    held = tuple((one.number, one.table.kept_as, one.role, one.of) for one in plan.instances)
    return queries, held, _window_key(plan.window), plan.notyet, _kinds_of(group)


def _may_drift(plan: Plan, past: Past) -> bool:
    names = {one.table.kept_as for one in plan.instances}
    return any(past.changed.get(name) or past.ghosts.get(name) for name in names)


def _window_key(window: Window | None) -> object:
    if window is None:
        return None
    bounds = (None if one is None else one.sql("duckdb") for one in (window.limit, window.offset))
    return (*bounds, window.markers)


def _kinds_of(group: Group) -> tuple[str, ...]:
    """Tell what each parameter is over all executions: values of other kinds are not put beside them."""
    columns = zip(*(values for _, values in group.members), strict=True)
    return tuple(max(map(_kind_of, column)) for column in columns)


def _kind_of(value: Value) -> str:
    """Tell a value's kind, the widest last."""
    if value.is_text:
        return "text"
    text = value.text or ""
    return "exact" if text.isdigit() and len(text) < _LONGEST_EXACT else "number"
