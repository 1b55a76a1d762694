"""Holds what the engine said of an estate against what is true of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ashiato.engine.api import Outcome, investigate_case, open_outcome
from tests.proof.base import Base, RowId
from tests.proof.estates import SILENT, Estate, write_case
from tests.proof.incidents import INTRUDER, Incident, Reached

CONFIRMED, POSSIBLE = 4, 2


@dataclass(frozen=True, order=True)
class Fault:
    """One thing the engine said that is not so: which rule, of whom, and what."""

    rule: str
    incident: str
    what: str


@dataclass
class Verdict:
    """What came of judging: counts by grade, with how many of them were true, and the faults."""

    incidents: int = 0
    records: Counter[int] = field(default_factory=Counter)
    records_true: Counter[int] = field(default_factory=Counter)
    fields: Counter[int] = field(default_factory=Counter)
    fields_true: Counter[int] = field(default_factory=Counter)
    reached: int = 0
    unseen: int = 0
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        """Take another verdict's counts into this one."""
        for name in ("records", "records_true", "fields", "fields_true"):
            getattr(self, name).update(getattr(other, name))
        self.incidents += other.incidents
        self.reached += other.reached
        self.unseen += other.unseen
        self.faults += other.faults

    def precision(self, kind: str) -> float:
        """Return the share of confirmed records or fields that are true."""
        said, right = getattr(self, kind)[CONFIRMED], getattr(self, f"{kind}_true")[CONFIRMED]
        return right / said if said else 1.0


def judge(estate: Estate) -> Verdict:
    """Investigate an estate and judge every incident of it."""
    with TemporaryDirectory() as folder:
        case = write_case(estate, Path(folder))
        investigate_case(case)
        with open_outcome(case) as outcome:
            return _judge(estate, outcome)


def _judge(estate: Estate, outcome: Outcome) -> Verdict:
    verdict = Verdict()
    _check_attribution(outcome, verdict)
    said, listed = _said(outcome), _listed(outcome)
    for incident in estate.incidents:
        verdict.add(
            _judge_one(incident, *said, is_logged=estate.setting.trouble not in ("database-gap", SILENT))
        )
        _judge_gone(incident, said[0], listed, verdict)
    return verdict


def _check_attribution(outcome: Outcome, verdict: Verdict) -> None:
    missed = outcome.store.rows(
        "SELECT count(*) FROM events AS e LEFT JOIN intrusion AS i ON i.event_id = e.event_id "
        f"WHERE e.event_kind = 'http' AND (e.src_endpoint_ip = '{INTRUDER}') <> (i.event_id IS NOT NULL)"
    )
    if missed[0][0]:
        verdict.faults.append(Fault("attribution", "", f"{missed[0][0]} requests"))


_Records = dict[tuple[str, ...], int]
_Fields = dict[tuple[str, ...], tuple[int, str]]


def _said(outcome: Outcome) -> tuple[_Records, _Fields]:
    records: _Records = {
        (table, key): grade
        for table, key, grade in outcome.store.rows("SELECT table_name, record_key, grade FROM people")
    }
    fields: _Fields = {
        (table, key, name): (grade, f"{rung} {reasons}".strip())
        for table, key, name, grade, rung, reasons in outcome.store.rows(
            "SELECT table_name, record_key, field, grade, rung, reasons FROM exposures ORDER BY grade"
        )
    }
    return records, fields


def _listed(outcome: Outcome) -> set[tuple[str, ...]]:
    """Return the people, by table and key, who are listed as in no snapshot."""
    told = outcome.store.rows("SELECT params FROM limits WHERE reason = 'not-in-master'")
    return {tuple(params.removeprefix("record=").split(" ", 1)) for (params,) in told}


def _judge_gone(
    incident: Incident, records: _Records, listed: set[tuple[str, ...]], verdict: Verdict
) -> None:
    """Look for people who were no more, and whom a row of a snapshot that was read names, and nobody says."""
    said = _under_first_keys(records, incident.base)
    told = {incident.base.record_of(*one) for one in listed if len(one) > 1}
    stored = {
        (table, row.number)
        for taken in incident.taken.values()
        for table, rows in taken.items()
        for row in rows
    }
    for record, rows in sorted(incident.truth.gone.items()):
        if rows & stored and said.get(record, 0) < POSSIBLE and record not in told:
            verdict.faults.append(Fault("lost-gone", incident.suffix, " ".join(record)))


def _judge_one(incident: Incident, records: _Records, fields: _Fields, *, is_logged: bool) -> Verdict:
    verdict = Verdict(incidents=1)
    records, fields = _under_first_keys(records, incident.base), _under_first_keys(fields, incident.base)
    known = {record for record in records if record[0] in incident.base.designs}
    stored = {
        (table, row.number)
        for taken in incident.taken.values()
        for table, rows in taken.items()
        for row in rows
    }
    told = stored if not is_logged else stored.union(*_by_record(incident.truth.carried).values())
    _judge_lost(incident, records, fields, (stored, told), verdict)
    _judge_said(incident, known, records, fields, verdict)
    return verdict


def _under_first_keys(said: dict[tuple[str, ...], Any], base: Base) -> dict[tuple[str, ...], Any]:
    """Return the grades by records' first keys: of one whose key was written, the highest of its names."""
    named = [((*base.record_of(told[0], told[1]), *told[2:]), grade) for told, grade in said.items()]
    return dict(sorted(named, key=lambda one: one[1]))


def _judge_lost(
    incident: Incident,
    records: _Records,
    fields: _Fields,
    rows_held: tuple[set[RowId], set[RowId]],
    verdict: Verdict,
) -> None:
    """Look for what was reached and is not said, as far as some snapshot holds the rows of it, or the log."""
    truth, at, (stored, held) = incident.truth, incident.suffix, rows_held
    reached = _by_record(truth.carried)
    for record, involved in sorted(_by_record(truth.carried, truth.involved).items()):
        verdict.reached += record in reached
        verdict.unseen += not reached.get(record, involved) & stored or record not in records
        if record in records and reached.get(record, involved) & held and records[record] < POSSIBLE:
            rule = "lost-record" if record in reached else "lost-involved"
            verdict.faults.append(Fault(rule, at, " ".join(record)))
    for told, rows in sorted(truth.carried.items()):
        if rows & held and records.get(told[:2], 0) >= POSSIBLE and told not in fields:
            verdict.faults.append(Fault("lost-field", at, " ".join(told)))


def _judge_said(
    incident: Incident, known: set[tuple[str, ...]], records: _Records, fields: _Fields, verdict: Verdict
) -> None:
    """Look for what is said to be confirmed and was not reached, and count all grades."""
    truth, at = incident.truth, incident.suffix
    carried = _by_record(truth.carried)
    for record in sorted(known):
        verdict.records[records[record]] += 1
        verdict.records_true[records[record]] += record in carried
        if records[record] == CONFIRMED and record not in carried:
            verdict.faults.append(Fault("false-record", at, " ".join(record)))
    for told, (grade, why) in sorted(fields.items()):
        if told[:2] in known:
            true = told in truth.carried
            verdict.fields[grade] += 1
            verdict.fields_true[grade] += true
            if grade == CONFIRMED and not true:
                verdict.faults.append(Fault("false-field", at, " ".join((*told, why))))


def _by_record(*reached: Reached) -> dict[tuple[str, ...], set[RowId]]:
    found: dict[tuple[str, ...], set[RowId]] = {}
    for held in reached:
        for told, rows in held.items():
            found.setdefault(told[:2], set()).update(rows)
    return found
