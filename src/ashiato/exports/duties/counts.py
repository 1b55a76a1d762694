"""The counts of a run as an entry of the diary: typed, with their run, to be frozen when they are known."""

from __future__ import annotations

from ashiato.engine.api import Outcome, Store
from ashiato.exports.facts import RECORD_BOUNDS, Bounds
from ashiato.exports.people_facts import count_reached
from ashiato.exports.sheets.paths import OUTSIDE
from ashiato.law.api import FactValue, Moment, Number, render_entry
from ashiato.terms.counts import Unit

_KNOWN = f"people WHERE NOT {OUTSIDE}"
_FOUND_OUTSIDE = f"SELECT {RECORD_BOUNDS} FROM people WHERE {OUTSIDE}"


def counts_of(store: Store, run: str, among: str, others: int) -> dict[str, FactValue]:
    """Return how many records, and where they were matched how many people, were reached: at least, at most.

    ``among``: which rows of ``people``. ``others``: reached records that may belong to them and are not among
    them; each may be one more person, so the largest possible number takes them all. Without any row there
    is nothing to count, and no number is known.
    """
    ((total,),) = store.rows(f"SELECT count(*) FROM {among}")
    if not total:
        return {}
    least, most = store.rows(f"SELECT {RECORD_BOUNDS} FROM {among}")[0]
    told: dict[str, FactValue] = {"records": Number(Unit.RECORDS, least, most + others, run=run)}
    people = count_reached(store, f"FROM {among}")
    if people is not None:
        told["people"] = Number(Unit.PEOPLE, people.at_least, people.at_most + others, run=run)
    return told


def render_counts(outcome: Outcome, known: Moment) -> str:
    """Return the entry that sets a run's counts, as known at a moment; empty when nothing can be counted."""
    run, store = str(outcome.run.number), outcome.store
    found_outside = Bounds(*store.rows(_FOUND_OUTSIDE)[0])
    counts = counts_of(store, run, _KNOWN, found_outside.at_most or 0)
    if not counts:
        return ""
    return "\n".join(render_entry(known, counts, source=f"run {run}")) + "\n"
