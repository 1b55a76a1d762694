"""Which columns of a statement's tables are held to be equal: how its rows find each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

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
    found: set[Link] = set()
    for left, right in _equalities(tree):
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


def _equalities(tree: exp.Expr) -> list[tuple[exp.Expr, exp.Expr]]:
    pairs = [(node.left, node.right) for node in tree.find_all(exp.EQ)]
    for node in tree.find_all(exp.In):
        inner = node.args.get("query")
        select = inner.find(exp.Select) if isinstance(inner, exp.Expr) else None
        if select is not None and len(select.expressions) == 1:
            pairs.append((node.this, select.expressions[0].unalias()))
    for join in tree.find_all(exp.Join):
        # Which tables share such a name is told by their columns.
        pairs += [(exp.column(name.name), exp.column(name.name)) for name in join.args.get("using") or []]
    return pairs


def _places(side: exp.Expr, instances: Sequence[Instance]) -> list[tuple[int, str]]:
    if not isinstance(side, exp.Column):
        return []
    held = [one for one in instances if one.of is None and side.name in one.table.columns]
    if side.table:
        held = [one for one in held if one.alias == side.table]
    return [(one.number, side.name) for one in held]
