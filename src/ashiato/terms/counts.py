"""Typed counts: a number never stands without its unit, its bound and its time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What is counted; two units are never added."""

    PEOPLE = "people"
    RECORDS = "records"
    CUMULATIVE = "cumulative"
    ACCOUNTS = "accounts"
    LINES = "lines"
    EVENTS = "events"
    PAIRS = "pairs"


class Bound(StrEnum):
    """How the number stands to the truth."""

    EXACT = "exact"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    ABOUT = "about"


@dataclass(frozen=True)
class Count:
    """A number with its unit, its bound and the moment (ISO 8601 with offset) it is true for."""

    value: int
    unit: Unit
    bound: Bound
    as_of: str

    def as_json(self) -> dict[str, str | int]:
        """The shape of a count in ``summary.json``."""
        return {"value": self.value, "unit": self.unit, "bound": self.bound, "as_of": self.as_of}
