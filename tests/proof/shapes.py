"""Statements of many shapes over a made-up schema, their literals taken from what the tables hold."""

from __future__ import annotations

from collections.abc import Callable

from tests.proof.base import Base, Design
from tests.proof.dice import Dice
from tests.proof.queries import (
    Aggregate,
    Call,
    Case,
    Col,
    Exists,
    Expr,
    InQuery,
    Item,
    Key,
    Lit,
    Plain,
    Query,
    Scalar,
    Select,
    SetOp,
    Source,
    Windowed,
    Within,
)


class Maker:
    """Makes one statement: ``structure`` decides its shape, ``values`` its literals.

    The same structure with other values is the same route asked for something else.
    """

    def __init__(self, structure: Dice, values: Dice, base: Base) -> None:
        """``base`` is what the literals are taken from."""
        self._dice = structure
        self._values = values
        self._base = base
        self._named = 0

    def make(self, shapes: tuple[str, ...]) -> Query:
        """Make a statement of one of the shapes."""
        made: Callable[[], Query] = getattr(self, f"_make_{self._dice.one_of(shapes)}")
        return made()

    # -- shapes ---------------------------------------------------------------------------------------

    def _make_point(self) -> Query:
        design = self._table(people=True)
        return Select((self._source(design),), self._items(design), self._is_key(design, "t"))

    def _make_filter(self) -> Query:
        design = self._table()
        return Select((self._source(design),), self._items(design), self._condition(design, "t"))

    def _make_star(self) -> Query:
        design = self._table(people=True)
        where = self._condition(design, "t") if self._dice.happens(0.8) else None
        return Select((self._source(design),), (), where)

    def _make_page(self) -> Query:
        design = self._table()
        where = self._condition(design, "t") if self._dice.happens(0.5) else None
        order = self._order(design, "t") if self._dice.happens(0.75) else ()
        limit, offset = self._page()
        items = self._items(design)
        return Select((self._source(design),), items, where, order=order, limit=limit, offset=offset)

    def _make_join(self) -> Query:
        child, parent = self._linked()
        kind = self._dice.one_of(("inner", "inner", "left", "right", "full", "comma"))
        on = self._tie(child, "c", parent, "p")
        sides = (self._items(parent, "p"), self._items(child, "c", named=True))
        items = self._dice.one_of((sides[0] + sides[1], sides[0] + sides[1], sides[0], sides[1]))
        where = (
            self._condition(*self._dice.one_of(((child, "c"), (parent, "p"))))
            if self._dice.happens(0.7)
            else None
        )
        first, second = (
            ((child, "c"), (parent, "p")) if self._dice.happens(0.5) else ((parent, "p"), (child, "c"))
        )
        if kind == "comma":
            where = on if where is None else Call("and", (on, where))
            sources = (
                Source(first[0].name, first[1]),
                Source(second[0].name, second[1], "cross", by_comma=True),
            )
        else:
            sources = (Source(first[0].name, first[1]), Source(second[0].name, second[1], kind, on))
        order = self._order(parent, "p") if self._dice.happens(0.3) else ()
        limit, offset = self._page() if self._dice.happens(0.3) else (None, None)
        return Select(sources, items, where, order=order, limit=limit, offset=offset)

    def _make_self_join(self) -> Query:
        design = self._table(people=True)
        column = self._dice.one_of([name for name in design.kinds if name not in design.key])
        key = design.key[0]
        on = Call(
            "and",
            (Call("=", (Col("a", column), Col("b", column))), Call("<>", (Col("a", key), Col("b", key)))),
        )
        items = (*self._items(design, "a"), Item(Col("b", self._column(design)), "other"))
        sources = (Source(design.name, "a"), Source(design.name, "b", "inner", on))
        return Select(sources, items, self._is_key(design, "a"))

    def _make_cte(self) -> Query:
        design = self._table()
        names = self._some_columns(design)
        inner = Select(
            (Source(design.name, "t"),), tuple(Item(Col("t", n)) for n in names), self._condition(design, "t")
        )
        shown = self._dice.some_of(names, 2)
        items = tuple(Item(Col("w", name)) for name in shown)
        where = self._compare(design, "w", self._dice.one_of(names)) if self._dice.happens(0.5) else None
        return Select((Source("picked", "w"),), items, where, ctes=(("picked", inner),))

    def _make_derived(self) -> Query:
        design = self._table()
        names = self._some_columns(design)
        inner = Select(
            (Source(design.name, "t"),), tuple(Item(Col("t", n)) for n in names), self._condition(design, "t")
        )
        if self._dice.happens(0.3):
            limit, offset = self._page()
            inner = Select(
                inner.sources,
                inner.items,
                inner.where,
                order=self._order(design, "t"),
                limit=limit,
                offset=offset,
            )
        items = tuple(Item(Col("d", name)) for name in self._dice.some_of(names, 2))
        where = self._compare(design, "d", self._dice.one_of(names)) if self._dice.happens(0.5) else None
        return Select((Source(inner, "d"),), items, where)

    def _make_exists(self) -> Query:
        child, parent = self._linked()
        inner = Select(
            (Source(child.name, "c"),),
            (Item(Lit(1, bound=False)),),
            self._both(self._tie(child, "c", parent, "p"), self._condition(child, "c")),
        )
        test = Exists(inner, negated=self._dice.happens(0.3))
        return Select(
            (Source(parent.name, "p"),), self._items(parent, "p"), self._maybe_with(test, parent, "p")
        )

    def _make_in_query(self) -> Query:
        child, parent = self._linked()
        columns = [name for name, _ in _links(child, parent)]
        inner = Select((Source(child.name, "c"),), (Item(Col("c", columns[0])),), self._condition(child, "c"))
        test = InQuery(Col("p", parent.key[0]), inner, negated=self._dice.happens(0.2))
        return Select(
            (Source(parent.name, "p"),), self._items(parent, "p"), self._maybe_with(test, parent, "p")
        )

    def _make_union(self) -> Query:
        left, right = self._table(), self._table()
        kind = self._dice.one_of(("text", "text", "integer"))
        mine = [n for n, k in left.kinds.items() if k == kind] or [left.key[0]]
        theirs = [n for n, k in right.kinds.items() if k == left.kinds[mine[0]]]
        if not theirs:
            right, theirs = left, mine
        width = min(len(mine), len(theirs), self._dice.between(1, 2))
        first, second = self._dice.some_of(mine, width), self._dice.some_of(theirs, width)
        sides = (
            Select(
                (Source(left.name, "l"),), tuple(Item(Col("l", n)) for n in first), self._condition(left, "l")
            ),
            Select(
                (Source(right.name, "r"),),
                tuple(Item(Col("r", n)) for n in second),
                self._condition(right, "r"),
            ),
        )
        operator = self._dice.one_of(("union", "union all", "union all", "intersect", "except"))
        order = ((0, self._dice.happens(0.3)),) if self._dice.happens(0.3) else ()
        limit, offset = self._page() if self._dice.happens(0.3) else (None, None)
        return SetOp(operator, *sides, order=order, limit=limit, offset=offset)

    def _make_distinct(self) -> Query:
        design = self._table()
        items = tuple(Item(Col("t", name)) for name in self._some_columns(design)[:2])
        order = (Key(items[0].value),) if self._dice.happens(0.4) else ()
        limit = Lit(self._values.between(1, 6)) if self._dice.happens(0.3) else None
        return Select(
            (self._source(design),),
            items,
            self._condition(design, "t"),
            distinct=True,
            order=order,
            limit=limit,
        )

    def _make_group(self) -> Query:
        design = self._table()
        by = Col("t", self._dice.one_of([n for n in design.kinds if n not in design.key]))
        number = [n for n, k in design.kinds.items() if k in ("integer", "numeric")]
        measure = (
            Aggregate("count")
            if not number or self._dice.happens(0.4)
            else Aggregate(
                self._dice.one_of(("sum", "min", "max", "count")),
                Col("t", self._dice.one_of(number)),
            )
        )
        having = Call(">", (Aggregate("count"), Lit(1))) if self._dice.happens(0.3) else None
        where = self._condition(design, "t") if self._dice.happens(0.6) else None
        return Select((self._source(design),), (Item(by), Item(measure, "told")), where, (by,), having)

    def _make_aggregate(self) -> Query:
        design = self._table()
        column = self._dice.one_of(list(design.kinds))
        numeric = design.kinds[column] in ("integer", "numeric")
        name = self._dice.one_of(
            (
                "min",
                "max",
                "count",
                *(("sum",) if numeric else ()),
                *(("string_agg",) if design.kinds[column] == "text" else ()),
            )
        )
        item = Aggregate(name, Col("t", column), distinct=name == "count" and self._dice.happens(0.3))
        return Select((self._source(design),), (Item(item, "told"),), self._condition(design, "t"))

    def _make_window(self) -> Query:
        design = self._table()
        name = self._dice.one_of(("row_number", "lag", "sum", "count"))
        numbers = [n for n, k in design.kinds.items() if k in ("integer", "numeric")]
        column = self._dice.one_of(numbers) if name == "sum" and numbers else self._column(design)
        if name == "sum" and not numbers:
            name = "count"
        part = (Col("t", self._column(design)),) if self._dice.happens(0.6) else ()
        order = self._order(design, "t") if name in ("row_number", "lag") else ()
        window = Windowed(name, None if name == "row_number" else Col("t", column), part, order)
        items = (*self._items(design, few=True), Item(window, "w"))
        return Select((self._source(design),), items, self._condition(design, "t"))

    def _make_scalar(self) -> Query:
        child, parent = self._linked()
        inner = Select(
            (Source(parent.name, "p"),),
            (Item(Col("p", self._column(parent))),),
            self._tie(child, "c", parent, "p"),
        )
        items = (*self._items(child, "c", few=True), Item(Scalar(inner), "looked_up"))
        return Select((Source(child.name, "c"),), items, self._condition(child, "c"))

    def _make_lookup(self) -> Query:
        design, other = self._table(people=True), self._table()
        column = self._column(design)
        inner: Select = Select(
            (Source(design.name, "s"),), (Item(Col("s", column)),), self._is_key(design, "s")
        )
        if self._dice.happens(0.5):
            order = (*self._order(design, "s"),)
            inner = Select(
                inner.sources,
                inner.items,
                None,
                order=order,
                limit=Lit(1),
                offset=Lit(self._values.between(0, 9)),
            )
        items = (*self._items(other, few=True), Item(Scalar(inner), "beside"))
        return Select((self._source(other),), items, self._is_key(other, "t"))

    def _make_expression(self) -> Query:
        design = self._table()
        items = tuple(Item(self._expression(design, "t"), f"e{n}") for n in range(self._dice.between(1, 3)))
        return Select((self._source(design),), items, self._condition(design, "t"))

    # -- parts ----------------------------------------------------------------------------------------

    def _table(self, *, people: bool = False) -> Design:
        designs = [d for d in self._base.designs.values() if d.person or not people]
        return self._dice.one_of(designs)

    def _source(self, design: Design) -> Source:
        return Source(design.name, "t")

    def _linked(self) -> tuple[Design, Design]:
        pairs = [
            (child, self._base.designs[parent])
            for child in self._base.designs.values()
            for parent in _parents(child, self._base)
        ]
        if pairs:
            return self._dice.one_of(pairs)
        alone = self._table(people=True)
        return alone, alone

    def _tie(self, child: Design, mine: str, parent: Design, theirs: str) -> Expr:
        ties = [Call("=", (Col(mine, a), Col(theirs, b))) for a, b in _links(child, parent)]
        made: Expr = ties[0]
        for tie in ties[1:]:
            made = Call("and", (made, tie))
        return made

    def _both(self, left: Expr, right: Expr) -> Expr:
        return Call("and", (left, right))

    def _maybe_with(self, test: Expr, design: Design, alias: str) -> Expr:
        return self._both(test, self._condition(design, alias)) if self._dice.happens(0.4) else test

    def _column(self, design: Design) -> str:
        return self._dice.one_of(list(design.kinds))

    def _some_columns(self, design: Design) -> list[str]:
        return self._dice.some_of(list(design.kinds), self._dice.between(2, 4))

    def _items(
        self, design: Design, alias: str = "t", *, few: bool = False, named: bool = False
    ) -> tuple[Item, ...]:
        count = self._dice.between(1, 2 if few or named else 4)
        chosen = self._dice.some_of(list(design.kinds), count)
        return tuple(Item(Col(alias, name), f"{alias}_{name}" if named else None) for name in chosen)

    def _page(self) -> tuple[Lit | None, Lit | None]:
        limit = Lit(self._values.between(1, 12)) if self._dice.happens(0.9) else None
        return limit, Lit(self._values.between(0, 12)) if limit is None or self._dice.happens(0.5) else None

    def _order(self, design: Design, alias: str) -> tuple[Key, ...]:
        names = self._dice.some_of(list(design.kinds), self._dice.between(1, 2))
        if self._dice.happens(0.5):
            names += [name for name in design.key if name not in names]
        return tuple(
            Key(Col(alias, n), self._dice.happens(0.3), self._dice.one_of((None, None, None, True, False)))
            for n in names
        )

    def _sample(self, design: Design, column: str) -> Plain:
        held = [
            r.values[column] for r in self._base.rows.get(design.name, []) if r.values[column] is not None
        ]
        if held:
            return self._values.one_of(held)
        return 1 if design.kinds[column] in ("integer", "numeric") else "2020-01-01"

    def _is_key(self, design: Design, alias: str) -> Expr:
        rows = self._base.rows.get(design.name, [])
        chosen = self._values.one_of(rows).values if rows else dict.fromkeys(design.kinds, 1)
        made: Expr = Call("=", (Col(alias, design.key[0]), Lit(chosen[design.key[0]])))
        for name in design.key[1:]:
            made = self._both(made, Call("=", (Col(alias, name), Lit(chosen[name]))))
        return made

    def _condition(self, design: Design, alias: str) -> Expr:
        made = self._compare(design, alias, self._column(design))
        if self._dice.happens(0.35):
            other = self._compare(design, alias, self._column(design))
            made = Call(self._dice.one_of(("and", "or")), (made, other))
        return Call("not", (made,)) if self._dice.happens(0.08) else made

    def _compare(self, design: Design, alias: str, name: str) -> Expr:
        column, kind = Col(alias, name), design.kinds[name]
        way = self._dice.one_of(("=", "=", "<>", "<", ">=", "in", "between", "null", "like", "lower"))
        if way == "null":
            return Call(self._dice.one_of(("is null", "is not null")), (column,))
        if way == "in":
            options = tuple(Lit(self._sample(design, name)) for _ in range(self._dice.between(1, 4)))
            return Within(column, options, negated=self._dice.happens(0.2))
        if way == "between":
            low, high = sorted((self._sample(design, name), self._sample(design, name)))  # type: ignore[type-var]
            return Call("between", (column, Lit(low), Lit(high)))
        if way in ("like", "lower") and kind == "text":
            text = str(self._sample(design, name))
            if way == "lower":
                return Call("=", (Call("lower", (column,)), Lit(text.lower())))
            return Call("like", (column, Lit(self._dice.one_of(("{}%", "%{}", "%{}%")).format(text[:3]))))
        if way in ("like", "lower"):
            way = "="
        return Call(way, (column, Lit(self._sample(design, name))))

    def _expression(self, design: Design, alias: str) -> Expr:
        texts = [n for n, k in design.kinds.items() if k == "text"]
        numbers = [n for n, k in design.kinds.items() if k in ("integer", "numeric")]
        way = self._dice.one_of(
            ("substr", "upper", "||", "coalesce", "case", "length", "+", "text", "concat")
        )
        if way == "+" and numbers:
            return Call("+", (Col(alias, self._dice.one_of(numbers)), Lit(1, bound=False)))
        if way == "text" or not texts:
            return Call("text", (Col(alias, self._column(design)),))
        first, second = Col(alias, self._dice.one_of(texts)), Col(alias, self._dice.one_of(texts))
        if way == "substr":
            start, count = self._dice.between(1, 3), self._dice.between(1, 4)
            return Call("substr", (first, Lit(start, bound=False), Lit(count, bound=False)))
        if way in ("||", "coalesce", "concat"):
            return Call(way, (first, second))
        if way == "case":
            return Case(self._compare(design, alias, self._column(design)), first, second)
        return Call("length" if way == "length" else "upper", (first,))


def _parents(child: Design, base: Base) -> list[str]:
    return [name for name in base.designs if name != child.name and _links(child, base.designs[name])]


def _links(child: Design, parent: Design) -> list[tuple[str, str]]:
    if child is parent:
        return [(part, part) for part in parent.key]
    stem = parent.name.rstrip("0123456789_")
    pairs = [(f"{stem}_{part}", part) for part in parent.key]
    return pairs if all(column in child.kinds for column, _ in pairs) else []


#: Every shape by name.
SHAPES = tuple(sorted(name[6:] for name in vars(Maker) if name.startswith("_make_")))
