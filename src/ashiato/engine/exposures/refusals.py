"""Statements that no server runs: by their trees alone, as logs of MySQL say nothing of errors, or by one."""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine.exposures.calls import BY_VALUE


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


def may_have_begun(text: str) -> bool:
    """Tell whether a statement may have begun although the server says that a name in it means nothing.

    A query that a function is given is read as the function runs it.
    """
    return BY_VALUE.search(text) is not None


def _sorts_beyond(query: exp.Query) -> bool:
    order = query.args.get("order")
    places = [key.this for key in order.expressions if isinstance(key.this, exp.Literal)] if order else []
    whole = [int(place.this) for place in places if place.is_int]
    return any(not 1 <= place <= len(query.selects) for place in whole)
