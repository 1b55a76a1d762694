"""Drift: rows whose deciding columns changed between the statement and the snapshot, and rows that are gone.

Such a row may have been in a reply though the snapshot says no, and out of it though it says yes. It
is looked for only among rows that satisfy every condition its changed columns do not decide; whoever
stands beside it by the statement's own links is in doubt with it (``partners``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.changes import ANY_ROW
from ashiato.engine.exposures.ghosts import Ghosts
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.links import asks_for_nothing
from ashiato.engine.exposures.lives import ARRIVED, UNSEEN
from ashiato.engine.exposures.moments import Moments, then
from ashiato.engine.exposures.partners import Beginning, aliased, list_partners
from ashiato.engine.exposures.plan import Instance, Plan
from ashiato.engine.store import Station, quote_name, quote_text

_Part = tuple[exp.Expr, frozenset[str]]
#: No drifted row.
NO_DRIFT = (
    "SELECT CAST(NULL AS BIGINT) AS event_id, 0 AS plan, 0 AS instance, CAST(NULL AS VARCHAR) AS _table, "
    "CAST(NULL AS BIGINT) AS row_ord, 2 AS doubt, 'drift' AS kind, CAST(NULL AS VARCHAR) AS value, "
    "CAST(NULL AS BIGINT) AS group_size WHERE FALSE"
)
_THEN = "{0}.{1}from_us <= _p._time_us AND {0}.{1}to_us > _p._time_us"


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
            begun = _unsettled(self._zone, held, [ARRIVED], held.conjuncts, of_any_row=False)
            yield from self._rows(held, begun, "arrived")
            if self._group.negative:
                present = [part for part in held.conjuncts if not asks_for_nothing(part[0])]
                begun = _unsettled(self._zone, held, [ARRIVED], present, of_any_row=False)
                yield from self._beside(Beginning(held, begun, frozenset(held.table.columns)))
        for ghosts in self._past.ghosts.get(held.table.kept_as, ()):
            begun = _ghosts(held, ghosts)
            yield from self._rows(held, begun, "ghost")
            yield from self._beside(Beginning(held, begun, ghosts.columns))

    def _changed_parts(self, held: Instance, columns: list[str], changed: frozenset[str]) -> Iterator[str]:
        """Yield the rows of which these columns may have been otherwise, and what stands beside them."""
        known = frozenset(held.table.columns) - changed
        for of_any_row in (False, True):
            if not of_any_row or (ANY_ROW in changed and _bounds(held)):
                begun = _unsettled(self._zone, held, columns, held.conjuncts, of_any_row=of_any_row)
                yield from self._rows(held, begun, "drift")
                yield from self._beside(Beginning(held, begun, known))

    def _beside(self, beginning: Beginning) -> Iterator[str]:
        for other, joined in list_partners(self._plan, self._group.links, beginning, self._past.changed):
            yield from self._rows(other, joined, "beside")

    def _rows(self, held: Instance, begun: str, kind: str) -> Iterator[str]:
        """Yield an instance's rows, and the same rows for each of its facets."""
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


def _unsettled(
    zone: str, held: Instance, columns: list[str], kept: Sequence[_Part], *, of_any_row: bool
) -> str:
    """Begin with the rows of which a column may have been otherwise at that time.

    ``kept``: the conditions that they pass, each as far as its own columns are not in doubt of the row.
    """
    table, alias = held.table.kept_as, aliased(held)
    # A write whose rows cannot be told touches every row that the other conditions let through, but for
    # those of which more is told.
    same = ["TRUE"] if of_any_row else [f"c.row_ord = {alias}._ord"]
    if of_any_row and held.table.lived:
        same.append(f"{alias}._restless = 0")
    if of_any_row and held.table.updated_at is not None:
        same.append(f"COALESCE({held.table.since_sql(alias, zone)} > _p._time_us, TRUE)")
    named = _names_asked(kept)
    places = {name: place for place, name in enumerate(named)}
    if of_any_row:
        same.append(f"NOT ({_whole(held)})")
    for part, names in kept:
        unsure = "".join(f"c.u{places[name]} = 1 OR " for name in sorted(names))
        same.append(f"({unsure}({aliased(held, part)}))")
    return (
        f"FROM args AS _p JOIN ({_doubts_sql(table, columns, named, of_any_row=of_any_row)}) AS c "
        f"ON c.hit = 1 AND {_THEN.format('c', '')} JOIN {table} AS {alias} ON {' AND '.join(same)}"
    )


def moved_columns(group: Group, held: Instance, changed: frozenset[str]) -> list[str]:
    """Return the columns that decide about an instance's rows and may have been otherwise."""
    deciding = held.used | {link.column for link in group.links if link.number == held.number}
    return sorted((deciding | {UNSEEN}) & changed)


def blanketed_sql(held: Instance, columns: list[str]) -> str:
    """Begin with the executions for which any row may have been otherwise, and no condition stands firm."""
    doubts = _doubts_sql(held.table.kept_as, columns, _names_asked(held.conjuncts), of_any_row=True)
    return f"FROM args AS _p JOIN ({doubts}) AS c ON c.hit = 1 AND {_THEN.format('c', '')} AND {_whole(held)}"


def _names_asked(kept: Sequence[_Part]) -> list[str]:
    return sorted({name for _, names in kept for name in names})


def _bounds(held: Instance) -> list[_Part]:
    """Return the conditions on rows of which nothing of their own is told: those are there at all times."""
    return [(part, names) for part, names in held.conjuncts if names or part != then(held.alias)]


def _whole(held: Instance) -> str:
    """Tell in SQL whether in a stretch ``c`` none of an instance's conditions stands firm."""
    places = {name: place for place, name in enumerate(_names_asked(held.conjuncts))}
    loose = [
        "(" + (" OR ".join(f"c.u{places[name]} = 1" for name in sorted(names)) or "FALSE") + ")"
        for _, names in _bounds(held)
    ]
    return " AND ".join(loose) or "TRUE"


def _doubts_sql(table: str, columns: list[str], asked: Sequence[str], *, of_any_row: bool) -> str:
    """Select the stretches in which one of some columns is in doubt, and which of those asked are then."""
    which = "t.row_ord IS NULL AND d.row_ord IS NULL" if of_any_row else "t.row_ord = d.row_ord"
    marks = "".join(
        f", max(CASE WHEN d.column_name = {quote_text(name)} THEN 1 ELSE 0 END) AS u{place}"
        for place, name in enumerate(asked)
    )
    named = ", ".join(quote_text(name) for name in columns)
    return (
        "SELECT t.row_ord, t.begun_us AS from_us, t.ended_us AS to_us, "
        f"max(CASE WHEN d.column_name IN ({named}) THEN 1 ELSE 0 END) AS hit{marks} FROM turns AS t "
        f"JOIN changes AS d ON d._table = t._table AND {which} "
        "AND d.from_us <= t.begun_us AND d.to_us >= t.ended_us "
        f"WHERE t._table = '{table}' GROUP BY t.row_ord, t.begun_us, t.ended_us"
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
        f"ON {_THEN.format(alias, '_')}{_conditions(held, kept)}"
    )


def _conditions(held: Instance, kept: list[tuple[exp.Expr, frozenset[str]]]) -> str:
    return "".join(f" AND ({aliased(held, part)})" for part, _ in kept)
