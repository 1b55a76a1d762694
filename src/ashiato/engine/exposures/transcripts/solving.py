"""Solves one unknown from its answers: what every answer allows, the later ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ashiato.engine.exposures.transcripts.met import Met, narrow
from ashiato.engine.exposures.transcripts.values import NULL_PLACE

#: No text of a table has these; a search that ends among them found the end.
_LOWEST_CHARACTER = 32


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
        return _is_end(self.codes)

    @property
    def only(self) -> int | None:
        """The one code that is left, or None."""
        told = [code for code in self.codes if code != NULL_PLACE]
        return told[0] if self.sure and len(told) == 1 else None

    @property
    def is_decided(self) -> bool:
        """Whether one character, one number or the end is all that is left."""
        return self.sure and (self.only is not None or self.is_end)


def solve(answers: Sequence[tuple[Met, bool]]) -> Solved:
    """Return what the answers, in the order given, leave of their unknown.

    An answer that leaves nothing beside those after it is set aside: whoever asks again does so because the
    first answer was wrong. It leaves a doubt where those after it had not decided by themselves.
    """
    codes, set_aside = narrow(answers)
    return Solved(codes, len(set_aside), sure=set_aside == (1,) * len(set_aside) or _is_end(codes))


def _is_end(codes: tuple[int, ...]) -> bool:
    low = all(code < _LOWEST_CHARACTER or code == NULL_PLACE for code in codes)
    return low and (0 in codes or NULL_PLACE in codes)
