"""Rewritten scopes, and what is done to them whole: put side by side, made distinct, shown with a value."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.shapes import NotUnderstoodError

Sources = frozenset[tuple[int, str]]


@dataclass(frozen=True)
class Scope:
    """A rewritten scope: its query, where each output column's value was copied from, its tables.

    ``soft``: the outputs that hang on more rows than their own (windows, aggregates); the query's column
    ``_shaky`` then tells for which rows they are not known for certain. ``spread``: several of its rows may
    stand for one row of the result, which is then the one of ``_weight`` 1. ``always``: it yields a row even
    where no base row is found.
    """

    query: exp.Query
    outs: dict[str, Sources]
    instances: tuple[int, ...]
    ordered: bool = True
    soft: frozenset[str] = frozenset()
    spread: bool = False
    always: bool = False
    sized: bool = False

    @property
    def marks(self) -> list[str]:
        """The columns of ours that the query shows beside keys, doubt and weight."""
        return [*(["_shaky"] if self.soft else []), *(["_size"] if self.sized else [])]

    @property
    def columns(self) -> list[str]:
        """What the query shows beside keys, doubt and weight."""
        return [*self.outs, *self.marks]


def of_nothing(tree: exp.Select) -> Scope:
    """Rewrite a scope over the engine's own catalogue: no rows of people, whatever it returns."""
    names = [projection.alias_or_name or f"_col_{i}" for i, projection in enumerate(tree.expressions)]
    made = exp.select("_p._exec", "0 AS _doubt", "1 AS _weight").from_(exp.to_table("args").as_("_p"))
    made = made.select(*(exp.alias_(exp.null(), name, quoted=True) for name in names), copy=False)
    return Scope(made.where(exp.false(), copy=False), dict.fromkeys(names, frozenset()), ())


def numbers_of(sources: dict[str, int | Scope]) -> tuple[int, ...]:
    """Return the base tables of a scope's sources, in order."""
    numbers: list[int] = []
    for target in sources.values():
        numbers += [target] if isinstance(target, int) else list(target.instances)
    return tuple(numbers)


def children_ordered(sources: dict[str, int | Scope]) -> bool:
    """Tell whether every source that is a query returns the rows its own order says."""
    return all(target.ordered for target in sources.values() if isinstance(target, Scope))


def doubt_of(sources: dict[str, int | Scope], *others: exp.Expr) -> exp.Expr:
    """Return the highest doubt of a row's sources, and of others, as SQL."""
    parts = [_held(alias, "_doubt", "0") for alias, target in sources.items() if isinstance(target, Scope)]
    parts += others
    if not parts:
        return exp.Literal.number(0)
    return (
        parts[0] if len(parts) == 1 else exp.Greatest(this=parts[0], expressions=parts[1:], ignore_nulls=True)
    )


def doubt_unless(surely: exp.Expr, outer: exp.Expr | None) -> exp.Expr:
    """Return the doubt of a row that a condition let through which may have been read otherwise.

    ``outer``: what is NULL in rows that an outer join made up, which are in no doubt.
    """
    doubt = exp.case()
    if outer is not None:
        doubt = doubt.when(exp.Is(this=outer, expression=exp.null()), "0")
    return doubt.when(surely, "0").else_("2")


def made_up_mark(source: exp.Expr, sources: dict[str, int | Scope]) -> exp.Expr | None:
    """Return the column of a source that is NULL in rows an outer join made up."""
    target = sources.get(source.alias_or_name)
    if target is None:
        return None
    name = "_ord" if isinstance(target, int) else "_exec"
    return exp.column(name, table=exp.to_identifier(source.alias_or_name, quoted=True))


def weight_of(sources: dict[str, int | Scope]) -> exp.Expr:
    """Return how many rows of the result a row stands for as SQL: none, where another stands for it."""
    parts = [_held(a, "_weight", "1") for a, target in sources.items() if isinstance(target, Scope)]
    made: exp.Expr = parts[0] if parts else exp.Literal.number(1)
    for part in parts[1:]:
        made = exp.Mul(this=made, expression=part)
    return made


def size_of(sources: dict[str, int | Scope]) -> exp.Expr | None:
    """Return the size of the smallest group behind a row's sources as SQL, or None where none condensed."""
    parts: list[exp.Expr] = [
        exp.column("_size", table=exp.to_identifier(alias, quoted=True))
        for alias, target in sources.items()
        if isinstance(target, Scope) and target.sized
    ]
    return least(parts) if parts else None


def least(parts: Sequence[exp.Expr]) -> exp.Expr:
    """Return the lowest of some values as SQL, those left out that are NULL."""
    if len(parts) == 1:
        return parts[0].copy()
    rest = [part.copy() for part in parts[1:]]
    return exp.Least(this=parts[0].copy(), expressions=rest, ignore_nulls=True)


def shaky_of(sources: dict[str, int | Scope], names: Collection[str] | None = None) -> exp.Expr | None:
    """Return as SQL whether soft values of a row's sources (of those named) are not known for certain."""
    parts = [
        _held(alias, "_shaky", "TRUE")
        for alias, target in sources.items()
        if isinstance(target, Scope) and target.soft and (names is None or alias in names)
    ]
    return exp.or_(*parts) if parts else None


def soft_sources(part: exp.Expr, sources: dict[str, int | Scope]) -> set[str]:
    """Return the sources whose soft values an expression reads."""
    found = set()
    for column in part.find_all(exp.Column):
        target = sources.get(column.table)
        if isinstance(target, Scope) and column.name in target.soft:
            found.add(column.table)
    return found


def _held(alias: str, name: str, otherwise: str) -> exp.Expr:
    held = exp.column(name, table=exp.to_identifier(alias, quoted=True))
    return exp.func("COALESCE", held, exp.maybe_parse(otherwise))


def same_execution(alias: str) -> exp.Expr:
    """Return the condition that ties a rewritten source to its execution."""
    mine = exp.column("_exec", table=exp.to_identifier(alias, quoted=True))
    return exp.EQ(this=mine, expression=exp.column("_exec", table="_p"))


def aligned(
    scope: Scope,
    numbers: tuple[int, ...],
    names: list[str],
    *,
    plain: Collection[str],
    marks: Collection[str],
) -> exp.Select:
    """Return one branch of a set operation with all branches' keys and the first one's names.

    Values become text, save for ``plain`` columns, which are of one type in all branches.
    """
    keys = [
        exp.column(f"_k{number}") if number in scope.instances else exp.cast(exp.null(), "BIGINT")
        for number in numbers
    ]
    made = exp.select(exp.column("_exec"))
    made = made.select(*(exp.alias_(key, f"_k{n}") for key, n in zip(keys, numbers, strict=True)), copy=False)
    made = made.select(exp.column("_doubt"), exp.column("_weight"), copy=False)
    shown = [
        exp.alias_(_as_text(exp.column(mine, quoted=True), plain=name in plain), name, quoted=True)
        for mine, name in zip(scope.outs, names, strict=True)
    ]
    absent = {"_shaky": exp.false(), "_size": exp.cast(exp.null(), "BIGINT")}
    shown += [exp.alias_(exp.column(m) if m in scope.marks else absent[m].copy(), m) for m in marks]
    return made.select(*shown, copy=False).from_(scope.query.subquery("_b"), copy=False)


def _as_text(column: exp.Column, *, plain: bool) -> exp.Expr:
    return column if plain else exp.cast(column, "VARCHAR")


def order_of_union(tree: exp.SetOperation, scope: Scope) -> list[exp.Ordered]:
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


def valued(scope: Scope) -> exp.Query:
    """Show a scalar subquery's value as text beside its keys."""
    first = next(iter(scope.outs))
    made = exp.select(exp.column("_exec"), *(exp.column(f"_k{n}") for n in scope.instances))
    value = exp.cast(exp.column(first, quoted=True), "VARCHAR")
    made = made.select(exp.column("_doubt"), exp.column("_weight"), exp.alias_(value, "_value"), copy=False)
    if scope.sized:
        made = made.select(exp.column("_size"), copy=False)
    return made.from_(scope.query.copy().subquery("_v"), copy=False)
