"""Which columns of a statement's tables are held to be equal: how its rows find each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.clauses import sources_of
from ashiato.engine.exposures.plan import Instance


@dataclass(frozen=True, order=True)
class Link:
    """``column`` of instance ``number`` equals ``other_column`` of instance ``other``."""

    number: int
    column: str
    other: int
    other_column: str


def links_of(tree: exp.Expr, instances: Sequence[Instance]) -> tuple[Link, ...]:
    """Return the equalities between columns of different instances, both ways round, wherever they stand."""
    return _linked(((left, right) for left, right, _ in _equalities(tree)), instances)


def firm_links_of(tree: exp.Expr, instances: Sequence[Instance]) -> tuple[Link, ...]:
    """Return those links from a table that hold of each of its rows which took part, of tables named once."""
    names = [one.alias for one in instances if one.of is None]
    found = {
        link
        for left, right, node in _equalities(tree)
        for link in _linked([(left, right)], instances)
        if instances[link.number].alias in _asked_of(node)
    }
    once = {name for name in names if names.count(name) == 1}
    return tuple(
        link for link in sorted(found) if {instances[link.number].alias, instances[link.other].alias} <= once
    )


def _asked_of(node: exp.Expr) -> set[str]:
    """Return the tables of each of whose rows a condition is asked, in a query without outer joins."""
    above: exp.Expr | None = node if isinstance(node, exp.Join) else node.parent
    while isinstance(above, (exp.And, exp.Paren)):
        above = above.parent
    query = above.parent if isinstance(above, (exp.Where, exp.Join)) else None
    if not isinstance(query, exp.Select) or any(join.side for join in query.args.get("joins") or []):
        return set()
    return {source.alias_or_name for _, source in sources_of(query)}


def _linked(pairs: Iterable[tuple[exp.Expr, exp.Expr]], instances: Sequence[Instance]) -> tuple[Link, ...]:
    found: set[Link] = set()
    for left, right in pairs:
        for number, column in _places(left, instances):
            for other, other_column in _places(right, instances):
                if number != other:
                    found |= {
                        Link(number, column, other, other_column),
                        Link(other, other_column, number, column),
                    }
    return tuple(sorted(found))


def is_negative(tree: exp.Expr) -> bool:
    """Tell whether a row that is not there can bring another into the reply."""
    return tree.find(exp.Not, exp.Except, exp.All, exp.Having) is not None or asks_for_nothing(tree)


def asks_for_nothing(part: exp.Expr) -> bool:
    """Tell whether a condition asks whether something is NULL, which a row of an outer join may be whole."""
    return any(isinstance(node.expression, exp.Null) for node in part.find_all(exp.Is))


def way(links: Sequence[Link], start: int, end: int) -> list[Link] | None:
    """Return the shortest way from one instance to another along the links, or None when there is none."""
    came: dict[int, Link | None] = {start: None}
    waiting = deque([start])
    while waiting:
        at = waiting.popleft()
        for link in links:
            if link.number == at and link.other not in came:
                came[link.other] = link
                waiting.append(link.other)
    if end not in came:
        return None
    steps: list[Link] = []
    last = came[end]
    while last is not None:
        steps.append(last)
        last = came[last.number]
    return steps[::-1]


def _equalities(tree: exp.Expr) -> list[tuple[exp.Expr, exp.Expr, exp.Expr]]:
    """Return what is held to be equal to what, and the node that says so."""
    pairs: list[tuple[exp.Expr, exp.Expr, exp.Expr]] = [
        (node.left, node.right, node) for node in tree.find_all(exp.EQ)
    ]
    for node in tree.find_all(exp.In):
        inner = node.args.get("query")
        select = inner.find(exp.Select) if isinstance(inner, exp.Expr) else None
        if select is not None and len(select.expressions) == 1:
            pairs.append((node.this, select.expressions[0].unalias(), node))
    for join in tree.find_all(exp.Join):
        # Which tables share such a name is told by their columns.
        named = [exp.column(name.name) for name in join.args.get("using") or []]
        pairs += [(name, name.copy(), join) for name in named]
    return pairs


def _places(side: exp.Expr, instances: Sequence[Instance]) -> list[tuple[int, str]]:
    if not isinstance(side, exp.Column):
        return []
    held = [one for one in instances if one.of is None and side.name in one.table.columns]
    if side.table:
        held = [one for one in held if one.alias == side.table]
    return [(one.number, side.name) for one in held]
