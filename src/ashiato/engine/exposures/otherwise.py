"""When a row was otherwise: it, one that it hangs on, or any row of their tables."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ashiato.engine.exposures.lives import FIRST_US
from ashiato.engine.exposures.owning import steps_to_people
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.store import Row, Station, Store, quote_name, quote_text

# Of any row: what is in doubt, and whether it was filled then.
_OF_ANY_ROW = """
SELECT _table, column_name, filled, from_us, to_us FROM changes
WHERE row_ord IS NULL AND _table IN ({tables}) ORDER BY ALL
"""
_STRETCHES = """
SELECT row_ord, at_us AS begun_us,
       lead(at_us, 1, 9000000000000000000) OVER (PARTITION BY row_ord ORDER BY at_us) AS ended_us
FROM (
  SELECT row_ord, at_us FROM ({moments}) AS m
  UNION SELECT row_ord, CAST({first} AS BIGINT) FROM ({moments}) AS m
) AS moments
"""


def hanging(state: State, table: StateTable) -> list[StateTable]:
    """Return a table and those on its rows' way to the people, theirs left out."""
    return [step for step, _ in steps_to_people(state, table)] or [table]


class Otherwise:
    """What may have been otherwise of any row of these tables, at any time."""

    def __init__(self, doubts: Iterable[Row]) -> None:
        """Take what writes left in doubt of any row, as ``doubts_of_any`` returns it."""
        turns: dict[int, Counter[Row]] = defaultdict(Counter)
        for *what, from_us, to_us in doubts:
            turns[from_us][tuple(what)] += 1
            turns[to_us][tuple(what)] -= 1
        self._moments = sorted(turns)
        self._states = list(_running(turns[at_us] for at_us in self._moments))

    def at(self, at_us: int) -> frozenset[Row]:
        """Return what is in doubt of any row at a moment: table, column, and whether it was filled then."""
        place = bisect_right(self._moments, at_us) - 1
        return self._states[place] if place >= 0 else frozenset()


def doubts_of_any(store: Store, tables: Iterable[StateTable]) -> dict[str, list[Row]]:
    """Return by table what writes left in doubt of any row of it; reads ``changes``."""
    names = sorted({one.kept_as for one in tables})
    found: dict[str, list[Row]] = defaultdict(list)
    if names:
        for row in store.rows(_OF_ANY_ROW.format(tables=", ".join(map(quote_text, names)))):
            found[row[0]].append(row)
    return found


def _running(turns: Iterable[Counter[Row]]) -> Iterator[frozenset[Row]]:
    """Yield what is in doubt after each of these turns."""
    running: Counter[Row] = Counter()
    for turn in turns:
        running.update(turn)
        yield frozenset(what for what, count in running.items() if count > 0)


def stretches_of(table: StateTable) -> str:
    """Name the relation of a table's stretches."""
    return f"stretches{table.place}"


def write_stretches(store: Store, steps: Sequence[StateTable]) -> str:
    """Write once the stretches in which a row and those it hangs on were the same; at rest it has none."""
    name = stretches_of(steps[0])
    if not store.has(name):
        sql = _STRETCHES.format(moments=_moments_sql(steps), first=FIRST_US)
        store.run(Station(name, sql))
    return name


def _moments_sql(steps: Sequence[StateTable]) -> str:
    """Select when a row of the first table, or one it hangs on, begins or ends to be as it is."""
    table, *above = steps
    kept = quote_text(table.kept_as)
    parts = [
        f"SELECT row_ord, {end} AS at_us FROM changes WHERE _table = {kept} AND row_ord IS NOT NULL"
        for end in ("from_us", "to_us")
    ]
    if table.lived:
        parts += [
            f"SELECT _ord AS row_ord, {end} AS at_us FROM {table.kept_as} WHERE _restless = 1"
            for end in ("_from_us", "_to_us")
        ]
    if above and table.owner is not None:
        ties = " AND ".join(
            f"CAST(o.{quote_name(key)} AS VARCHAR) = CAST(s.{quote_name(column)} AS VARCHAR)"
            for key, column in zip(above[0].key, table.owner[1], strict=True)
        )
        parts.append(
            f"SELECT s._ord AS row_ord, m.at_us FROM {table.kept_as} AS s "
            f"JOIN {above[0].kept_as} AS o ON {ties} JOIN ({_moments_sql(above)}) AS m ON m.row_ord = o._ord"
        )
    return " UNION ".join(parts)
