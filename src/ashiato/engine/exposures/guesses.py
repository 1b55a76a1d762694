"""Values taken from a request because no log holds them, held against what the replay gives.

A guess stands if the log counted as many rows as it gives; where the log counts none, if it names a row by
its key and there is one. Else the value is unknown again, and the statement is widened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ashiato.engine.exposures.drift import Past
from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.groups import Group, gather_groups
from ashiato.engine.exposures.hidden import open_names
from ashiato.engine.exposures.masks import LACKS, find_masks, with_literals
from ashiato.engine.exposures.plan import Plan
from ashiato.engine.exposures.replay import replay_group
from ashiato.engine.exposures.state import State
from ashiato.engine.store import Store
from ashiato.terms.errors import EngineError

_HELD = re.compile(r"""(\w+)["`]?\s*=\s*\$[0-9]""")


def keep_borne_out(
    store: Store,
    states: tuple[State, ...],
    dialects: dict[str, str],
    past: Past,
    *,
    logged: Iterable[Execution],
    solved: Sequence[Execution],
) -> list[Execution]:
    """Return the solved executions, those whose guess does not stand as logged, with their doubt."""
    as_logged = {execution.event_id: execution for execution in logged}
    guessed = [x for x in solved if x.note in LACKS and x != replace(as_logged[x.event_id], note=x.note)]
    asking = _asking_by_key([as_logged[x.event_id] for x in guessed], states, dialects)
    standing: set[int] = set()
    for group in gather_groups(open_names(store, states, guessed, dialects), states, dialects):
        if group.plan is not None and group.refusal is None:
            counts = _counts(store, group, group.plan, past)
            standing |= {x.event_id for x, _ in group.members if _stands(x, counts, asking)}
    fallen = {x.event_id for x in guessed} - standing
    return [replace(as_logged[x.event_id], note=x.note) if x.event_id in fallen else x for x in solved]


def _asking_by_key(
    logged: Iterable[Execution], states: tuple[State, ...], dialects: dict[str, str]
) -> frozenset[int]:
    """Return the executions whose missing value is held to be the key of a table."""
    keys = {
        table.key[0].lower() for state in states for table in state.tables.values() if len(table.key) == 1
    }
    dialect = dialects[states[0].system.name]
    return frozenset(
        x.event_id
        for x in logged
        if keys & {name.lower() for name in _HELD.findall(_marked(x.text, dialect))}
    )


def _marked(text: str, dialect: str) -> str:
    masks = find_masks(text, dialect)
    return with_literals(text, masks, ["$1"] * len(masks))


def _stands(execution: Execution, counts: dict[int, int], asking: frozenset[int]) -> bool:
    found = counts.get(execution.event_id, 0)
    by_key = execution.rows is None and execution.event_id in asking
    return found == execution.rows or (by_key and found > 0)


def _counts(store: Store, group: Group, plan: Plan, past: Past) -> dict[int, int]:
    """Return how many rows each execution's reply has by the replay, of those with a row."""
    try:
        written = replay_group(store, group, plan, past)
    except EngineError:
        return {}
    if not written:
        # A statement that reads nothing has no reply to count.
        return {}
    rows = " UNION ALL ".join(f"SELECT event_id, row_ord FROM {name} WHERE instance = -1" for name in written)
    return dict(store.rows(f"SELECT event_id, max(row_ord) FROM ({rows}) AS r GROUP BY event_id"))
