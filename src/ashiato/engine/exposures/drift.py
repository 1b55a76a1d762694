"""Drift: rows whose deciding columns changed between the statement and the snapshot, and rows that are gone.

Such a row may have been in a reply though the snapshot says no, and out of it though it says yes. It
is looked for only among rows that satisfy every condition its changed columns do not decide; whoever
stands beside it by the statement's own links is in doubt with it (``partners``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ashiato.engine.exposures.doubts import THEN, Part, begin_unsettled, bounds_of, moved_columns
from ashiato.engine.exposures.ghosts import Ghosts
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.links import asks_for_nothing
from ashiato.engine.exposures.lives import ANY_ROW, ARRIVED
from ashiato.engine.exposures.moments import Moments
from ashiato.engine.exposures.partners import Beginning, aliased, list_partners
from ashiato.engine.exposures.plan import Instance, Plan, Role
from ashiato.engine.store import Station, quote_name, quote_text

#: No drifted row.
NO_DRIFT = (
    "SELECT CAST(NULL AS BIGINT) AS event_id, 0 AS plan, 0 AS instance, CAST(NULL AS VARCHAR) AS _table, "
    "CAST(NULL AS BIGINT) AS row_ord, 2 AS doubt, 'drift' AS kind, CAST(NULL AS VARCHAR) AS value, "
    "CAST(NULL AS BIGINT) AS group_size WHERE FALSE"
)


@dataclass(frozen=True)
class Past:
    """What changed: by table, the columns that were ever written, the rows that are gone, and when."""

    changed: Mapping[str, frozenset[str]]
    ghosts: Mapping[str, tuple[Ghosts, ...]]
    moments: Moments


def drift_station(group: Group, plan: Plan, past: Past, *, is_blanketed: bool) -> Station | None:
    """Return the station that finds the drifted rows of a group's executions, or None when none can be.

    ``is_blanketed``: for some executions every row is in doubt whatever they asked (``blankets``); those are
    left to be told there.

    Its rows are of kind ``drift`` (they may have been in the reply), ``arrived`` (put in since, so that
    they were not there to be read, if the log is right), ``ghost`` (no row of the snapshot; ``row_ord``
    below 0) or ``beside`` (what may have stood beside one of these).
    """
    looking = _Looking(group, plan, past)
    parts = [part for held in plan.instances if held.of is None for part in looking.parts_of(held)]
    sql = " UNION ALL ".join([*parts, *([NO_DRIFT] if is_blanketed else [])])
    return Station(f"drift_{group.number}", sql, follows_log=True) if sql else None


def stayed_station(plan: Plan, drift: str) -> Station:
    """Return the station that finds the drifted rows which pass the statement's conditions today.

    Of a statement over several tables nothing is said: there a row's own conditions do not decide alone.
    """
    roots = [held for held in plan.instances if held.of is None]
    if len(roots) > 1:
        return Station("stayed", f"SELECT event_id, instance, row_ord FROM {drift} WHERE FALSE")
    (held,) = roots
    alias = quote_name(held.alias)
    conditions = "".join(f" AND ({part.sql('duckdb')})" for part, _ in held.conjuncts)
    sql = (
        f"SELECT DISTINCT d.event_id, d.instance, d.row_ord FROM {drift} AS d "
        f"JOIN args AS _p ON _p._exec = d.event_id "
        f"JOIN {held.table.kept_as} AS {alias} ON {alias}._ord = d.row_ord{conditions}"
    )
    return Station("stayed", sql, follows_log=True)


class _Looking:
    """One group's search: which rows are in doubt, and what stands beside them."""

    def __init__(self, group: Group, plan: Plan, past: Past) -> None:
        self._group = group
        self._plan = plan
        self._past = past
        self._zone = group.state.zone

    def parts_of(self, held: Instance) -> Iterator[str]:
        changed = self._past.changed.get(held.table.kept_as, frozenset())
        moved = moved_columns(self._group, held, changed)
        if moved:
            yield from self._changed_parts(held, moved, changed)
        if ARRIVED in changed:
            begun = begin_unsettled(self._zone, held, [ARRIVED], held.conjuncts, of_any_row=False)
            yield from self._rows(held, begun, "arrived")
            if self._group.negative:
                present = [part for part in held.conjuncts if not asks_for_nothing(part[0])]
                begun = begin_unsettled(self._zone, held, [ARRIVED], present, of_any_row=False)
            if self._group.negative or self._only_bears_witness(held):
                yield from self._beside(Beginning(held, begun, frozenset(held.table.columns)))
        for ghosts in self._past.ghosts.get(held.table.kept_as, ()):
            begun = _ghosts(held, ghosts)
            yield from self._rows(held, begun, "ghost")
            yield from self._beside(Beginning(held, begun, ghosts.columns))

    def _only_bears_witness(self, held: Instance) -> bool:
        """Tell whether rows come out by an instance's rows (EXISTS, IN) without carrying them along."""
        output = [query.instances for query in self._plan.queries if query.role is Role.OUTPUT]
        return bool(output) and not any(held.number in carried for carried in output)

    def _changed_parts(self, held: Instance, columns: list[str], changed: frozenset[str]) -> Iterator[str]:
        """Yield the rows of which these columns may have been otherwise, and what stands beside them."""
        known = frozenset(held.table.columns) - changed
        for of_any_row in (False, True):
            if not of_any_row or (ANY_ROW in changed and bounds_of(held)):
                begun = begin_unsettled(self._zone, held, columns, held.conjuncts, of_any_row=of_any_row)
                yield from self._rows(held, begun, "drift")
                yield from self._beside(Beginning(held, begun, known))

    def _beside(self, beginning: Beginning) -> Iterator[str]:
        for other, joined in list_partners(self._plan, self._group.links, beginning, self._past.changed):
            yield from self._rows(other, joined, "beside")

    def _rows(self, held: Instance, begun: str, kind: str) -> Iterator[str]:
        """Yield an instance's rows, and the same rows for each of its facets."""
        if held.number in self._plan.whole and kind != "ghost":
            return
        for one in self._plan.instances:
            if one is held or one.of == held.number:
                yield _rows_sql(self._group, held, one.number, begun, kind)


def _rows_sql(group: Group, held: Instance, number: int, begun: str, kind: str) -> str:
    """Select an instance's rows out of what was begun, as rows of the replay under a number."""
    return (
        f"SELECT _p._exec AS event_id, {group.number} AS plan, {number} AS instance, "
        f"{quote_text(held.table.kept_as)} AS _table, {aliased(held)}._ord AS row_ord, 2 AS doubt, "
        f"'{kind}' AS kind, CAST(NULL AS VARCHAR) AS value, CAST(NULL AS BIGINT) AS group_size {begun}"
    )


def _ghosts(held: Instance, ghosts: Ghosts) -> str:
    """Begin with the rows that were there then and pass the conditions that speak of what is known."""
    alias = aliased(held)
    kept = [
        part
        for part in held.conjuncts
        if part[1] and part[1] <= ghosts.columns and not asks_for_nothing(part[0])
    ]
    return (
        f"FROM args AS _p JOIN {ghosts.relation} AS {alias} "
        f"ON {THEN.format(alias, '_')}{_conditions(held, kept)}"
    )


def _conditions(held: Instance, kept: list[Part]) -> str:
    return "".join(f" AND ({aliased(held, part)})" for part, _ in kept)
