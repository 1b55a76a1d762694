"""Rows in doubt all together: a write that may have touched any row, in every column that a statement asks.

Whatever the statement's values were, each row may have been in its reply, and with it whoever stands beside
one by its links. That is told once per shape, not once per execution: which executions of it (``blanketed``)
put which rows in doubt (``covered``). By name a row is told for the first execution of each kind alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import pyarrow as pa
from sqlglot import exp

from ashiato.engine.exposures.doubts import blanketed_sql, moved_columns
from ashiato.engine.exposures.drift import NO_DRIFT, Past
from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.lives import ANY_ROW
from ashiato.engine.exposures.otherwise import (
    Otherwise,
    doubts_of_any,
    hanging,
    stretches_of,
    write_stretches,
)
from ashiato.engine.exposures.partners import Beginning, aliased, list_partners
from ashiato.engine.exposures.plan import SMALL_GROUP, Instance, Plan
from ashiato.engine.store import Station, Store, quote_text

#: Tells of an execution of what kind it is: one of each kind stands for all, where their rows are the same.
Kind = Callable[[Execution], object]
_ENDLESS = 1 << 62
_PARAMETER = re.compile(r"\b_p\.\"?(\w+)")
# Which executions condensed a table's rows into groups so large that they tell of nobody.
_LARGE = f"""
SELECT event_id, instance FROM ({{rows}}) AS r WHERE kind = 'aggregate' GROUP BY event_id, instance
HAVING min(group_size) = max(group_size) AND max(group_size) >= {SMALL_GROUP}
"""
#: One row per execution: how many rows its blankets cover, with all that hang on one (``fans``).
COVERED_COUNTS = """
SELECT b.event_id, CAST(sum(v.held * f.fan) AS BIGINT) AS held FROM blanketed AS b JOIN (
  SELECT source, until_us, count(*) AS held FROM covered WHERE instance = source GROUP BY source, until_us
) AS v ON v.source = b.source AND v.until_us > b.time_us
JOIN ({fans}) AS f ON f.instance = b.source GROUP BY b.event_id
"""


@dataclass(frozen=True)
class Blankets:
    """One group's tables of which any row may have been otherwise.

    ``kind_of``: None where all executions are of one kind, and rows of groups of any size are told.
    """

    group: Group
    plan: Plan
    past: Past
    kind_of: Kind | None
    sources: Sequence[Instance]

    def write(self, store: Store) -> None:
        """Write ``blanketed``, ``covered`` and ``kinds`` (of the executions)."""
        kinds: dict[object, int] = {}
        told = self._told_of(store)
        numbers = [kinds.setdefault(kind, len(kinds)) for kind in told]
        events = pa.array([x.event_id for x, _ in self.group.members], pa.int64())
        store.write_as("kinds", pa.table({"event_id": events, "kind": pa.array(numbers, pa.int64())}))
        store.run(Station("blanketed", _united(map(self._blanketed, self.sources)), follows_log=True))
        covered = (sql for held in self.sources for sql in self._covered(held))
        store.run(Station("covered", _united(covered), follows_log=True))
        for one in self.plan.instances:
            write_stretches(store, hanging(self.group.state, one.table))

    def _told_of(self, store: Store) -> list[object]:
        """Tell of what kind each execution is, and what of any row may have been otherwise when it ran."""
        if self.kind_of is None:
            return [None] * len(self.group.members)
        steps = {
            step.kept_as: step for one in self.plan.instances for step in hanging(self.group.state, one.table)
        }
        otherwise = Otherwise(chain.from_iterable(doubts_of_any(store, steps.values()).values()))
        return [(self.kind_of(x), otherwise.at(x.start_us)) for x, _ in self.group.members]

    def levels_of(self, instances: Sequence[int]) -> tuple[str, list[str]]:
        """Return the joins that find a joined row ``q`` under the blankets, and the doubt each puts it in."""
        ties, levels = "", []
        for held in self.sources:
            b = f"b{held.number}"
            ties += (
                f" LEFT JOIN (SELECT event_id, time_us FROM blanketed WHERE source = {held.number}) AS {b} "
                f"ON {b}.event_id = q._exec"
            )
            for n in instances:
                v = f"v{held.number}_{n}"
                ties += (
                    f" LEFT JOIN (SELECT row_ord, until_us FROM covered WHERE source = {held.number} "
                    f"AND instance = {n}) AS {v} ON {v}.row_ord = q._k{n}"
                )
                levels.append(f"CASE WHEN {v}.until_us > {b}.time_us THEN 1 ELSE 0 END")
        return ties, levels

    def spread(self, store: Store, lineage: Sequence[str]) -> str:
        """Write the rows under the blankets, and those of the replay that are; returns the table's name."""
        rows = " UNION ALL ".join([NO_DRIFT, *(f"SELECT * FROM {one}" for one in lineage)])
        large = _LARGE.format(rows=NO_DRIFT if self.kind_of is None else rows)
        store.run(Station("in_large_groups", large))
        name = f"blanket_{self.group.number}"
        parts = [sql for held in self.sources for sql in (*self._own_rows(held), *self._rows_beside(held))]
        store.run(Station(name, _united([NO_DRIFT, *parts, *map(_shaken, lineage)]), follows_log=True))
        return name

    # -- whom they cover, whatever the values were --------------------------------------------------

    def _blanketed(self, held: Instance) -> str:
        columns = moved_columns(self.group, held, self.past.changed[held.table.kept_as])
        return (
            "SELECT *, row_number() OVER (ORDER BY time_us, event_id) AS place FROM ("
            f"SELECT DISTINCT {held.number} AS source, _p._exec AS event_id, _p._time_us AS time_us, "
            f"c.from_us AS stretch_us {blanketed_sql(held, columns)}) AS b"
        )

    def _covered(self, held: Instance) -> Iterator[str]:
        """Select the rows of which nothing of their own is told, and whoever may stand beside one."""
        rows = self._at_rest(held)
        for one in self._roles(held):
            yield (
                f"SELECT {held.number} AS source, {one.number} AS instance, r._ord AS row_ord, "
                f"r._until_us AS until_us FROM ({rows}) AS r"
            )
        until = f"(SELECT max(r._until_us) FROM ({rows}) AS r) AS until_us"
        start = f"FROM (SELECT 0 AS _exec) AS _p JOIN ({rows}) AS {aliased(held)} ON TRUE"
        for other, joined in self._partners(_without_values(self.plan), held, start):
            for one in self._roles(other):
                yield (
                    f"SELECT DISTINCT {held.number} AS source, {one.number} AS instance, "
                    f"{aliased(other)}._ord AS row_ord, {until} {joined}"
                )

    def _at_rest(self, held: Instance) -> str:
        """Select a table's rows of which nothing of their own is told; ``_until_us``: when last written."""
        since = held.table.since_sql("s", self.group.state.zone)
        which = " WHERE s._restless = 0" if held.table.lived else ""
        return f"SELECT s.*, COALESCE({since}, {_ENDLESS}) AS _until_us FROM {held.table.kept_as} AS s{which}"

    def _partners(self, plan: Plan, held: Instance, start: str) -> Iterator[tuple[Instance, str]]:
        changed: Mapping[str, frozenset[str]] = self.past.changed
        known = frozenset(held.table.columns) - changed[held.table.kept_as]
        beginning = Beginning(plan.instances[held.number], start, known)
        yield from list_partners(plan, self.group.links, beginning, changed)

    def _roles(self, held: Instance) -> Iterator[Instance]:
        """Yield a table's instance, and those that stand for its rows in another role."""
        return (one for one in self.plan.instances if held.number in (one.number, one.of))

    # -- rows by name, for the first execution of each kind -----------------------------------------

    def _own_rows(self, held: Instance) -> Iterator[str]:
        """Name every row once; one that was otherwise, or hangs on one that was, once in each stretch."""
        turns = stretches_of(held.table)
        for one in self._roles(held):
            meant = f"SELECT b.kind, b.stretch_us, min(b.place) AS place FROM ({self._meant(held, one)}) AS b"
            shown = f"SELECT b.event_id, {self._marks(one)} "
            tie = (
                f"JOIN blanketed AS b ON b.source = {held.number} AND b.place = f.place JOIN covered AS v "
                f"ON v.source = {held.number} AND v.instance = {one.number} AND v.until_us > b.time_us"
            )
            yield (
                f"{shown} FROM ({meant} GROUP BY b.kind, b.stretch_us) AS f {tie} "
                f"WHERE v.row_ord NOT IN (SELECT row_ord FROM {turns})"
            )
            yield (
                f"{shown} FROM ({meant.replace('SELECT ', 'SELECT t.row_ord, ', 1)} JOIN {turns} AS t "
                "ON t.begun_us <= b.time_us AND t.ended_us > b.time_us "
                f"GROUP BY b.kind, b.stretch_us, t.row_ord, t.begun_us) AS f {tie} AND v.row_ord = f.row_ord"
            )

    def _rows_beside(self, held: Instance) -> Iterator[str]:
        """Name whoever may stand beside a row once for all executions with the same values at stake."""
        for place, (other, joined) in enumerate(self._partners(self.plan, held, "FROM args AS _p")):
            asked = sorted(set(_PARAMETER.findall(joined)) - {"_exec"})
            for one in self._roles(other):
                start = (
                    f"FROM ({self._firsts(held, one, asked)}) AS _p JOIN ({self._at_rest(held)}) "
                    f"AS {aliased(held)} ON {aliased(held)}._until_us > _p._time_us"
                )
                found = list(self._partners(self.plan, held, start))[place][1]
                row = f"{aliased(other)}._ord"
                yield f"SELECT DISTINCT _p._exec AS event_id, {self._marks(one, 'beside', row)} {found}"

    def _firsts(self, held: Instance, one: Instance, asked: Sequence[str]) -> str:
        """Select the arguments of the first execution with the same values, in each turn of a table."""
        same = ", ".join(["b.kind", "b.stretch_us", "a._turn", *(f"a.{name}" for name in asked)])
        return (
            f"SELECT * FROM (SELECT a.*, row_number() OVER (PARTITION BY {same} ORDER BY b.place) AS _nth "
            "FROM (SELECT a.*, (SELECT count(DISTINCT t.begun_us) "
            f"FROM {stretches_of(one.table)} AS t WHERE t.begun_us <= a._time_us) AS _turn "
            f"FROM args AS a) AS a JOIN ({self._meant(held, one)}) AS b ON b.event_id = a._exec) AS a "
            "WHERE _nth = 1"
        )

    def _meant(self, held: Instance, one: Instance) -> str:
        """Select the executions under a blanket, but those that condensed the rows into large groups."""
        return (
            "SELECT b.*, k.kind FROM blanketed AS b JOIN kinds AS k ON k.event_id = b.event_id "
            f"LEFT JOIN in_large_groups AS g ON g.event_id = b.event_id AND g.instance = {one.number} "
            f"WHERE b.source = {held.number} AND g.event_id IS NULL"
        )

    def _marks(self, one: Instance, kind: str = "drift", row: str = "v.row_ord") -> str:
        table = quote_text(one.table.kept_as)
        return (
            f"{self.group.number} AS plan, {one.number} AS instance, {table} AS _table, {row} AS row_ord, "
            f"2 AS doubt, '{kind}' AS kind, CAST(NULL AS VARCHAR) AS value, "
            "CAST(NULL AS BIGINT) AS group_size"
        )


def find_blankets(group: Group, plan: Plan, past: Past, kind_of: Kind | None) -> Blankets | None:
    """Return a group's tables of which any row may have been otherwise, or None when there is none."""
    found = []
    for held in plan.instances:
        changed = past.changed.get(held.table.kept_as, frozenset())
        told = held.of is not None or held.number in plan.whole
        if not told and ANY_ROW in changed and moved_columns(group, held, changed):
            found.append(held)
    return Blankets(group, plan, past, kind_of, found) if found else None


def _united(parts: Iterator[str] | Sequence[str]) -> str:
    return " UNION ALL ".join(parts)


def _without_values(plan: Plan) -> Plan:
    """Return a plan whose tables' conditions are those that hang on no value of an execution."""
    held = [
        replace(one, conjuncts=[(part, names) for part, names in one.conjuncts if not _has_value(part)])
        for one in plan.instances
    ]
    return replace(plan, instances=tuple(held))


def _has_value(part: exp.Expr) -> bool:
    return any(column.table == "_p" for column in part.find_all(exp.Column))


def _shaken(lineage: str) -> str:
    """Select the rows of a replay that lie under a blanket."""
    return (
        "SELECT DISTINCT l.event_id, l.plan, l.instance, l._table, l.row_ord, 1 AS doubt, 'shaken' AS kind, "
        "CAST(NULL AS VARCHAR) AS value, CAST(NULL AS BIGINT) AS group_size "
        f"FROM {lineage} AS l JOIN blanketed AS b ON b.event_id = l.event_id JOIN covered AS v "
        "ON v.source = b.source AND v.instance = l.instance AND v.row_ord = l.row_ord "
        "AND v.until_us > b.time_us"
    )
