"""Solves one unknown from its answers: what every answer allows, the later ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ashiato.engine.exposures.transcripts.values import NULL_PLACE, PLACES

_ALL = np.packbits(np.arange(PLACES) <= NULL_PLACE)
#: No text of a table has these; a search that ends among them found the end.
_LOWEST_CHARACTER = 32
_MOST_TOLD = 64


@dataclass(frozen=True)
class Solved:
    """What is left of an unknown: the codes still possible where they are few, and what contradicted.

    ``conflicts``: answers set aside because later ones say otherwise; ``sure``: the later ones alone decide.
    """

    codes: tuple[int, ...]
    conflicts: int
    sure: bool

    @property
    def is_end(self) -> bool:
        """Whether nothing but the end of the text (or NULL) is left."""
        low = all(code < _LOWEST_CHARACTER or code == NULL_PLACE for code in self.codes)
        return low and (0 in self.codes or NULL_PLACE in self.codes)

    @property
    def only(self) -> int | None:
        """The one code that is left, or None."""
        told = [code for code in self.codes if code != NULL_PLACE]
        return told[0] if self.sure and len(told) == 1 else None

    @property
    def is_decided(self) -> bool:
        """Whether one character, one number or the end is all that is left."""
        return self.sure and (self.only is not None or self.is_end)


def solve(answers: Sequence[tuple[np.ndarray, bool]]) -> Solved:
    """Return what the answers, in the order given, leave of their unknown.

    An answer that leaves nothing beside those after it is set aside: whoever asks again does so because the
    first answer was wrong.
    """
    left, conflicts, sure = _ALL, 0, True
    for met, answer in reversed(answers):
        allowed = left & (met if answer else ~met)
        if allowed.any():
            left = allowed
        else:
            conflicts += 1
            sure = sure and Solved(_codes_of(left), 0, sure=True).is_decided
    return Solved(_codes_of(left), conflicts, sure)


def _codes_of(left: np.ndarray) -> tuple[int, ...]:
    """Return the codes in a set, none where they are many."""
    filled = np.flatnonzero(left)
    if len(filled) > _MOST_TOLD // 8:
        return ()
    return tuple(int(byte) * 8 + bit for byte in filled for bit in range(8) if left[byte] >> (7 - bit) & 1)
