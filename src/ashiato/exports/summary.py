"""summary.json: the answer for machines. Every number is a typed count; sorted; no clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ashiato.exports.absence_facts import AbsenceFact, ReachFact, WayFact
from ashiato.exports.excluded_facts import ExcludedFact
from ashiato.exports.facts import Bounds, Facts, FileFact, HoleFact, LimitFact, PathFact
from ashiato.exports.people_facts import PeopleBounds
from ashiato.exports.told_facts import UnknownFact
from ashiato.exports.whole import write_json
from ashiato.terms.counts import Bound, Count, Unit
from ashiato.terms.times import iso_of

SCHEMA_VERSION = 1


def write_summary(facts: Facts, folder: Path) -> Path:
    """Write ``summary.json``; ``docs/reference/summary.md`` says what stands in it."""
    return write_json(folder / "summary.json", summary_of(facts))


def summary_of(facts: Facts) -> dict[str, Any]:
    """Return the summary as plain values ready for JSON."""
    return {
        "schema_version": SCHEMA_VERSION,
        "subject": facts.subject,
        "as_of": facts.as_of,
        "data_map": facts.mapped,
        "records": _records(facts),
        "people": _people(facts),
        "to_tell": _to_tell(facts),
        "unknown_values": [_unknown(fact, facts) for fact in facts.told.unknown] if facts.told else [],
        "paths": [_path(path, facts) for path in facts.paths],
        "hostile_events": _exact(facts.hostile_events, Unit.EVENTS, facts),
        "fields": [
            {"field": fact.field, "category": fact.category, "tags": list(fact.tags)}
            | _typed(fact.bounds, facts)
            for fact in facts.fields
        ],
        "lines": _lines(facts),
        "holes": [_hole(hole, facts) for hole in facts.holes],
        "limits": [_limit(limit, facts) for limit in facts.limits],
        "excluded": [_excluded(fact, facts) for fact in facts.excluded],
        "absences": [_absence(absence, facts) for absence in facts.absences],
        "coverage": [_way(way, facts) for way in facts.ways],
        "reachable": [_reach(reach, facts) for reach in facts.reach],
    }


def _records(facts: Facts) -> dict[str, Any]:
    return {
        "all": _exact(facts.total, Unit.RECORDS, facts),
        "reached": _typed(facts.reached, facts),
        "not_in_master": _typed(facts.outside, facts),
        "by_grade": {
            grade.word: _exact(number, Unit.RECORDS, facts) for grade, number in facts.by_grade.items()
        },
        "by_persona": {name: _typed(bounds, facts) for name, bounds in facts.personas.items()},
        "by_field": {fact.field: _typed(fact.bounds, facts) for fact in facts.fields},
        "by_path": {path.path: _typed(path.bounds, facts) for path in facts.paths},
    }


def _people(facts: Facts) -> dict[str, Any] | None:
    people = facts.people
    if people is None:
        return None
    return {
        "all": _people_typed(people.all, facts),
        "reached": _people_typed(people.reached, facts),
        "by_persona": {name: _people_typed(bounds, facts) for name, bounds in people.personas.items()},
        "pairs_to_decide": _exact(people.open_reviews, Unit.PAIRS, facts),
        "pairs_decided": _exact(people.decided_reviews, Unit.PAIRS, facts),
    }


def _to_tell(facts: Facts) -> dict[str, Any] | None:
    told = facts.told
    if told is None:
        return None
    groups = {
        "by_grade": told.grades,
        "by_state": told.states,
        "by_sensitivity": {str(level): bounds for level, bounds in told.levels.items()},
        "by_harm": told.harms,
        "by_channel": told.channels,
        "by_contact_reason": told.reasons,
    }
    single = {
        "identifiable": told.identifiable,
        "reachable": told.reachable,
        "unreachable": told.unreachable,
        "to_guardians": told.to_others,
    }
    counted: dict[str, Any] = {name: _people_typed(bounds, facts) for name, bounds in single.items()}
    for name, group in groups.items():
        counted[name] = {code: _people_typed(bounds, facts) for code, bounds in group.items()}
    most = Count(told.outside, Unit.PEOPLE, Bound.AT_MOST, facts.as_of)
    return counted | {"not_in_master": most.as_json()}


def _unknown(fact: UnknownFact, facts: Facts) -> dict[str, Any]:
    return {
        "system": fact.system,
        "table": fact.table,
        "column": fact.column,
        "asked_for": fact.asked_for,
        "value": fact.value,
        "records": _exact(fact.records, Unit.RECORDS, facts),
    }


def _people_typed(bounds: PeopleBounds, facts: Facts) -> dict[str, Any]:
    return {name: count.as_json() for name, count in bounds.counts(facts.as_of).items()}


def _path(path: PathFact, facts: Facts) -> dict[str, Any]:
    return {
        "path": path.path,
        "title": path.title,
        "intruder": path.intruder,
        "technique": path.technique,
        "first_time": iso_of(path.first_us, facts.zone),
        "last_time": iso_of(path.last_us, facts.zone),
        "events": _exact(path.events, Unit.EVENTS, facts),
        "records": _typed(path.bounds, facts),
    }


def _lines(facts: Facts) -> dict[str, Any]:
    return {
        "read": _exact(sum(file.read for file in facts.files), Unit.LINES, facts),
        "not_read": _exact(sum(file.unread for file in facts.files), Unit.LINES, facts),
        "not_read_by_reason": {
            reason: _exact(lines, Unit.LINES, facts) for reason, lines in facts.unread.items()
        },
        "by_file": [_file(file, facts) for file in facts.files],
    }


def _file(file: FileFact, facts: Facts) -> dict[str, Any]:
    return {
        "file": file.file,
        "format": file.format,
        "all": _exact(file.lines, Unit.LINES, facts),
        "read": _exact(file.read, Unit.LINES, facts),
        "not_read": _exact(file.unread, Unit.LINES, facts),
    }


def _hole(hole: HoleFact, facts: Facts) -> dict[str, Any]:
    return {
        "source": hole.source,
        "first_time": None if hole.first_us is None else iso_of(hole.first_us, facts.zone),
        "last_time": None if hole.last_us is None else iso_of(hole.last_us, facts.zone),
        "reason": hole.reason,
        "params": hole.params,
    }


def _limit(limit: LimitFact, facts: Facts) -> dict[str, Any]:
    return {
        "path": limit.path,
        "reason": limit.reason,
        "params": limit.params,
        "remedy": limit.remedy,
        "events": _exact(limit.events, Unit.EVENTS, facts),
        "records": Count(limit.records, Unit.RECORDS, Bound.AT_MOST, facts.as_of).as_json(),
    }


def _excluded(fact: ExcludedFact, facts: Facts) -> dict[str, Any]:
    return {
        "analyst": fact.analyst,
        "because": fact.because,
        "events": _exact(fact.events, Unit.EVENTS, facts),
        "records": _typed(Bounds(fact.at_least, fact.at_most), facts),
        "by_these_only": Count(fact.only, Unit.RECORDS, Bound.AT_MOST, facts.as_of).as_json(),
    }


def _absence(absence: AbsenceFact, facts: Facts) -> dict[str, Any]:
    return {
        "system": absence.system,
        "table": absence.table,
        "first_time": _moment(absence.first_us, facts),
        "last_time": _moment(absence.last_us, facts),
        "proven": absence.proves,
        "sources": absence.source,
        "statements": _exact(absence.events, Unit.EVENTS, facts),
        "not_reached": _exact(absence.not_reached, Unit.RECORDS, facts),
        "missing": list(absence.gaps),
    }


def _way(way: WayFact, facts: Facts) -> dict[str, Any]:
    return {
        "system": way.system,
        "kind": way.kind,
        "way": way.way,
        "source": way.source,
        "first_time": _moment(way.first_us, facts),
        "last_time": _moment(way.last_us, facts),
        "proves": way.proves,
        "missing": list(way.gaps),
    }


def _reach(reach: ReachFact, facts: Facts) -> dict[str, Any]:
    most = reach.at_most
    records = None if most is None else Count(most, Unit.RECORDS, Bound.AT_MOST, facts.as_of).as_json()
    return {
        "path": reach.path,
        "system": reach.system,
        "kind": reach.kind,
        "way": reach.way,
        "people_table": reach.person_table,
        "tables": reach.tables,
        "grounds": reach.grounds,
        "records": records,
    }


def _moment(time_us: int | None, facts: Facts) -> str | None:
    return None if time_us is None else iso_of(time_us, facts.zone)


def _exact(value: int, unit: Unit, facts: Facts) -> dict[str, str | int]:
    return Count(value, unit, Bound.EXACT, facts.as_of).as_json()


def _typed(bounds: Bounds, facts: Facts) -> dict[str, Any]:
    return {name: count and count.as_json() for name, count in bounds.counts(facts.as_of).items()}
