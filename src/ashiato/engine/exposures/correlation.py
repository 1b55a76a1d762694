"""Correlated subqueries that condense rows: whose rows they are, seen from the row around them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from ashiato.engine.exposures.clauses import sources_of
from ashiato.engine.exposures.expressions import conjuncts_of, has_aggregate
from ashiato.engine.exposures.shapes import NotUnderstoodError
from ashiato.engine.exposures.state import State, StateTable


def condenses_own_rows(inner: exp.Expr, around: Mapping[str, StateTable], state: State) -> bool:
    """Tell whether a subquery condenses rows that hang on the person of the row around it.

    ``around``: the tables of the scope around it, by alias. Raises NotUnderstoodError for a subquery that
    condenses others' rows: whose they are hangs on each outer row.
    """
    if not isinstance(inner, exp.Select) or not has_aggregate(inner):
        return False
    tables = [source for _, source in sources_of(inner) if isinstance(source, exp.Table)]
    table = state.find(tables[0].db, tables[0].name) if len(tables) == 1 else None
    where = inner.args.get("where")
    if table is not None and where is not None:
        seen = {**around, tables[0].alias_or_name: table}
        if any(_ties_one_owner(part, seen) for part in conjuncts_of(where)):
            return True
    message = "correlated-aggregate"
    raise NotUnderstoodError(message)


def _ties_one_owner(part: exp.Expr, seen: Mapping[str, StateTable]) -> bool:
    if not isinstance(part, exp.EQ):
        return False
    owners = [_owner_of(side, seen) for side in (part.left, part.right)]
    return owners[0] is not None and owners[0] == owners[1]


def _owner_of(side: exp.Expr, seen: Mapping[str, StateTable]) -> str | None:
    """Return the table whose key a column holds."""
    held = seen.get(side.table) if isinstance(side, exp.Column) else None
    if held is None or held.owner is None or held.owner[1] != (side.name,):
        return None
    return held.owner[0]
