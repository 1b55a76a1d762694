"""What a rule asks of one field, and how such questions are joined.

A field without a value (NULL) satisfies nothing but ``not`` and the wish for absence. Every other value has
a text: numbers in decimals, truths as ``true`` and ``false``. Texts are compared without regard to case, by
Unicode's simple lower case, unless a rule says ``cased``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias


class Wild(Enum):
    """A wildcard of a text pattern: any text, or one sign."""

    ANY = "*"
    ONE = "?"


@dataclass(frozen=True)
class Text:
    """The whole text is made of these pieces, in order."""

    pieces: tuple[str | Wild, ...]
    cased: bool = False

    def __hash__(self) -> int:
        """Reckoned once: every batch asks for every text by it."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.pieces, self.cased))


@dataclass(frozen=True)
class Regex:
    """The text holds a match of this RE2 pattern; flags stand inside it."""

    pattern: str


@dataclass(frozen=True)
class Number:
    """The text is a decimal number that compares so: ``eq``, ``neq``, ``lt``, ``lte``, ``gt``, ``gte``."""

    op: str
    value: Fraction


@dataclass(frozen=True)
class TimePart:
    """The minute, hour, day, (ISO) week, month or year as the time is written; of integers, in UTC."""

    part: str
    op: str
    value: Fraction


@dataclass(frozen=True)
class Network:
    """The text is an address of this network."""

    network: str


@dataclass(frozen=True)
class Present:
    """There is a value."""


@dataclass(frozen=True)
class Same:
    """The text equals, starts with, ends with or holds (both) another field's text of the same event."""

    column: str
    starts: bool
    ends: bool


Predicate: TypeAlias = Text | Regex | Number | TimePart | Network | Present | Same


@dataclass(frozen=True)
class Atom:
    """A predicate on one column; ``field`` is how the rule calls it."""

    column: str
    predicate: Predicate
    field: str = field(compare=False)


@dataclass(frozen=True)
class Keyword:
    """A predicate that any column may satisfy, until the columns are known."""

    predicate: Text | Regex


@dataclass(frozen=True)
class And:
    """All parts hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """A part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: Node


@dataclass(frozen=True)
class Named:
    """A selection of the rule, by its name."""

    name: str
    part: Node


Node: TypeAlias = Atom | Keyword | And | Or | Not | Named

#: What holds for every event.
ALWAYS = And(())


def atoms_of(node: Node) -> Iterator[Atom]:
    """Yield every atom below a node, in order, repeated ones too."""
    if isinstance(node, Atom):
        yield node
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from atoms_of(part)
    elif isinstance(node, Not | Named):
        yield from atoms_of(node.part)


def columns_of(node: Node) -> set[str]:
    """Return every column a node looks at."""
    found: set[str] = set()
    for atom in atoms_of(node):
        found.add(atom.column)
        if isinstance(atom.predicate, Same):
            found.add(atom.predicate.column)
    return found


def bind_keywords(node: Node, columns: tuple[str, ...]) -> Node:
    """Return the node with each keyword asked of these columns."""
    if isinstance(node, Keyword):
        return Or(tuple(Atom(column, node.predicate, column) for column in columns))
    if isinstance(node, And):
        return And(tuple(bind_keywords(part, columns) for part in node.parts))
    if isinstance(node, Or):
        return Or(tuple(bind_keywords(part, columns) for part in node.parts))
    if isinstance(node, Not):
        return Not(bind_keywords(node.part, columns))
    if isinstance(node, Named):
        return Named(node.name, bind_keywords(node.part, columns))
    return node
