"""Which rows any statement of the log reached at the upper bound, whoever ran it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ashiato.engine.exposures.absences.understood import gaps_in, is_alike, is_harmless, writes_unnamed
from ashiato.engine.exposures.drift import Past
from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.groups import Group, gather_groups
from ashiato.engine.exposures.markers import restored_tree, structural_markers
from ashiato.engine.exposures.plan import SMALL_GROUP
from ashiato.engine.exposures.replay import replay_group, widen_replay
from ashiato.engine.exposures.shapes import NotUnderstoodError, parse_shape, shape_statement
from ashiato.engine.exposures.state import State
from ashiato.engine.exposures.widened_rows import widen_tables
from ashiato.engine.store import Row, Station, Store, quote_text
from ashiato.terms.errors import EngineError
from ashiato.terms.proof_gaps import ProofGap

_CUT_BIND = re.compile(r"\.\.\.'(,|$)")
_NOBODY = "-"

# Every statement but those of programs known to be honest, unless the intruder was one of them.
_STATEMENTS = """
SELECT e.event_id, e.start_us, e.query_text, e.query_binds, e.query_rows, e.error_code, e.error_text,
       e.database_name
FROM events AS e LEFT JOIN intrusion AS i ON i.event_id = e.event_id
WHERE e.event_kind = 'sql' AND e.start_us >= {since}
  AND (i.event_id IS NOT NULL OR e.database_user_name IS NULL OR e.database_user_name NOT IN ({machines}))
ORDER BY e.event_id
"""
_ROWS = f"""
SELECT DISTINCT _table, row_ord FROM ({{rows}}) AS r
WHERE row_ord >= 0 AND instance >= 0
  AND (kind <> 'aggregate' OR coalesce(group_size, 0) < {SMALL_GROUP})
"""


@dataclass(frozen=True)
class Doubts:
    """What no replay is trusted on.

    ``soft``: columns that it may compare otherwise than the server did. ``unclear``: tables of which it is
    not known which rows stood there, or whose they were.
    """

    soft: frozenset[str]
    unclear: frozenset[str]


class Touching:
    """Replays a log's statements for the rows they reach; ``gaps`` counts what could not be bounded."""

    def __init__(self, store: Store, state: State, dialect: str, doubts: Doubts) -> None:
        """Replay on a system's state, as far as ``doubts`` let."""
        self._store = store
        self._state = state
        self._dialect = dialect
        self._doubts = doubts
        self.gaps: Counter[str] = Counter()
        self.written: list[str] = []
        self._events = 0

    def replay(self, since_us: int, machines: tuple[str, ...], past: Past) -> int:
        """Replay the statements since a time and return how many there were.

        ``written``: the tables of touched rows (``_table``, ``row_ord``), one per shape that reached any.
        """
        executions = list(self._executions(since_us, machines))
        groups = gather_groups(executions, (self._state,), {self._state.system.name: self._dialect})
        names = [self._touch(group, past) for group in groups]
        self.written = [name for name in names if name is not None]
        return self._events

    def _executions(self, since_us: int, machines: tuple[str, ...]) -> Iterator[Execution]:
        named = ", ".join(quote_text(name) for name in machines) or "''"
        for row in self._store.rows(_STATEMENTS.format(since=since_us, machines=named)):
            execution = _execution(row)
            self._events += 1
            if not execution.text:
                ran = not (execution.error_code or "").startswith("42")
                self.gaps.update([ProofGap.NOT_UNDERSTOOD.told(why="no-text")] if ran else [])
            elif _CUT_BIND.search(execution.binds or ""):
                self.gaps.update([ProofGap.NOT_UNDERSTOOD.told(why="bind-cut")])
            elif not is_harmless(execution.text):
                yield execution

    def _touch(self, group: Group, past: Past) -> str | None:
        """Write the rows a group's statements reached; None where it reaches none, or nobody can tell."""
        try:
            shaped = shape_statement(group.members[0][0].text, group.members[0][0].binds, self._dialect)
            tree = restored_tree(shaped, structural_markers(shaped, self._dialect), self._dialect)
            parse_shape(shaped.shape, self._dialect)
        except NotUnderstoodError as error:
            self.gaps.update([ProofGap.NOT_UNDERSTOOD.told(why=str(error))])
            return None
        if found := set(gaps_in(tree, self._state)):
            self.gaps.update(found)
            return None
        alike = is_alike(tree, self._state, self._doubts.soft) and not writes_unnamed(tree, self._state)
        written = self._rows_of(group, past, alike=alike)
        if not written:
            return None
        name = f"touched_rows_{group.number}"
        rows = " UNION ALL ".join(f"SELECT * FROM {each}" for each in written)
        self._store.run(Station(name, _ROWS.format(rows=rows), follows_log=True))
        return name

    def _rows_of(self, group: Group, past: Past, *, alike: bool) -> list[str]:
        plan = group.plan
        if (
            plan is None
            or not alike
            or any(held.table.name in self._doubts.unclear for held in plan.instances)
        ):
            return self._whole_tables(group)
        if plan.unordered or plan.collated:
            return self._widened(group, past)
        try:
            return replay_group(self._store, group, plan, past)
        except EngineError:
            return self._whole_tables(group)

    def _widened(self, group: Group, past: Past) -> list[str]:
        """Keep every row that the statement's own conditions let through, and what drifted besides."""
        one = _as_one(group)
        plan = group.plan
        if plan is None or any(held.of is not None or len(plan.instances) > 1 for held in plan.instances):
            return self._whole_tables(group)
        return widen_replay(self._store, one, plan, past)

    def _whole_tables(self, group: Group) -> list[str]:
        """Keep every row of the tables named; of unclear ones also everybody whose rows they ever were."""
        one = _as_one(group)
        text = " ".join({execution.text.lower() for execution, _ in group.members})
        named = {name for name in self._state.tables if name.rpartition(".")[2].lower() in text}
        owners = {self._state.tables[name].person_table for name in named & self._doubts.unclear}
        numbered = enumerate(self._state.tables.values())
        kept = [held for held in numbered if held[1].name in named | owners]
        return widen_tables(self._store, one, kept, None)


def _as_one(group: Group) -> Group:
    """Return a group whose executions are told apart no more: what is widened for one is for all."""
    return replace(group, members=tuple((replace(x, path=_NOBODY), values) for x, values in group.members))


def _execution(row: Row) -> Execution:
    event_id, start_us, text, binds, counted, error_code, error_text, database = row
    return Execution(
        event_id=event_id,
        path=str(event_id),
        start_us=start_us,
        text=text or "",
        binds=binds,
        rows=counted,
        error_code=error_code,
        error_text=error_text,
        database=database,
        http_event_id=None,
        target=None,
        code=None,
        route=None,
        pooled=False,
        lent=False,
        carries=None,
        usual=True,
    )
