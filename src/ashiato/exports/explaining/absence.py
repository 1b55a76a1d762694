"""Why a record without a trace is *not reached*, or what is missing to say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from ashiato.engine.api import Store
from ashiato.exports.absence_facts import AbsenceFact, WayFact, gather_absences, gather_ways
from ashiato.exports.words import Words
from ashiato.terms.times import iso_of


@dataclass(frozen=True)
class AbsenceNote:
    """What a run says of a record's absence.

    ``touched``: a statement that was understood reaches it, whoever ran that.
    """

    fact: AbsenceFact
    ways: tuple[WayFact, ...]
    touched: bool

    @property
    def proven(self) -> bool:
        """Whether the record is proven not reached."""
        return self.fact.proves and not self.touched


def gather_absence(store: Store, system: str, table: str, key: str) -> AbsenceNote | None:
    """Return what is known of a record's absence; None for one that no people table holds."""
    facts = [fact for fact in gather_absences(store) if (fact.system, fact.table) == (system, table)]
    touched = store.rows(
        "SELECT 1 FROM touched WHERE system = ? AND table_name = ? AND record_key = ?", [system, table, key]
    )
    ways = tuple(way for way in gather_ways(store) if way.system == system)
    return AbsenceNote(facts[0], ways, bool(touched)) if facts else None


def tell_absence(note: AbsenceNote, words: Words, zone: tzinfo) -> Iterator[str]:
    """Yield the proof, or each missing piece, as lines."""
    fact = note.fact
    if not fact.proves:
        yield words.say("explain.absence_missing")
        for gap in fact.gaps:
            yield f"  {gap}{words.say('explain.colon', text=words.reason('proof_gaps', gap))}"
        return
    if note.touched:
        yield "  " + words.say("explain.absence_touched")
        return
    yield words.say("explain.absence_proof")
    first, last = (iso_of(us or 0, zone) for us in (fact.first_us, fact.last_us))
    yield "  " + words.say(
        "explain.absence_window", first=first, last=last, table=fact.name, source=fact.source
    )
    for way in note.ways:
        kind = words.code("way_kinds", way.kind)
        yield "    " + words.say("explain.absence_way", kind=kind, way=way.way)
    yield "  " + words.say("explain.absence_statements", number=words.number(fact.events))
    yield "  " + words.say("explain.absence_would_show")


def absence_as_json(note: AbsenceNote | None, zone: tzinfo) -> dict[str, Any] | None:
    """Return the same for machines."""
    if note is None:
        return None
    fact = note.fact
    return {
        "proven": note.proven,
        "first_time": None if fact.first_us is None else iso_of(fact.first_us, zone),
        "last_time": None if fact.last_us is None else iso_of(fact.last_us, zone),
        "sources": fact.source,
        "statements": fact.events,
        "ways": [{"kind": way.kind, "way": way.way, "proves": way.proves} for way in note.ways],
        "touched": note.touched,
        "missing": list(fact.gaps),
    }
