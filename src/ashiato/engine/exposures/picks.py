"""Values that window functions bring from other rows (LAG, FIRST_VALUE), where rows tie in their order.

Among rows that are alike in a window's order the server chooses: whose value a row brings is settled only
where neither it nor the row it brings from ties with another.
"""

from __future__ import annotations

from sqlglot import exp

PICKING = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)


def tied_row(window: exp.Expr) -> exp.Expr:
    """Return as SQL whether a row ties with another in a window's order."""
    return exp.GT(this=_over(exp.Count(this=exp.Star()), _same(window)), expression=_number(1))


def unsettled_pick(window: exp.Expr) -> exp.Expr:
    """Return as SQL whether it is open which row a row's value is brought from."""
    function = window.this
    if isinstance(function, exp.Lag | exp.Lead) and function.args.get("offset") is None:
        return exp.or_(tied_row(window), _meets(window, function))
    return exp.or_(tied_row(window), _any_ties(window))


def _meets(window: exp.Expr, function: exp.Expr) -> exp.Expr:
    """Return as SQL whether the next row and the one behind it are alike in a window's order."""

    def at(value: exp.Expr, distance: int) -> exp.Expr:
        made = type(function)(this=value.copy(), offset=_number(distance))
        return _over(made, _parts(window), _order(window))

    there = exp.EQ(this=at(_number(1), 2), expression=_number(1))
    keys = [key.this for key in _order(window)]
    return exp.and_(there, *(exp.NullSafeEQ(this=at(key, 1), expression=at(key, 2)) for key in keys))


def _any_ties(window: exp.Expr) -> exp.Expr:
    """Return as SQL whether any rows of a row's partition tie: there are more of them than places."""
    ahead = _over(exp.DenseRank(), _parts(window), _order(window))
    behind = _over(exp.DenseRank(), _parts(window), [_turned(key) for key in _order(window)])
    rows = _over(exp.Count(this=exp.Star()), _parts(window))
    places = exp.Sub(this=exp.Add(this=ahead, expression=behind), expression=_number(1))
    return (
        exp.GT(this=rows, expression=places) if _order(window) else exp.GT(this=rows, expression=_number(1))
    )


def _turned(key: exp.Ordered) -> exp.Ordered:
    made = key.copy()
    made.set("desc", not key.args.get("desc"))
    made.set("nulls_first", not key.args.get("nulls_first"))
    return made


def _same(window: exp.Expr) -> list[exp.Expr]:
    return [*_parts(window), *(key.this for key in _order(window))]


def _parts(window: exp.Expr) -> list[exp.Expr]:
    return window.args.get("partition_by") or []


def _order(window: exp.Expr) -> list[exp.Ordered]:
    order = window.args.get("order")
    return order.expressions if order is not None else []


def _over(function: exp.Expr, parts: list[exp.Expr], order: list[exp.Ordered] | None = None) -> exp.Window:
    sorted_by = exp.Order(expressions=[key.copy() for key in order]) if order else None
    return exp.Window(this=function, partition_by=[part.copy() for part in parts], order=sorted_by)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)
