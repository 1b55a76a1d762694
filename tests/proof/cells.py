"""Values that remember where they come from, and three-valued logic over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from tests.proof.base import Place, RowId, text_of
from tests.proof.queries import Plain

NOWHERE: frozenset[Any] = frozenset()


class Cell(NamedTuple):
    """A value with its provenance.

    ``copied``: places whose value this carries, whole or in part. ``loose``: places whose value this may be
    read as, apart from its owner (an extreme, a merged duplicate). ``seen``: rows that decided about it.
    """

    value: Plain
    copied: frozenset[Place] = NOWHERE
    loose: frozenset[Place] = NOWHERE
    seen: frozenset[RowId] = NOWHERE

    @property
    def holds(self) -> bool:
        """Whether this is true, as a condition: neither false nor NULL."""
        return self.value is True


def gathered(value: Plain, cells: Iterable[Cell], *, carries: bool = False, loosely: bool = False) -> Cell:
    """Make a value out of others: carrying theirs, hinting at theirs, or merely deciding by them."""
    held = list(cells)
    seen = _union([cell.seen for cell in held])
    if not (carries or loosely):
        return Cell(value, NOWHERE, NOWHERE, seen)
    copied = _union([cell.copied for cell in held])
    loose = _union([cell.loose for cell in held])
    return Cell(value, copied, loose, seen) if carries else Cell(value, NOWHERE, copied | loose, seen)


def _union(sets: list[frozenset[Any]]) -> frozenset[Any]:
    """Unite sets most of which are empty or the same."""
    made = NOWHERE
    for one in sets:
        if one and one is not made:
            made = made | one if made else one
    return made


def both(left: Cell, right: Cell) -> Cell:
    """AND of three values."""
    if left.value is False or right.value is False:
        value: Plain = False
    else:
        value = None if left.value is None or right.value is None else True
    return gathered(value, (left, right))


def either(left: Cell, right: Cell) -> Cell:
    """OR of three values."""
    if left.value is True or right.value is True:
        value: Plain = True
    else:
        value = None if left.value is None or right.value is None else False
    # Only what holds bears witness.
    return gathered(value, [cell for cell in (left, right) if cell.holds] or [left, right])


def negated(cell: Cell) -> Cell:
    """NOT of a three-valued cell."""
    return gathered(None if cell.value is None else not cell.value, [cell])


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def compared(name: str, left: Cell, right: Cell) -> Cell:
    """Compare two values of one kind; text by its bytes."""
    if left.value is None or right.value is None:
        return gathered(None, (left, right))
    return gathered(_COMPARE[name](left.value, right.value), (left, right))


def alike(value: Cell, pattern: Cell) -> Cell:
    """LIKE, without an escape character in use."""
    if value.value is None or pattern.value is None:
        return gathered(None, (value, pattern))
    regex = "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in text_of(pattern.value))
    return gathered(re.fullmatch(regex, text_of(value.value), re.DOTALL) is not None, (value, pattern))


def called(name: str, args: list[Cell]) -> Cell:
    """Call a function of values, or compare two."""
    if name in _COMPARE:
        return compared(name, *args)
    if name == "coalesce":
        tried: list[Cell] = []
        for cell in args:
            tried.append(cell)
            if cell.value is not None:
                return cell
        return gathered(None, tried)
    if name == "concat":
        return gathered("".join(text_of(cell.value) for cell in args), args, carries=True)
    if any(cell.value is None for cell in args):
        return gathered(None, args)
    values = [cell.value for cell in args]
    return _strict(name, values, args)


def _strict(name: str, values: list[Any], args: list[Cell]) -> Cell:
    if name == "||":
        return gathered(text_of(values[0]) + text_of(values[1]), args, carries=True)
    if name in ("upper", "lower", "text"):
        text = text_of(values[0])
        made = {"upper": text.upper(), "lower": text.lower()}.get(name, text)
        return gathered(made, args, carries=True)
    if name == "substr":
        start, count = values[1] - 1, values[2] if len(values) > 2 else 1 << 30
        cut = values[0][start : start + count]
        return gathered(cut, args, carries=bool(cut), loosely=True)
    if name == "length":
        return gathered(len(values[0]), args, loosely=True)
    first, second = values
    total: int | Decimal = {"+": first + second, "-": first - second, "*": first * second}[name]
    alone = sum(bool(cell.copied) for cell in args) < 2 and name != "*"
    return gathered(total, args, carries=alone, loosely=True)
