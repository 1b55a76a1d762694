"""Rewritten scopes, and what is done to them whole: put side by side, made distinct, shown with a value."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.shapes import NotUnderstoodError
from ashiato.engine.exposures.windows import limits_of

Sources = frozenset[tuple[int, str]]


@dataclass(frozen=True)
class Scope:
    """A rewritten scope: its query, where each output column's value was copied from, its tables."""

    query: exp.Query
    outs: dict[str, Sources]
    instances: tuple[int, ...]
    ordered: bool = True


def numbers_of(sources: dict[str, int | Scope]) -> tuple[int, ...]:
    """Return the base tables of a scope's sources, in order."""
    numbers: list[int] = []
    for target in sources.values():
        numbers += [target] if isinstance(target, int) else list(target.instances)
    return tuple(numbers)


def children_ordered(sources: dict[str, int | Scope]) -> bool:
    """Tell whether every source that is a query returns the rows its own order says."""
    return all(target.ordered for target in sources.values() if isinstance(target, Scope))


def doubt_of(sources: dict[str, int | Scope]) -> exp.Expr:
    """Return the highest doubt of a row's sources as SQL."""
    parts = [
        exp.func(
            "COALESCE",
            exp.column("_doubt", table=exp.to_identifier(alias, quoted=True)),
            exp.Literal.number(0),
        )
        for alias, target in sources.items()
        if isinstance(target, Scope)
    ]
    if not parts:
        return exp.Literal.number(0)
    return (
        parts[0] if len(parts) == 1 else exp.Greatest(this=parts[0], expressions=parts[1:], ignore_nulls=True)
    )


def same_execution(alias: str) -> exp.Expr:
    """Return the condition that ties a rewritten source to its execution."""
    mine = exp.column("_exec", table=exp.to_identifier(alias, quoted=True))
    return exp.EQ(this=mine, expression=exp.column("_exec", table="_p"))


def aligned(scope: Scope, numbers: tuple[int, ...], names: list[str]) -> exp.Select:
    """Return one branch of a UNION with all branches' keys and the first one's names."""
    keys = [
        exp.column(f"_k{number}") if number in scope.instances else exp.cast(exp.null(), "BIGINT")
        for number in numbers
    ]
    made = exp.select(exp.column("_exec"))
    made = made.select(*(exp.alias_(key, f"_k{n}") for key, n in zip(keys, numbers, strict=True)), copy=False)
    made = made.select(exp.column("_doubt"), exp.column("_weight"), copy=False)
    shown = [
        exp.alias_(exp.cast(exp.column(mine, quoted=True), "VARCHAR"), name, quoted=True)
        for mine, name in zip(scope.outs, names, strict=True)
    ]
    return made.select(*shown, copy=False).from_(scope.query.subquery("_b"), copy=False)


def order_of_union(tree: exp.Union, scope: Scope) -> list[exp.Ordered]:
    """Return a UNION's sort keys over its output columns."""
    order = tree.args.get("order")
    keys = [ordered.copy() for ordered in order.expressions] if order else []
    for key in keys:
        name = key.this.name if isinstance(key.this, exp.Column) else ""
        if name not in scope.outs:
            message = "unsupported-order"
            raise NotUnderstoodError(message)
        key.set("this", exp.column(name, quoted=True))
    return keys


def distinct_rows(scope: Scope, tree: exp.Select) -> Scope:
    """Rows that stand for several others disclose a value apart from its owner: possible, no more."""
    if (
        limits_of(tree) != (None, None)
        or not isinstance(tree.args["distinct"], exp.Distinct)
        or tree.args["distinct"].args.get("on")
    ):
        message = "distinct-window"
        raise NotUnderstoodError(message)
    names = [exp.column(name, quoted=True) for name in scope.outs]
    same = [exp.column("_exec"), *names]
    alike = exp.Window(this=exp.Count(this=exp.Star()), partition_by=same)
    rank = exp.Window(this=exp.RowNumber(), partition_by=[part.copy() for part in same])
    doubt = (
        exp.case().when(exp.EQ(this=alike, expression=exp.Literal.number(1)), exp.column("_doubt")).else_("2")
    )
    weight = exp.case().when(exp.EQ(this=rank, expression=exp.Literal.number(1)), "1").else_("0")
    made = exp.select(exp.column("_exec"), *(exp.column(f"_k{n}") for n in scope.instances))
    made = made.select(
        exp.alias_(doubt, "_doubt"), exp.alias_(weight, "_weight"), *(n.copy() for n in names), copy=False
    )
    return Scope(
        made.from_(scope.query.subquery("_d"), copy=False), scope.outs, scope.instances, scope.ordered
    )


def valued(scope: Scope) -> exp.Query:
    """Show a scalar subquery's value as text beside its keys."""
    first = next(iter(scope.outs))
    made = exp.select(exp.column("_exec"), *(exp.column(f"_k{n}") for n in scope.instances))
    value = exp.cast(exp.column(first, quoted=True), "VARCHAR")
    made = made.select(exp.column("_doubt"), exp.column("_weight"), exp.alias_(value, "_value"), copy=False)
    if "_size" in scope.query.named_selects:
        made = made.select(exp.column("_size"), copy=False)
    return made.from_(scope.query.copy().subquery("_v"), copy=False)
