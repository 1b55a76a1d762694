"""Rungs and grades: how surely a field of a record was reached (docs/semantics.md)."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Rung(StrEnum):
    """How far a value travelled along one access path."""

    REACHABLE = "L0"
    INVOLVED = "L1"
    RETURNED = "L2"
    DELIVERED = "L3"
    SEEN_OUTSIDE = "L4"


class Grade(IntEnum):
    """How surely a record was reached; a higher number is surer. Derived, never typed by hand."""

    NOT_REACHED = 0
    NOT_SHOWN = 1
    POSSIBLE = 2
    PROBABLE = 3
    CONFIRMED = 4

    @property
    def word(self) -> str:
        """The word used in files and on screens: ``not reached`` for NOT_REACHED."""
        return self.name.lower().replace("_", " ")

    @classmethod
    def of_word(cls, word: str) -> Grade:
        """Return the grade a file's word stands for."""
        return cls[word.upper().replace(" ", "_")]


def grade_of(rung: Rung, *, settled: bool, exact: bool) -> Grade:
    """Derive the grade of one field on one path.

    ``settled``: no doubt that this record was in the reply. ``exact``: an exact snapshot, a
    deterministic statement and a success, which lets *returned* stand as confirmed.
    """
    if rung in (Rung.REACHABLE, Rung.INVOLVED):
        return Grade.POSSIBLE
    if not settled:
        return Grade.PROBABLE
    if rung is Rung.RETURNED and not exact:
        return Grade.PROBABLE
    return Grade.CONFIRMED
