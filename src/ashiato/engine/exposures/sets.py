"""Rows put together: DISTINCT, UNION, INTERSECT and EXCEPT over rewritten scopes.

Where several rows give one row of the result, its value is disclosed apart from its owner: possible, no more,
unless all of them are the same person's; rows of nobody's count as another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlglot import exp

from ashiato.engine.exposures.met import Met
from ashiato.engine.exposures.plan import Instance
from ashiato.engine.exposures.sameness import key_of
from ashiato.engine.exposures.scopes import Scope, aligned
from ashiato.engine.exposures.shapes import NotUnderstoodError

#: The column that tells of rows made one whether the reply has it, whoever's it is.
TOLD = "_told"


def combine(tree: exp.SetOperation, left: Scope, right: Scope, met: Met) -> Scope:
    """Put two branches together as the operator says."""
    if len(left.outs) != len(right.outs):
        message = "union-of-unequal-width"
        raise NotUnderstoodError(message)
    numbers = (*left.instances, *right.instances)
    names = list(left.outs)
    pairs = zip(left.outs.items(), right.outs.values(), strict=True)
    outs = {name: mine | theirs for (name, mine), theirs in pairs}
    both_names = zip(left.outs, right.outs, strict=True)
    soft = frozenset(m for m, t in both_names if m in left.soft or t in right.soft)
    plain = _alike(tree, names)
    ordered, spread = left.ordered and right.ordered, left.spread or right.spread
    scope = Scope(tree, outs, numbers, ordered, soft, spread, sized=left.sized or right.sized)
    sides = [aligned(side, numbers, names, plain=plain, marks=scope.marks) for side in (left, right)]
    if not isinstance(tree, exp.Union):
        sides = [side.select(exp.alias_(str(n), "_side"), copy=False) for n, side in enumerate(sides)]
    both = exp.union(*sides, distinct=False, copy=False)
    scope = replace(scope, query=both)
    if isinstance(tree, exp.Union):
        return merged(scope, met) if tree.args.get("distinct") else scope
    kept = _held_by_both(scope, met) if isinstance(tree, exp.Intersect) else _first_only(scope, left, met)
    return merged(kept, met)


def _alike(tree: exp.SetOperation, names: list[str]) -> list[str]:
    """Return the outputs that are of one type on both sides."""
    pairs = zip(names, tree.left.selects, tree.right.selects, strict=False)
    return [name for name, left, right in pairs if left.type is not None and left.type == right.type]


def _held_by_both(scope: Scope, met: Met) -> Scope:
    """Keep the rows whose values both sides hold; a row only one side may hold stays out."""
    found = [
        _counted(f"_side = {side}", _values(scope, met, w)) for w in ("key", "surely") for side in (0, 1)
    ]
    doubt = exp.case().when(exp.condition("_in2 = 0 OR _in3 = 0"), "2").else_(exp.column("_doubt"))
    return _kept(scope, found, exp.condition("_in0 > 0 AND _in1 > 0"), doubt)


def _first_only(scope: Scope, left: Scope, met: Met) -> Scope:
    """Keep the left rows whose values the right side does not hold for certain."""
    found = [
        _counted("_side = 1 AND _doubt = 0", _values(scope, met, "surely")),
        _counted("_side = 1", _values(scope, met, "key")),
    ]
    where = exp.condition("_side = 0 AND _in0 = 0")
    doubt = exp.case().when(exp.condition("_in1 > 0"), "2").else_(exp.column("_doubt"))
    kept = _kept(scope, found, where, doubt)
    mine = exp.select(exp.column("_exec"), *(exp.column(f"_k{n}") for n in left.instances))
    mine = mine.select("_doubt", "_weight", *(exp.column(n, quoted=True) for n in kept.columns), copy=False)
    return replace(
        kept,
        query=mine.from_(kept.query.subquery("_l"), copy=False),
        instances=left.instances,
        outs=left.outs,
    )


def _counted(condition: str, same: list[exp.Expr]) -> exp.Expr:
    test = exp.case().when(exp.condition(condition), "1")
    return exp.Window(this=exp.Count(this=test), partition_by=same)


def _values(scope: Scope, met: Met, way: str = "key") -> list[exp.Expr]:
    """Return what makes two rows of a scope one: texts by the key under which the engine may hold them alike.

    ``way``: ``surely`` for that under which it does.
    """
    values: list[exp.Expr] = [exp.column("_exec")]
    for name, sources in scope.outs.items():
        value = exp.column(name, quoted=True)
        values.append(key_of(value, met.same_key(sources, way)))
    return values


def _kept(scope: Scope, found: Sequence[exp.Expr], where: exp.Expr, doubt: exp.Expr) -> Scope:
    counted = exp.select("*", *(exp.alias_(count, f"_in{i}") for i, count in enumerate(found)))
    counted = counted.from_(scope.query.subquery("_s"), copy=False)
    made = exp.select(exp.column("_exec"), *(exp.column(f"_k{n}") for n in scope.instances))
    made = made.select(exp.alias_(doubt, "_doubt"), "_weight", copy=False)
    made = made.select(*(exp.column(name, quoted=True) for name in scope.columns), copy=False)
    made = made.from_(counted.subquery("_c"), copy=False).where(where, copy=False)
    return replace(scope, query=made)


def in_order(keys: Iterable[exp.Expr]) -> exp.Order:
    """Return the order of rows by their keys, which has no ties; rows of no table are all alike."""
    held = list(keys) or [exp.Literal.number(0)]
    return exp.Order(expressions=[exp.Ordered(this=key, nulls_first=False) for key in held])


def merged(scope: Scope, met: Met) -> Scope:
    """Make rows of the same values one: the first of them counts, each is in doubt unless one person's."""
    same = _values(scope, met)
    alike = exp.Window(this=exp.Count(this=exp.Star()), partition_by=same)
    rank = exp.Window(
        this=exp.RowNumber(),
        partition_by=[part.copy() for part in same],
        order=in_order(exp.column(f"_k{n}") for n in scope.instances),
    )
    alone: exp.Expr = exp.EQ(this=alike, expression=exp.Literal.number(1))
    inner = exp.select("_d.*").from_(scope.query.subquery("_d"), copy=False)
    inner, people = joined_people(
        inner, [(n, exp.column(f"_k{n}", table="_d")) for n in scope.instances], met.instances
    )
    if people:
        # A row of nobody's may be the one whose value came out.
        first = exp.Coalesce(this=_most("LEAST", people), expressions=[exp.Literal.string("")])
        inner = inner.select(
            exp.alias_(first, "_first"),
            exp.alias_(_most("GREATEST", people), "_last"),
            copy=False,
        )
        ends = [
            exp.Window(this=kind(this=exp.column(name)), partition_by=[part.copy() for part in same])
            for kind, name in ((exp.Min, "_first"), (exp.Max, "_last"))
        ]
        alone = exp.or_(alone, exp.EQ(this=ends[0], expression=ends[1]))
    doubt = exp.case().when(alone, exp.column("_doubt")).else_("2")
    weight = exp.case().when(exp.EQ(this=rank, expression=exp.Literal.number(1)), "1").else_("0")
    made = exp.select(exp.column("_exec"), *(exp.column(f"_k{n}") for n in scope.instances))
    made = made.select(exp.alias_(doubt, "_doubt"), exp.alias_(weight, "_weight"), copy=False)
    # Whose row it is may be in doubt where there being one is not.
    surest = exp.Window(this=exp.Min(this=exp.column("_doubt")), partition_by=[part.copy() for part in same])
    there = exp.LT(this=surest, expression=exp.Literal.number(2))
    counts = (
        exp.case()
        .when(exp.and_(there, exp.EQ(this=rank.copy(), expression=exp.Literal.number(1))), "1")
        .else_("0")
    )
    made = made.select(exp.alias_(counts, TOLD), copy=False)
    made = made.select(*(exp.column(name, quoted=True) for name in scope.columns), copy=False)
    return replace(scope, query=made.from_(inner.subquery("_m"), copy=False), spread=True)


def _most(function: str, people: list[exp.Expr]) -> exp.Expr:
    return (
        people[0].copy()
        if len(people) == 1
        else exp.func(function, *(p.copy() for p in people), dialect="duckdb")
    )


def joined_people(
    made: exp.Select, keys: Sequence[tuple[int, exp.Expr]], instances: Sequence[Instance]
) -> tuple[exp.Select, list[exp.Expr]]:
    """Join, to each key of a row that hangs on people, whose row it is; returns the people's columns."""
    people: list[exp.Expr] = []
    for number, key in keys:
        table = instances[number].table
        if table.person_table is None or instances[number].of is not None:
            continue
        name = f"_w{number}"
        tie = exp.EQ(this=exp.column("_ord", table=name), expression=key.copy())
        made = made.join(exp.to_table(table.kept_as).as_(name), on=tie, join_type="left", copy=False)
        whose = exp.Literal.string(f"{table.person_table}|")
        people.append(exp.DPipe(this=whose, expression=exp.column("_person", table=name)))
    return made, people


def repeated(name: str, first: Scope, again: Scope) -> Scope:
    """Return a recursive query: its first rows, and those found from the last ones again and again.

    Rows alike are followed once, which ends every walk in circles.
    """
    numbers = (*first.instances, *again.instances)
    names = list(first.outs)
    outs = {
        name: mine | theirs
        for (name, mine), theirs in zip(first.outs.items(), again.outs.values(), strict=True)
    }
    sized = first.sized or again.sized
    made = Scope(
        first.query, outs, numbers, first.ordered and again.ordered, first.soft, spread=True, sized=sized
    )
    sides = [aligned(side, numbers, names, plain=names, marks=made.marks) for side in (first, again)]
    both = exp.union(*sides, distinct=True, copy=False)
    query = (
        exp.select("*")
        .from_(exp.to_table(name, quoted=True))
        .with_(exp.to_identifier(name, quoted=True), as_=both, recursive=True, copy=False)
    )
    return replace(made, query=query)


def distinct_over(value: exp.Expr, parts: Sequence[exp.Expr]) -> exp.Expr:
    """Count a window's different values but NULL; the cluster's engine knows no DISTINCT in windows.

    A row's rank from below and from above make up all values, NULL, where there is one, counted with them.
    """

    def over(function: exp.Expr, *, descending: bool | None = None) -> exp.Window:
        keys = [] if descending is None else [exp.Ordered(this=value.copy(), desc=descending)]
        order = exp.Order(expressions=keys) if keys else None
        return exp.Window(this=function, partition_by=[part.copy() for part in parts], order=order)

    missing = exp.case().when(exp.Is(this=value.copy(), expression=exp.null()), "1").else_("0")
    ranks = exp.Add(
        this=over(exp.DenseRank(), descending=False), expression=over(exp.DenseRank(), descending=True)
    )
    absent = exp.Add(this=exp.Literal.number(1), expression=over(exp.Max(this=missing)))
    return exp.Paren(this=exp.Sub(this=ranks, expression=exp.Paren(this=absent)))
