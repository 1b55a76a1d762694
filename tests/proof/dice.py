"""Chance that repeats itself: the only place where incidents get their randomness from."""

from __future__ import annotations

import random  # noqa: TID251 - seeded, and nowhere else
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A seeded source of choices."""

    def __init__(self, *seed: object) -> None:
        """Seed by any values that print the same on every machine."""
        self._random = random.Random(repr(seed))  # noqa: S311 - no secrets here

    def below(self, count: int) -> int:
        """Return a whole number from 0 up to, not including, ``count``."""
        return self._random.randrange(count)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return self._random.randint(low, high)

    def happens(self, share: float) -> bool:
        """Tell whether something of this probability happens."""
        return self._random.random() < share

    def one_of(self, choices: Sequence[T]) -> T:
        """Choose one."""
        return choices[self._random.randrange(len(choices))]

    def some_of(self, choices: Sequence[T], count: int) -> list[T]:
        """Choose several, each place once, in chosen order."""
        return self._random.sample(list(choices), min(count, len(choices)))

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """Return the things in another order."""
        made = list(things)
        self._random.shuffle(made)
        return made
