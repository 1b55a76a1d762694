"""The diary of a case: dated entries, each saying what became known, to whom; and the facts of a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from ashiato.law.values import FactValue, Moment
from ashiato.terms.errors import Place


class Party(StrEnum):
    """Whose knowledge an entry is; only ``own`` starts a clock of ours."""

    OWN = "own"
    CONTRACTOR = "contractor"
    CLIENT = "client"
    OTHER = "other"


@dataclass(frozen=True)
class Entry:
    """One entry: when it became known (None: not known when), to whom, and which facts it sets.

    A value of None takes a fact back: it is not known any more. ``where``: its line in the diary.
    """

    known: Moment | None
    by: str
    party: Party
    says: str
    source: str
    sets: Mapping[str, FactValue | None]
    where: Place


@dataclass(frozen=True)
class Fact:
    """A fact as it stands at a moment, and the entry that set it."""

    name: str
    value: FactValue
    entry: Entry


Standing = Mapping[str, Fact]


@dataclass(frozen=True)
class Diary:
    """All entries in the order of knowing: those of unknown date first, then by time, then as written.

    ``text``: the file as it was read, without a mark of byte order; ``sha256`` of it.
    """

    name: str
    zone: ZoneInfo
    entries: tuple[Entry, ...]
    file: str
    text: str
    sha256: str

    def own_until(self, as_of: datetime | None) -> tuple[Entry, ...]:
        """Return our own entries known by ``as_of`` (None: those whose date is not known alone)."""
        return tuple(
            entry
            for entry in self.entries
            if entry.party is Party.OWN
            and (entry.known is None or (as_of is not None and entry.known.at <= as_of))
        )

    def standing(self, as_of: datetime | None) -> dict[str, Fact]:
        """Return the facts as we know them at ``as_of``; a later entry replaces an earlier one's fact."""
        facts: dict[str, Fact] = {}
        for entry in self.own_until(as_of):
            for name, value in entry.sets.items():
                facts.pop(name, None)
                if value is not None:
                    facts[name] = Fact(name, value, entry)
        return facts

    def steps(self, as_of: datetime) -> tuple[Moment | None, ...]:
        """Return each moment at which we came to know something, in order, each once."""
        return tuple(dict.fromkeys(entry.known for entry in self.own_until(as_of)))


def values_of(standing: Standing) -> dict[str, FactValue]:
    """Return the bare values of facts, as conditions ask for them."""
    return {name: fact.value for name, fact in standing.items()}
