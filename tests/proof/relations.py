"""Results and rows in the making: what the oracle's evaluation is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cmp_to_key
from typing import Any

from tests.proof.base import Base, RowId
from tests.proof.cells import NOWHERE, Cell
from tests.proof.queries import Aggregate, Call, Case, Col, Expr, Item, Lit, Source, Windowed


@dataclass(frozen=True)
class Out:
    """A row of a result, and the stored rows that are in it."""

    cells: tuple[Cell, ...]
    rows: frozenset[RowId] = NOWHERE


@dataclass
class Relation:
    """A result: its columns and its rows; ``heaped``: in the order of one table's heap."""

    names: list[str]
    rows: list[Out]
    heaped: bool = False


@dataclass
class Scope:
    """One row of a query's sources: values by alias and column, in the scope of the query around it."""

    tables: dict[str, dict[str, Cell]]
    rows: frozenset[RowId] = NOWHERE
    around: Scope | None = None
    #: The rows this one stands for, after grouping.
    group: list[Scope] | None = None
    windows: dict[Windowed, Cell] = field(default_factory=dict)

    def find(self, column: Col) -> Cell:
        """Return a column's value here or in a query around."""
        for alias, held in self.tables.items():
            if column.alias in (alias, "") and column.name in held:
                return held[column.name]
        if self.around is None:
            raise KeyError(f"{column.alias}.{column.name}")
        return self.around.find(column)


def beside(left: Scope, right: Scope) -> Scope:
    """Put two rows beside each other."""
    return Scope({**left.tables, **right.tables}, left.rows | right.rows, left.around or right.around)


def list_meeting(left: list[Scope], right: list[Scope], on: Expr | None) -> Iterator[list[tuple[int, Scope]]]:
    """Yield for each left row the right rows, numbered, that no equality of a join's columns rules out."""
    numbered = list(enumerate(right))
    ties = _ties(left, right, on)
    if not ties:
        yield from ([numbered] * len(left))
        return
    held: dict[tuple[Any, ...], list[tuple[int, Scope]]] = {}
    for number, theirs in numbered:
        held.setdefault(tuple(theirs.find(other).value for _, other in ties), []).append((number, theirs))
    for mine in left:
        key = tuple(mine.find(own).value for own, _ in ties)
        yield [] if None in key else held.get(key, [])


def _ties(left: list[Scope], right: list[Scope], on: Expr | None) -> list[tuple[Col, Col]]:
    """Return the columns that a join holds equal; none where it asks more than plain values."""
    if on is None or not left or not right or not _is_plain(on):
        return []
    found = []
    for part in on.args if isinstance(on, Call) and on.name == "and" else (on,):
        if isinstance(part, Call) and part.name == "=":
            for own, other in (part.args, part.args[::-1]):
                if (
                    _is_of(own, left)
                    and _is_of(other, right)
                    and isinstance(own, Col)
                    and isinstance(other, Col)
                ):
                    found.append((own, other))
    return found


def _is_of(column: Expr, side: list[Scope]) -> bool:
    return isinstance(column, Col) and bool(column.alias) and column.alias in side[0].tables


def _is_plain(tree: Expr) -> bool:
    return isinstance(tree, (Col, Lit)) or (isinstance(tree, Call) and all(map(_is_plain, tree.args)))


def nothing_like(left: list[Scope], base: Base) -> Scope:
    """Make the empty row that stands for a missing left side."""
    if left:
        tables = {a: {name: Cell(None) for name in held} for a, held in left[0].tables.items()}
        return Scope(tables, around=left[0].around)
    every = {name: Cell(None) for design in base.designs.values() for name in design.kinds}
    return Scope({"": every})


def membership(value: Cell, options: Iterable[Out], *, negated: bool) -> Cell:
    """Tell whether a value is among others; what is found bears witness."""
    held = list(options)
    if not held:
        return Cell(negated)
    if value.value is None:
        return Cell(None, seen=value.seen)
    found = [row for row in held if row.cells[0].value == value.value]
    if found:
        witnesses = NOWHERE if negated else NOWHERE.union(*(row.rows for row in found))
        return Cell(not negated, seen=value.seen | witnesses)
    unknown = any(row.cells[0].value is None for row in held)
    return Cell(None if unknown else negated, seen=value.seen)


def cut(rows: list[Out], limit: Lit | None, offset: Lit | None) -> list[Out]:
    """Take the rows of a window."""
    start = int(offset.value or 0) if offset is not None else 0
    rows = rows[start:]
    return rows if limit is None or limit.value is None else rows[: int(limit.value)]


def stable_sorted(
    rows: list[Any], cell_of: Callable[[Any], Cell], descending: bool, nulls_first: bool | None
) -> list[Any]:
    """Sort by one key, leaving ties in their order."""
    first = descending if nulls_first is None else nulls_first

    def compare(left: Any, right: Any) -> int:
        mine: Any = cell_of(left).value
        theirs: Any = cell_of(right).value
        if mine is None or theirs is None:
            return 0 if mine is theirs else (-1 if (mine is None) == first else 1)
        if mine == theirs:
            return 0
        return -1 if (mine < theirs) != descending else 1

    return sorted(rows, key=cmp_to_key(compare))


def has_aggregate(tree: Expr | None) -> bool:
    """Tell whether an expression condenses rows."""
    if isinstance(tree, Aggregate):
        return True
    if isinstance(tree, Call):
        return any(map(has_aggregate, tree.args))
    return isinstance(tree, Case) and any(map(has_aggregate, (tree.condition, tree.then, tree.otherwise)))


def windows_in(tree: Expr) -> list[Windowed]:
    """Return the window functions of an expression."""
    if isinstance(tree, Windowed):
        return [tree]
    return [w for arg in tree.args for w in windows_in(arg)] if isinstance(tree, Call) else []


def every_column(
    sources: Sequence[Source], scopes: list[Scope], base: Base, ctes: dict[str, Relation]
) -> tuple[Item, ...]:
    """Return what ``SELECT *`` stands for."""
    items: list[Item] = []
    for source in sources:
        if isinstance(source.table, str) and source.table not in ctes:
            names = list(base.designs[source.table].kinds)
        elif isinstance(source.table, str):
            names = ctes[source.table].names
        else:
            names = list(scopes[0].tables[source.alias]) if scopes else []
        items += [Item(Col(source.alias, name)) for name in names]
    return tuple(items)


def names_of(items: Sequence[Item]) -> list[str]:
    """Return the names of output columns."""
    return [
        item.name or (item.value.name if isinstance(item.value, Col) else f"column{number}")
        for number, item in enumerate(items)
    ]
