"""An assessment as plain values: codes, ids and days, no words; the form that is kept and replayed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ashiato.law.assessment import Assessment, Duty
from ashiato.law.changes import Changes
from ashiato.law.diary import Entry, Fact
from ashiato.law.model import Reading, Rule
from ashiato.law.values import FactValue, Moment, Number

FORMAT = 1


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return JSON with sorted keys and one final line break: the same value gives the same bytes."""
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"


def assessment_as_plain(assessment: Assessment) -> dict[str, Any]:
    """Return everything an assessment says, in the order of the rules."""
    return {
        "format": FORMAT,
        "as_of": assessment.as_of.isoformat(),
        "diary": {"name": assessment.diary.name, "sha256": assessment.diary.sha256},
        "rules": {code: place.sha256 for code, place in sorted(assessment.rulebook.places.items())},
        "facts": {name: fact_as_plain(fact) for name, fact in sorted(assessment.facts.items())},
        "duties": [duty_as_plain(duty) for duty in assessment.duties],
        "places_open": [place.code for place in assessment.places_open],
        "places_without_rules": list(assessment.places_without_rules),
        "contradictions": [
            {"code": found.code, "facts": [fact.name for fact in found.facts]}
            for found in assessment.contradictions
        ],
        "known_elsewhere": [entry_as_plain(entry) for entry in assessment.known_elsewhere],
    }


def duty_as_plain(duty: Duty) -> dict[str, Any]:
    """Return one duty: what it is, why, from when to when, to whom, and what is missing."""
    rule = duty.rule
    return {
        **_rule(rule),
        "answer": duty.answer,
        "reliance": duty.reliance,
        "because": [fact.name for fact in duty.because],
        "missing": list(duty.missing),
        "exempted_by": duty.exempted_by.code if duty.exempted_by else None,
        "exempt_if": {found.exemption.code: list(found.missing) for found in duty.exempt_if},
        "since": str(duty.since) if duty.since else None,
        "readings": [reading_as_plain(reading) for reading in duty.readings],
        "start_missing": duty.start_missing,
        "recipients": [recipient.code for recipient in duty.recipients],
        "recipients_missing": list(duty.recipients_missing),
        "content": [item.number for item in rule.content],
        "substitute_open": duty.substitute_open,
        "remarks": [remark.code for remark in duty.remarks],
        "done": str(duty.done) if duty.done else None,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "version": rule.version,
        "place": rule.place,
        "kind": rule.kind,
        "basis": list(rule.basis),
        "source": {
            "title": rule.source.title,
            "section": rule.source.section,
            "grade": rule.source.grade,
            "checked_on": rule.source.checked_on.isoformat(),
        },
    }


def reading_as_plain(reading: Reading) -> dict[str, Any]:
    """Return one reading of a clock; ``due_at`` only where the clock runs in hours."""
    return {
        "start": reading.start.isoformat(),
        "due_from": reading.due_from.isoformat() if reading.due_from else None,
        "due": reading.due.isoformat() if reading.due else None,
        "due_at": reading.due_at.isoformat() if reading.due_at else None,
        "why": list(reading.why),
    }


def fact_as_plain(fact: Fact) -> dict[str, Any]:
    """Return a fact with its value and where it comes from."""
    return {"value": value_as_plain(fact.value, fact.entry), **entry_as_plain(fact.entry)}


def entry_as_plain(entry: Entry) -> dict[str, Any]:
    """Return when an entry became known, to whom, and its line in the diary."""
    return {
        "known": str(entry.known) if entry.known else None,
        "by": entry.by,
        "party": entry.party,
        "line": entry.where.line,
    }


def value_as_plain(value: FactValue, entry: Entry) -> Any:  # noqa: ANN401 - anything JSON can hold
    """Return a value; a number as its typed counts, as of when they became known."""
    if isinstance(value, Number):
        as_of = str(entry.known) if entry.known else ""
        counts = [count.as_json() for count in value.counts(as_of)]
        return {"counts": counts, "run": value.run}
    return str(value) if isinstance(value, Moment) else value


def changes_as_plain(changes: Changes) -> dict[str, Any]:
    """Return what moved: facts before and after, and the moves of each duty with the facts behind them."""
    return {
        "facts": [
            {
                "fact": change.name,
                "before": fact_as_plain(change.before) if change.before else None,
                "after": fact_as_plain(change.after) if change.after else None,
            }
            for change in changes.facts
        ],
        "duties": [
            {
                "rule": change.rule.id,
                "moves": list(change.moves),
                "facts": [fact.name for fact in change.facts],
                "before": duty_as_plain(change.before) if change.before else None,
                "after": duty_as_plain(change.after) if change.after else None,
            }
            for change in changes.duties
        ],
    }
