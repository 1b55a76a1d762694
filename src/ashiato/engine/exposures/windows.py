"""LIMIT and OFFSET: which rows were inside a statement's window, for certain, by the model, or perhaps.

A row's position under the statement's order is known only up to ties, up to rows that changed since
(``_p._k`` of them at most) or are gone (``_p._gone``, which pushed others down), so that the set was larger
by ``_p._away`` at most, up to the orders in which the engine may have sorted text and, where nothing orders
the rows, up to the order in which the engine read its heap: insertion order, save for rows that a logged
change had moved. Each row carries the lowest and the highest position it can have had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.collations import Collation, sort_key, strays
from ashiato.engine.exposures.expressions import bind_parameters, is_drawn, is_text
from ashiato.engine.exposures.listings import OF_PAGES, OF_RUNS, hangs_on, list_pages, once_each, turn
from ashiato.engine.exposures.moments import THEN
from ashiato.engine.exposures.state import CLUSTERED, StateTable

_ENDLESS = 1 << 60
_HEAPS = ("insertion", "snapshot")
# So many places a row may stand off the nearest of the orders modelled (docs/decisions/0009).
_GRACE = 5
_ANY_ORDER = "bytes"


@dataclass(frozen=True)
class Cut:
    """A scope's window: its bounds, its order, its tables, and how much of all that is known.

    ``collation``: how the engine sorts text. ``top``: the window is the reply's own, so
    neighbouring pages that were fetched too are taken into account. ``outs``: columns to hand on;
    ``riders``: keys to hand on that say nothing of the order.
    """

    limit: exp.Expr | None
    offset: exp.Expr | None
    order: Sequence[exp.Ordered]
    numbers: Sequence[int]
    tables: Sequence[StateTable]
    outs: Sequence[str]
    collation: Collation
    top: bool
    lateral: bool
    riders: Sequence[int] = ()

    @property
    def sure(self) -> int:
        """How many leading sort keys order rows in a way, or in ways, that we can repeat."""
        unknown = (i for i, key in enumerate(self.order) if not self._is_known(key.this))
        return next(unknown, len(self.order))

    def _is_known(self, key: exp.Expr) -> bool:
        return not is_drawn(key) and (self.collation.known or not is_text(key))

    @property
    def by_chance(self) -> bool:
        """Whether a sort key is drawn anew for each row."""
        return any(is_drawn(key.this) for key in self.order)

    @property
    def sorts_text(self) -> bool:
        """Whether some sort key is text."""
        return any(is_text(key.this) for key in self.order)

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders rows may stand in, the likeliest first."""
        return (self.collation.orders if self.sorts_text else ()) or (_ANY_ORDER,)

    @property
    def guesses(self) -> bool:
        """Whether the orders are guessed, so that other languages' letters may stand anywhere."""
        return self.collation.guessed and self.sorts_text

    @property
    def by_heap(self) -> StateTable | None:
        """The one table whose heap order decides, when the statement names no order."""
        alone = self.tables[0] if len(self.tables) == 1 else None
        return alone if alone is not None and not self.order and alone.heap in _HEAPS else None

    @property
    def by_key(self) -> bool:
        """Whether rows that nothing orders lie in their keys' order, if not in that of another index."""
        return bool(self.tables) and not self.order and all(table.heap == CLUSTERED for table in self.tables)

    @property
    def parts(self) -> list[exp.Expr]:
        """What separates one execution's rows from another's."""
        return [] if self.lateral else [exp.column("_exec")]


def limits_of(tree: exp.Query) -> tuple[exp.Expr | None, exp.Expr | None]:
    """Return a query's own LIMIT (or FETCH) and OFFSET expressions."""
    limit, offset = tree.args.get("limit"), tree.args.get("offset")
    count: exp.Expr | None = None
    if isinstance(limit, exp.Fetch):
        count = limit.args.get("count") or exp.Literal.number(1)
    elif isinstance(limit, exp.Limit):
        count = limit.expression
    start = offset.expression if isinstance(offset, exp.Offset) else None
    if start is None and isinstance(limit, exp.Limit):
        start = limit.args.get("offset")
    # LIMIT ALL and LIMIT NULL are no limit.
    return (None if isinstance(count, (exp.Null, exp.Column, exp.Var)) else count), start


def has_page(part: exp.Expr) -> bool:
    """Tell whether a query inside an expression shows a page of its rows only."""
    return any(limits_of(query) != (None, None) for query in part.find_all(exp.Query))


def cut_window(query: exp.Query, cut: Cut) -> exp.Query:
    """Wrap a rewritten query so that only rows that can have been inside its window remain."""
    start = _whole(cut.offset, 0)
    end = exp.Add(this=start.copy(), expression=_whole(cut.limit, _ENDLESS))
    marked = _marked(query, cut)
    if cut.lateral:
        # It is run for one row of one execution at a time.
        ranked = _ranked(_with_bounds(marked, start, end), cut)
        return _inside(exp.Select().from_(ranked.subquery("_r"), copy=False), cut)
    names = hangs_on(marked)
    ranked = _ranked(once_each(marked, names), cut)
    low, high = _widest_span(cut)
    return _inside(turn(ranked, list_pages(names, start, end, runs=cut.top), low, high), cut)


def _with_bounds(marked: exp.Select, start: exp.Expr, end: exp.Expr) -> exp.Select:
    bounds = [exp.alias_(start, "_from"), exp.alias_(end, "_to")]
    return marked.select(*bounds, *(exp.column(name, table="_p") for name in OF_PAGES))


def _marked(query: exp.Query, cut: Cut) -> exp.Select:
    """Add the sort keys and, for a heap, when the row was moved."""
    heap = cut.by_heap
    keys = _sort_keys(cut)
    if heap is not None:
        keys.append(exp.column(THEN, table="_p"))
    if isinstance(query, exp.Select) and _sees_parameters(query):
        made: exp.Select = query.select(*keys)
    else:
        made = exp.select("_u.*", *keys).from_(query.subquery("_u"))
        made = made.join(exp.to_table("args").as_("_p"), on="_p._exec = _u._exec", copy=False)
    if heap is None:
        return made
    when, later = "moves._moved_us AS _moved_us", "0 AS _later"
    if heap.heap == "snapshot":
        # The snapshot shows the heap as it was left: only what moved after it stands elsewhere since, and
        # what moved between statement and snapshot stood somewhere else before.
        when = f"CASE WHEN moves._moved_us > {heap.seen_us[-1]} THEN moves._moved_us END AS _moved_us"
        later = "COALESCE(moves._later, 0) AS _later"
    moved = exp.select("_w.*", when, later, dialect="duckdb").from_(made.subquery("_w"))
    tie = (
        f"moves._ord = _w._k{cut.numbers[0]} AND moves._table = '{heap.kept_as}' "
        f"AND COALESCE(moves._moved_us < _w.{THEN}, TRUE) AND moves._until_us >= _w.{THEN}"
    )
    return moved.join(exp.to_table("moves"), on=tie, join_type="left", dialect="duckdb", copy=False)


def _sort_keys(cut: Cut) -> list[exp.Expr]:
    """Return each sort key under each order it may have; ``_stray``: whether it may stand anywhere."""
    texts = [key.this for key in cut.order if is_text(key.this)]
    made = [exp.alias_(strays(texts), "_stray")] if cut.guesses else []
    for i, key in enumerate(cut.order):
        if is_drawn(key.this):
            made.append(exp.alias_(exp.null(), f"_o{i}_0"))
        elif is_text(key.this):
            made += [exp.alias_(sort_key(key.this, o), f"_o{i}_{c}") for c, o in enumerate(cut.orders)]
        else:
            made.append(exp.alias_(key.this.copy(), f"_o{i}_0"))
    return made


def _sees_parameters(query: exp.Select) -> bool:
    first = query.args.get("from_")
    own = first is not None and first.this.alias_or_name == "_p"
    return own or not any(table.name == "args" for table in query.find_all(exp.Table))


def _whole(value: exp.Expr | None, otherwise: int) -> exp.Expr:
    if value is None:
        return exp.Literal.number(otherwise)
    bound = exp.TryCast(this=bind_parameters(value.copy()), to=exp.DataType.build("BIGINT"))
    return exp.func("COALESCE", bound, exp.Literal.number(otherwise))


def _ranked(marked: exp.Query, cut: Cut) -> exp.Select:
    """Give each row its modelled place, and the span of places its ties leave open."""
    rows = [exp.Ordered(this=exp.column(f"_k{number}"), nulls_first=False) for number in cut.numbers]
    heap: list[exp.Expr] = list(rows)
    if cut.by_heap is not None:
        heap.insert(
            0, exp.Ordered(this=exp.func("COALESCE", exp.column("_moved_us"), "0"), nulls_first=False)
        )
    shown: dict[str, exp.Expr] = {"_total": _window(exp.Count(this=exp.Star()), cut.parts, [])}
    if cut.guesses:
        shown["_strays"] = _window(exp.Sum(this=exp.column("_stray")), cut.parts, [])
    for c in range(len(cut.orders)):
        keys = _keys(cut, cut.sure, c)
        tie = [*cut.parts, *(key.this for key in keys)]
        shown |= {
            f"_rn{c}": _window(exp.RowNumber(), cut.parts, [*_keys(cut, len(cut.order), c), *heap]),
            f"_low{c}": _window(exp.Rank(), cut.parts, keys) if keys else exp.Literal.number(1),
            f"_ties{c}": _window(exp.Count(this=exp.Star()), tie, []),
        }
    if cut.by_heap is not None:
        shown["_in_heap"] = _window(exp.RowNumber(), cut.parts, list(rows))
        shown["_moved"] = _window(exp.Count(this=exp.column("_moved_us")), cut.parts, list(rows))
        shown["_shifts"] = _window(exp.Sum(this=exp.column("_later")), cut.parts, [])
    return exp.select("*", *(exp.alias_(value, name) for name, value in shown.items())).from_(
        marked.subquery("_m"), copy=False
    )


def _keys(cut: Cut, count: int, candidate: int) -> list[exp.Ordered]:
    """Return the leading sort keys under one of the orders."""
    return [
        exp.Ordered(
            this=exp.column(f"_o{i}_{candidate if is_text(key.this) and not is_drawn(key.this) else 0}"),
            desc=bool(key.args.get("desc")),
            nulls_first=bool(key.args.get("nulls_first")),
        )
        for i, key in enumerate(cut.order[:count])
    ]


def _window(what: exp.Expr, parts: Sequence[exp.Expr], order: Sequence[exp.Expr]) -> exp.Window:
    return exp.Window(
        this=what,
        partition_by=[part.copy() for part in parts],
        order=exp.Order(expressions=[key.copy() for key in order]) if order else None,
    )


def _inside(turned: exp.Select, cut: Cut) -> exp.Select:
    """Keep the rows that can have been inside, each with its doubt; the first order is the model."""
    places = [_place(cut, c) for c in range(len(cut.orders))]
    certain = " AND ".join(f"({place.certain})" for place in places)
    could = " OR ".join(f"({place.could})" for place in places)
    inside = places[0].inside
    by_place = cut.by_heap is not None or cut.by_key
    modelled = (cut.sure or by_place or not cut.tables or cut.order) and not cut.by_chance
    doubt = (
        f"CASE WHEN _doubt > 1 OR ({inside} AND {certain}) THEN _doubt "
        f"WHEN {inside} THEN {1 if modelled else 2} ELSE 2 END"
    )
    shown: list[exp.Expr] = [] if cut.lateral else [exp.column("_exec", table="_g")]
    shown += [exp.column(f"_k{number}") for number in (*cut.numbers, *cut.riders)]
    shown += [
        exp.alias_(exp.maybe_parse(doubt, dialect="duckdb"), "_doubt"),
        exp.alias_(
            exp.maybe_parse(f"CASE WHEN {inside} THEN _weight ELSE 0 END", dialect="duckdb"), "_weight"
        ),
        *(exp.column(name, quoted=True) for name in cut.outs),
    ]
    return turned.select(*shown, copy=False).where(exp.maybe_parse(could, dialect="duckdb"), copy=False)


@dataclass(frozen=True)
class _Place:
    """Under one order, as SQL: the row is inside by the model, could be, is for certain."""

    inside: str
    could: str
    certain: str


def _place(cut: Cut, candidate: int) -> _Place:
    inside = f"_rn{candidate} > _from AND _rn{candidate} <= _to"
    low, high = _span(cut, candidate)
    low, high = f"({low} - _k)", f"({high} + _k + _gone)"
    total = "(_total + _away)"
    certain = _within("_from", "_to", low, high, total)
    if cut.top:
        # Rows that tie may tie otherwise on the next page; all pages together show them all the same.
        lone = f"_ties{candidate} = 1 AND {_within(*OF_RUNS, low, high, total)}"
        certain = f"({certain}) OR ({lone}) OR {_all_of(*OF_RUNS, total)}"
    if not cut.sure:
        # A modelled order settles nothing: only a window over everything does.
        certain = _all_of(*(OF_RUNS if cut.top else ("_from", "_to")), total)
    return _Place(inside, f"({inside}) OR ({high} > _from AND {low} <= _to)", certain)


def _within(start: str, end: str, low: str, high: str, total: str) -> str:
    return f"({start} <= 0 OR {low} > {start}) AND ({end} >= {total} OR {high} <= {end})"


def _all_of(start: str, end: str, total: str) -> str:
    return f"({start} <= 0 AND {end} >= {total})"


def _span(cut: Cut, candidate: int) -> tuple[str, str]:
    """Return a row's lowest and highest place under one order, were it not for rows that moved since."""
    if cut.by_heap is not None:
        loose = "_shifts + CASE WHEN _later = 1 THEN _total ELSE 0 END"
        high = f"(CASE WHEN _moved_us IS NULL THEN _in_heap ELSE _total END + {loose})"
        return f"(_in_heap - _moved - ({loose}))", high
    slack = "0" if cut.collation.is_exact or not cut.sorts_text else str(_GRACE)
    if cut.guesses:
        # A stray may stand anywhere, and so shifts every other row by one.
        slack += " + _strays + _stray * _total"
    return f"(_low{candidate} - ({slack}))", f"(_low{candidate} + _ties{candidate} - 1 + {slack})"


def _widest_span(cut: Cut) -> tuple[str, str]:
    """Return a row's lowest and highest place under all its orders."""
    spans = [_span(cut, candidate) for candidate in range(len(cut.orders))]
    modelled = [f"_rn{candidate}" for candidate in range(len(cut.orders))]
    low = ", ".join([*(low for low, _ in spans), *modelled])
    high = ", ".join([*(high for _, high in spans), *modelled])
    return f"LEAST({low})", f"GREATEST({high})"
