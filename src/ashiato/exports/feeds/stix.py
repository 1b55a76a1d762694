"""incident.stix.json: the incident as a STIX 2.1 bundle, to be handed on: counts, and never people.

The incident carries the Incident Core extension with what was reached as counts of records, both bounds;
indicators are what the intruder came with: addresses, user agents that nobody honest had, and paths that
rules fired on. Accounts, keys, queries and values of records are left out. The same run gives the same
bytes: ids follow from what they stand for, and times from the evidence. Source: STIX 2.1 (OASIS Standard,
2021-06-10) and Incident Core Extension 2.0 (read 2026-11-22).
"""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from uuid import UUID, uuid5

from ashiato.engine.api import Outcome
from ashiato.exports.facts import Facts
from ashiato.exports.feeds.stix_marks import Mark, gather_marks
from ashiato.exports.whole import write_json
from ashiato.terms.times import moment_of

INCIDENT_CORE = "extension-definition--ef765651-680c-498d-9894-99799f2fa126"
IMPACT = "extension-definition--7cc33dd6-f6a1-489b-98ea-522d351d71b9"
#: STIX's own name space, of the ids of what is observed.
_OBSERVED_IDS = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
#: Ours, for everything else.
_OUR_IDS = UUID("1e0c38ab-b8cb-59e0-b1cf-e15f0e9b5296")
_MOST_OBSERVED = 999_999_999

Thing = dict[str, object]


def write_stix(outcome: Outcome, facts: Facts, folder: Path) -> list[Path]:
    """Write ``incident.stix.json``; return its path."""
    marks = gather_marks(outcome.store, outcome.datamap)
    return [write_json(folder / "incident.stix.json", bundle_of(facts, marks))]


def bundle_of(facts: Facts, marks: list[Mark]) -> Thing:
    """Return the bundle: the incident when there are hostile events, and what the intruder came with."""
    book = _Book(facts)
    if facts.hostile_events:
        book.add_incident()
        for mark in marks:
            book.add_mark(mark)
    things = [book.things[name] for name in sorted(book.things)]
    return {"type": "bundle", "id": book.id_of("bundle", *sorted(book.things)), "objects": things}


class _Book:
    """The objects of one bundle, each once, dated by the newest evidence."""

    def __init__(self, facts: Facts) -> None:
        self.things: dict[str, Thing] = {}
        self._facts = facts
        self._dated = _stamp(facts.as_of_us)
        self._incident = ""
        self._maker = self.add("identity", "ashiato", name="Ashiato", identity_class="system")

    def id_of(self, kind: str, *parts: object) -> str:
        """Return the id that follows from what it stands for, in this case."""
        named = json.dumps([kind, self._facts.subject, self._dated, *parts])
        return f"{kind}--{uuid5(_OUR_IDS, named)}"

    def add(self, kind: str, *parts: object, **held: object) -> str:
        """Keep a domain object or a relationship and return its id."""
        name = self.id_of(kind, *parts)
        made = {"created": self._dated, "modified": self._dated}
        by = {"created_by_ref": self._maker} if kind != "identity" else {}
        self.things[name] = {"type": kind, "spec_version": "2.1", "id": name, **made, **by, **held}
        return name

    def add_incident(self) -> None:
        """Keep the incident, its impact at both bounds, and the techniques of its paths."""
        subject = self._facts.subject
        self._incident = self.add(
            "incident",
            name=f"Break-in: {subject}" if subject else "Break-in",
            description=_told(self._facts),
            extensions={INCIDENT_CORE: self._core()},
        )
        for path in self._facts.paths:
            self._add_technique(path.technique)

    def _core(self) -> Thing:
        """Return what the Incident Core extension holds."""
        reached = self._facts.reached
        counts = {"record-at-least": reached.at_least, "record-at-most": reached.at_most}
        return {
            "extension_type": "property-extension",
            "determination": "successful-attempt" if reached.at_least else "suspected",
            "investigation_status": "open",
            "detection_methods": ["automated-tool", "Ashiato"],
            "incident_types": ["unauthorized-access-information" if reached.at_least else "undetermined"],
            "impacted_entity_counts": {key: count for key, count in counts.items() if count is not None},
            "impact_refs": [
                self._add_impact("confirmed-loss", "at least", reached.at_least),
                self._add_impact("suspected-loss", "at most, those confirmed among them", reached.at_most),
            ],
        }

    def _add_impact(self, loss: str, bound: str, records: int | None) -> str:
        counted = {} if records is None else {"record_count": records}
        begun = min((path.first_us for path in self._facts.paths), default=self._facts.as_of_us)
        return self.add(
            "impact",
            loss,
            impact_category="confidentiality",
            description=f"Records of people whose data was reached, {bound}; not a count of people",
            start_time=_stamp(begun),
            extensions={
                "confidentiality-impact": {"information_type": "pii", "loss_type": loss, **counted},
                IMPACT: {"extension_type": "new-sdo"},
            },
        )

    def _add_technique(self, technique: str) -> str | None:
        if not technique:
            return None
        link = {"source_name": "mitre-attack", "external_id": technique}
        pattern = self.add("attack-pattern", technique, name=technique, external_references=[link])
        self._relate(self._incident, "related-to", pattern)
        return pattern

    def _relate(self, source: str, kind: str, target: str) -> None:
        self.add(
            "relationship", source, kind, target, relationship_type=kind, source_ref=source, target_ref=target
        )

    def add_mark(self, mark: Mark) -> None:
        """Keep what the intruder came with: what was seen of it, and how to know it again if that tells."""
        observed = self._add_observed(mark, mark.observable) if mark.observable else None
        if observed:
            self._relate(self._incident, "related-to", observed)
        if not mark.tells:
            return
        indicator = self.add(
            "indicator",
            mark.kind,
            mark.value,
            name=mark.name,
            description=f"{mark.events} hostile events; {mark.others} of others",
            indicator_types=["malicious-activity"],
            pattern=mark.pattern,
            pattern_type="stix",
            valid_from=_stamp(mark.first_us),
        )
        self._relate(indicator, "detected", self._incident)
        if observed:
            self._relate(indicator, "based-on", observed)

    def _add_observed(self, mark: Mark, kind: str) -> str:
        name = f"{kind}--{uuid5(_OBSERVED_IDS, json.dumps({'value': mark.value}, separators=(',', ':')))}"
        self.things[name] = {"type": kind, "spec_version": "2.1", "id": name, "value": mark.value}
        return self.add(
            "observed-data",
            mark.kind,
            mark.value,
            first_observed=_stamp(mark.first_us),
            last_observed=_stamp(mark.last_us),
            number_observed=min(mark.events, _MOST_OBSERVED),
            object_refs=[name],
        )


def _told(facts: Facts) -> str:
    """Return the incident in one sentence of counts."""
    most = "an unknown number" if facts.reached.at_most is None else str(facts.reached.at_most)
    return (
        f"{facts.hostile_events} hostile events on {len(facts.paths)} paths by"
        f" {len({path.intruder for path in facts.paths})} intruders; records of people reached:"
        f" at least {facts.reached.at_least}, at most {most}, as of {facts.as_of}"
    )


def _stamp(time_us: int) -> str:
    """Return a moment as STIX writes one."""
    return moment_of(time_us, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
