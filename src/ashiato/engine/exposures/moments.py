"""Rows as of the moment of a statement: conditions on the times that tables with a history carry.

``_then_us`` is since when all tables that a statement reads stood as they did when it ran: statements between
which nothing changed have it alike.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from sqlglot import exp

from ashiato.engine.exposures.joins import side_of
from ashiato.engine.exposures.lives import FIRST_US
from ashiato.engine.exposures.state import State
from ashiato.engine.store import Store, quote_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The column of ``args`` that says when a statement ran, as far as the tables tell.
THEN = "_then_us"
#: When something becomes otherwise, by table.
Moments = Mapping[str, Sequence[int]]
Times: TypeAlias = "NDArray[np.int64]"


def moments_of(store: Store, states: Sequence[State]) -> Moments:
    """Return by table when a row of it begins or ends to be as it stands there, or where it stands."""
    lived = [table.kept_as for state in states for table in state.tables.values() if table.lived]
    parts = ["SELECT _table, _moved_us + 1 FROM moves", "SELECT _table, _until_us + 1 FROM moves"]
    for name in lived:
        parts += [f"SELECT {quote_text(name)}, {end} FROM {name}" for end in ("_from_us", "_to_us")]
    found: dict[str, list[int]] = {}
    for table, moment in store.rows(
        f"SELECT DISTINCT * FROM ({' UNION ALL '.join(parts)}) AS t (_table, at_us)"
    ):
        if moment is not None:
            found.setdefault(table, [FIRST_US]).append(moment)
    return {name: sorted(times) for name, times in found.items()}


def since_when(times_us: Sequence[int], tables: Collection[str], moments: Moments) -> Times:
    """Return for each statement since when these tables stood as they did when it ran."""
    asked = np.array(times_us, np.int64)
    known = np.array(sorted({FIRST_US}.union(*(moments.get(name, ()) for name in tables))), np.int64)
    places = np.searchsorted(known, asked, "right")
    return np.where(places > 0, known[places - 1], asked)


def then(alias: str) -> exp.Expr:
    """Return the condition that a row was as it stands there when the statement ran."""
    moment = exp.column(THEN, table="_p")
    begun, ended = (exp.column(name, table=alias, quoted=True) for name in ("_from_us", "_to_us"))
    return exp.and_(
        exp.LTE(this=begun, expression=moment), exp.GT(this=ended, expression=moment.copy()), copy=False
    )


def only_then(table: exp.Table, alias: str) -> None:
    """Keep, of a table in a condition's subquery, the rows as they were when the statement ran."""
    scope = table.find_ancestor(exp.Select)
    sides = {side_of(one) for one in scope.args.get("joins") or []} if scope is not None else {"FULL"}
    if scope is None or sides - {""}:
        held = exp.select("*").from_(table.copy()).where(then(alias), copy=False)
        table.replace(held.subquery(alias))
    else:
        scope.where(then(alias), copy=False)
