"""How many rows of a reply may hang on one row of a table, and so stand elsewhere with it.

That counts where rows are told by their place: in a page (LIMIT), and for an extreme. A row of a joined
table may bring along as many as it has partners, but one at most where it tells the keys of all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.clauses import sources_of
from ashiato.engine.exposures.links import Link
from ashiato.engine.exposures.plan import Instance

#: As many as there may be.
MANY = 1 << 30
_PLACED = (exp.Max, exp.Min)


@dataclass(frozen=True)
class Frame:
    """A query in which places count: the tables it reads its rows from, and all that it reads at all."""

    sources: frozenset[int]
    inside: frozenset[int]


def frames_of(tree: exp.Expr, instances: Sequence[Instance]) -> tuple[Frame, ...]:
    """Return a statement's queries in which places count; tables that it does not name are in each."""
    roots = frozenset(one.number for one in instances if one.of is None)
    places: dict[str, set[int]] = {}
    for one in instances:
        if one.of is None:
            places.setdefault(one.alias, set()).add(one.number)
    if tree.find(exp.With):
        return tuple({Frame(roots, roots) for _ in _placed(tree)})
    hidden = roots - _numbers(tree.find_all(exp.Table), places)
    return tuple(
        Frame(_numbers(_read(query), places) | hidden, _numbers(query.find_all(exp.Table), places) | hidden)
        for query in _placed(tree)
    )


def fans_sql(instances: Sequence[Instance], frames: Sequence[Frame], firm: Sequence[Link]) -> str:
    """Select the fan of each table's instance; ``firm``: links that hold of each row that took part."""
    fans = ((one.number, _fan(one.number, instances, frames, firm)) for one in instances if one.of is None)
    rows = ", ".join(f"({number}, {fan})" for number, fan in fans)
    return f"SELECT instance, CAST(fan AS BIGINT) AS fan FROM (VALUES {rows}) AS fans (instance, fan)"


def _fan(number: int, instances: Sequence[Instance], frames: Sequence[Frame], firm: Sequence[Link]) -> int:
    settled = _settled_by(number, instances, firm)
    return 1 if all(frame.sources <= settled for frame in frames if number in frame.inside) else MANY


def _settled_by(number: int, instances: Sequence[Instance], firm: Sequence[Link]) -> set[int]:
    """Return the tables of which one row at most stands beside a row: their keys are told, on and on."""
    settled = {number}
    while True:
        found = {one.number for one in instances if one.of is None and _is_told(one, settled, firm)} - settled
        if not found:
            return settled
        settled |= found


def _is_told(one: Instance, settled: set[int], firm: Sequence[Link]) -> bool:
    named = {link.other_column for link in firm if link.other == one.number and link.number in settled}
    return bool(one.table.key) and set(one.table.key) <= named


def _placed(tree: exp.Expr) -> Iterator[exp.Select]:
    """Yield the queries in whose rows places count, of united ones each."""
    for query in tree.find_all(exp.Query):
        paged = query.args.get("limit") is not None or query.args.get("offset") is not None
        if paged or any(part.find(*_PLACED) for part in query.args.get("expressions") or []):
            yield from _united(query)


def _united(query: exp.Expr) -> Iterator[exp.Select]:
    if isinstance(query, exp.Select):
        yield query
    elif isinstance(query, exp.Subquery):
        yield from _united(query.this)
    elif isinstance(query, exp.SetOperation):
        yield from _united(query.this)
        yield from _united(query.expression)


def _read(query: exp.Select) -> Iterator[exp.Expr]:
    """Yield the tables that a query reads its rows from, through derived ones."""
    for _, source in sources_of(query):
        inner = source.this if isinstance(source, (exp.Subquery, exp.Lateral, exp.Paren)) else source
        if isinstance(inner, exp.Query):
            for one in _united(inner):
                yield from _read(one)
        else:
            yield from source.find_all(exp.Table)


def _numbers(tables: Iterator[exp.Expr], places: dict[str, set[int]]) -> frozenset[int]:
    return frozenset(number for table in tables for number in places.get(table.alias_or_name, ()))
