"""Writings joined to persons: surest pairs first, and never two that may not be one.

Greedy over pairs sorted by score and number, so the order in which records come does not matter. Before two
groups are joined, every birth date, sex and number of the one is held against those of the other; a pair that
would put a conflict into one person is refused, and becomes a row for a human.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """Two writings by their numbers, ``a`` the smaller; ``agree``, ``conflict``: codes joined by ``;``."""

    a: int
    b: int
    score: int
    agree: str = ""
    conflict: str = ""


Identity = tuple[int | None, str | None]


@dataclass(frozen=True, slots=True)
class Marks:
    """What may not conflict within one person: what its writings have.

    ``identities``: birth date and number of the person, as they stand together.
    """

    identities: AbstractSet[Identity] = frozenset()
    sexes: AbstractSet[str] = frozenset()
    companies: AbstractSet[str] = frozenset()

    def joined(self, other: Marks) -> Marks:
        """Return both's values."""
        return Marks(
            self.identities | other.identities, self.sexes | other.sexes, self.companies | other.companies
        )

    def conflicts(self, other: Marks) -> list[str]:
        """Name what two groups have that one person cannot."""
        found = {
            name
            for one in self.identities
            for two in other.identities
            for name in identities_conflict(one, two)
        }
        found |= {"sex"} if len(self.sexes | other.sexes) > 1 else set()
        found |= {"company number"} if len(self.companies | other.companies) > 1 else set()
        return sorted(found)


_NOTHING = Marks()


class Groups:
    """A union of writings under constraints; each group goes by its smallest number."""

    def __init__(self, marks: Mapping[int, Marks]) -> None:
        """``marks``: what each writing has; one that is not named has nothing that could conflict."""
        self._above: dict[int, int] = {}
        self._marks = dict(marks)
        self._apart: dict[int, set[int]] = {}

    def find(self, number: int) -> int:
        """Return the smallest number of a writing's group."""
        root = number
        while (above := self._above.get(root, root)) != root:
            root = above
        while (above := self._above.get(number, number)) != root:
            self._above[number] = root
            number = above
        return root

    def keep_apart(self, a: int, b: int) -> None:
        """Never join these two, whatever speaks for it: a human's word."""
        self._apart.setdefault(self.find(a), set()).add(b)
        self._apart.setdefault(self.find(b), set()).add(a)

    def join(self, a: int, b: int, *, by_hand: bool = False) -> list[str]:
        """Join two writings' groups; returns what forbids it, and nothing when they are one now."""
        one, two = sorted((self.find(a), self.find(b)))
        if one == two:
            return []
        if any(self.find(other) == two for other in self._apart.get(one, ())):
            return ["decided"]
        mine, other = self._marks.get(one, _NOTHING), self._marks.get(two, _NOTHING)
        conflicts = [] if by_hand else mine.conflicts(other)
        if conflicts:
            return conflicts
        self._marks[one] = mine.joined(other)
        self._marks.pop(two, None)
        if two in self._apart:
            self._apart.setdefault(one, set()).update(self._apart.pop(two))
        self._above[two] = one
        return []

    def members(self) -> dict[int, int]:
        """Return each writing that is not its group's smallest, with that smallest."""
        return {number: self.find(number) for number in sorted(self._above)}


def join_pairs(groups: Groups, pairs: Iterable[Pair]) -> list[Pair]:
    """Join the surest pairs first; return those refused, with what conflicts within the person."""
    refused = []
    for pair in sorted(pairs, key=lambda pair: (-pair.score, pair.a, pair.b)):
        conflicts = groups.join(pair.a, pair.b)
        if conflicts and conflicts != ["decided"]:
            codes = ";".join(f"{name} within the person" for name in conflicts)
            refused.append(Pair(pair.a, pair.b, pair.score, pair.agree, codes))
    return refused


def identities_conflict(one: Identity, two: Identity) -> list[str]:
    """Name which of birth date and number differ and are not borne out by the other."""
    births = one[0] is not None and two[0] is not None and not births_near(one[0], two[0])
    numbers = one[1] is not None and two[1] is not None and not numbers_near(one[1], two[1])
    found = [("birth", births and (one[1] is None or one[1] != two[1]))]
    found.append(("number", numbers and (one[0] is None or one[0] != two[0])))
    return [name for name, is_found in found if is_found]


def births_near(one: int, two: int) -> bool:
    """Tell whether two birth dates differ as typing errors do: in one of their parts, or in their order."""
    a, b = (one // 10_000, one // 100 % 100, one % 100), (two // 10_000, two // 100 % 100, two % 100)
    alike = sum(x == y for x, y in zip(a, b, strict=True))
    return alike >= 2 or (a[0] == b[0] and a[1] == b[2] and a[2] == b[1])


def numbers_near(one: str, two: str) -> bool:
    """Tell whether two numbers are at most two edits apart, as typing errors are."""
    if abs(len(one) - len(two)) > 2:
        return False
    row = list(range(len(two) + 1))
    for place, character in enumerate(one, 1):
        last, row[0] = row[0], place
        for other, theirs in enumerate(two, 1):
            changed = last + (character != theirs)
            last, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, changed)
    return row[-1] <= (2 if min(len(one), len(two)) >= 6 else 1)
