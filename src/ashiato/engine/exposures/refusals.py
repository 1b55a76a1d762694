"""Statements that no server runs, told by their trees alone; logs of MySQL say nothing of errors."""

from __future__ import annotations

from sqlglot import exp


def cannot_run(tree: exp.Expr) -> bool:
    """Tell whether a statement sorts by a place its list does not have, or joins lists of unequal length.

    What a star stands for is the tables' to say, so where there is one nothing is told.
    """
    if not isinstance(tree, exp.Query) or any(select.is_star for select in tree.find_all(exp.Select)):
        return False
    unequal = any(
        len(union.left.selects) != len(union.right.selects) for union in tree.find_all(exp.SetOperation)
    )
    return unequal or any(_sorts_beyond(query) for query in tree.find_all(exp.Query))


def _sorts_beyond(query: exp.Query) -> bool:
    order = query.args.get("order")
    places = [key.this for key in order.expressions if isinstance(key.this, exp.Literal)] if order else []
    whole = [int(place.this) for place in places if place.is_int]
    return any(not 1 <= place <= len(query.selects) for place in whole)
