"""timeline.json: the break-in in phases, and how the count of records reached grew; sorted; no clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ashiato.exports.facts import Facts, PathFact
from ashiato.exports.whole import write_json
from ashiato.terms.times import iso_of

SCHEMA_VERSION = 1
_SECOND_US = 1_000_000


def write_timeline(facts: Facts, folder: Path) -> Path:
    """Write ``timeline.json``; ``docs/guides/responder.md`` says how to read it."""
    return write_json(folder / "timeline.json", timeline_of(facts))


def timeline_of(facts: Facts) -> dict[str, Any]:
    """Return the timeline as plain values: phases by their beginning, and steps of the count."""
    return {
        "schema_version": SCHEMA_VERSION,
        "as_of": facts.as_of,
        "phases": [_phase(path, facts) for path in facts.paths],
        "records_over_time": [
            {"time": iso_of(fact.time_us, facts.zone), "at_least": fact.at_least, "at_most": fact.at_most}
            for fact in facts.growth
        ],
    }


def _phase(path: PathFact, facts: Facts) -> dict[str, Any]:
    return {
        "path": path.path,
        "title": path.title,
        "intruder": path.intruder,
        "technique": path.technique,
        "first_time": iso_of(path.first_us, facts.zone),
        "last_time": iso_of(path.last_us, facts.zone),
        "dwell_s": path.dwell_us // _SECOND_US,
        "events": path.events,
        "sent_bytes": path.sent_bytes,
        "records": {"at_least": path.at_least, "at_most": path.at_most},
    }
