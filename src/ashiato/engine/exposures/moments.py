"""Rows as of the moment of a statement: conditions on the times that tables with a history carry."""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine.exposures.joins import side_of


def then(alias: str) -> exp.Expr:
    """Return the condition that a row was as it stands there when the statement ran."""
    moment = exp.column("_time_us", table="_p")
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
