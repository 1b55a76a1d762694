"""People behind the records: how many at least and at most, and what a human has still to decide.

At least: every pair in review is one human. At most: none is. A person reached by one record is reached.
"""

from __future__ import annotations

from dataclasses import dataclass

from ashiato.engine.api import Store
from ashiato.exports.sheets.paths import OUTSIDE
from ashiato.terms.counts import Bound, Count, Unit
from ashiato.terms.grades import Grade


@dataclass(frozen=True)
class PeopleBounds:
    """How many people, not records: at least and at most."""

    at_least: int
    at_most: int

    def counts(self, as_of: str) -> dict[str, Count]:
        """The two bounds as typed counts."""
        return {
            "at_least": Count(self.at_least, Unit.PEOPLE, Bound.AT_LEAST, as_of),
            "at_most": Count(self.at_most, Unit.PEOPLE, Bound.AT_MOST, as_of),
        }


@dataclass(frozen=True)
class PairingFact:
    """One way in which records were paired, and how much of it was too much to compare."""

    way: str
    pairs: int
    large_blocks: int
    large_records: int


@dataclass(frozen=True)
class PeopleFact:
    """People behind the records of people tables; sets that overlap (personas) are never added."""

    all: PeopleBounds
    reached: PeopleBounds
    personas: dict[str, PeopleBounds]
    open_reviews: int
    decided_reviews: int
    ways: tuple[PairingFact, ...]


_ALL = "count(DISTINCT widest_person_id), count(DISTINCT person_id)"
_REACHED = (
    f"count(DISTINCT widest_person_id) FILTER (WHERE grade = {int(Grade.CONFIRMED)}), "
    f"count(DISTINCT person_id) FILTER (WHERE grade >= {int(Grade.POSSIBLE)})"
)
_REVIEWS = "SELECT count(*) FILTER (WHERE decision IS NULL), count(decision) FROM match_reviews"
_WAYS = "SELECT way, pairs, large_blocks, large_records FROM match_ways ORDER BY way"


def count_reached(store: Store, records: str) -> PeopleBounds | None:
    """Return how many people stand behind the reached of some records (``FROM people ..``), if matched."""
    if "widest_person_id" not in store.columns("people"):
        return None
    ((least, most, missing),) = store.rows(
        f"SELECT {_REACHED}, count(*) FILTER (WHERE widest_person_id IS NULL) {records}"
    )
    return None if missing else PeopleBounds(least, most)


def gather_people(store: Store) -> PeopleFact | None:
    """Count people; None where no records were matched: no people table, or an older program's run."""
    if "widest_person_id" not in store.columns("people"):
        return None
    people = f"FROM people WHERE NOT {OUTSIDE}"
    ((least, most, sure, perhaps, missing, records),) = store.rows(
        f"SELECT {_ALL}, {_REACHED}, count(*) FILTER (WHERE widest_person_id IS NULL), count(*) {people}"
    )
    if missing or not records:
        return None
    by_persona = store.rows(f"SELECT coalesce(persona, ''), {_REACHED} {people} GROUP BY ALL ORDER BY ALL")
    ((undecided, decided),) = store.rows(_REVIEWS)
    return PeopleFact(
        all=PeopleBounds(least, most),
        reached=PeopleBounds(sure, perhaps),
        personas={name: PeopleBounds(*bounds) for name, *bounds in by_persona},
        open_reviews=undecided,
        decided_reviews=decided,
        ways=tuple(PairingFact(*row) for row in store.rows(_WAYS)),
    )
