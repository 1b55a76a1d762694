"""events.ocsf.jsonl: every event in the words of OCSF 1.8, one JSON object per line.

Which class an event is of, by its kind: requests are HTTP Activity, statements and connections of a database
and reads of stored objects are Datastore Activity, sign-ins are Authentication, calls of a cloud are API
Activity; the rest is Base Event. What the class has no attribute for stands in ``unmapped`` under the name
of the ``events`` table, so that nothing is lost. Source: https://schema.ocsf.io/1.8.0 (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path

from ashiato import __version__
from ashiato.engine.api import Outcome
from ashiato.exports.feeds.json_lines import write_lines
from ashiato.exports.feeds.ocsf_classes import class_of
from ashiato.exports.feeds.ocsf_objects import Said
from ashiato.exports.feeds.told_events import told_events
from ashiato.terms.times import iso_of

OCSF_VERSION = "1.8.0"
#: The class's category, from the hundreds of its number: 4002 is in category 4.
_CLASSES_EACH = 1000
_ACTIVITIES_EACH = 100
_INFORMATIONAL, _HIGH = 1, 4
_CONFIDENT = ((0.9, 3), (0.5, 2), (0.0, 1))


def write_ocsf(outcome: Outcome, folder: Path) -> list[Path]:
    """Write ``events.ocsf.jsonl``; return its path."""
    return [write_lines(folder / "events.ocsf.jsonl", ocsf_events(outcome))]


def ocsf_events(outcome: Outcome) -> Iterator[dict[str, object]]:
    """Yield every event of a run as an OCSF event, in the order of their numbers."""
    for event in told_events(outcome.store):
        yield ocsf_of(event, outcome.zone)


def ocsf_of(event: dict[str, object], zone: tzinfo) -> dict[str, object]:
    """Return one told event as an OCSF event."""
    said = Said(event)
    class_uid, activity, told = class_of(said)
    return {
        "activity_id": activity,
        "category_uid": class_uid // _CLASSES_EACH,
        "class_uid": class_uid,
        "type_uid": class_uid * _ACTIVITIES_EACH + activity,
        "metadata": _metadata(said),
        **_times(said, zone),
        **_judged(said),
        **told,
        **_rest(said),
    }


def _metadata(said: Said) -> dict[str, object]:
    profiles = ["datetime", "host", "security_control"]
    product = {"name": "Ashiato", "vendor_name": "Ashiato", "version": __version__}
    return {
        "version": OCSF_VERSION,
        "product": product,
        "profiles": profiles,
        **said.take(
            uid="event_id",
            log_name="source",
            log_format="source_format",
            original_event_uid="places",
            correlation_uid="trace_uid",
        ),
    }


def _times(said: Said, zone: tzinfo) -> dict[str, object]:
    start, end = said.whole("start_us"), said.whole("end_us")
    if start is None:
        return {"time": 0}
    told = {"time": start // 1000, "time_dt": iso_of(start, zone)}
    if end is None or end == start:
        return told
    return told | {
        "start_time": start // 1000,
        "start_time_dt": iso_of(start, zone),
        "end_time": end // 1000,
        "end_time_dt": iso_of(end, zone),
    }


def _judged(said: Said) -> dict[str, object]:
    """Say how grave it is, and whether it is the intruder's: by its findings, and the intrusion."""
    level = said.whole("level") or _INFORMATIONAL
    confidence = said.pop("intrusion_confidence")
    if confidence is None:
        return {"severity_id": level, "is_alert": False}
    share = float(confidence)
    judged: dict[str, object] = {
        "severity_id": max(level, _HIGH),
        "is_alert": True,
        "confidence_score": round(100 * share),
        "confidence_id": next(grade for least, grade in _CONFIDENT if share >= least),
    }
    technique = said.pop("technique")
    if technique:
        judged["attacks"] = [{"technique": {"uid": technique}}]
    return judged


def _rest(said: Said) -> dict[str, object]:
    """Return what is said beside, as the table names it."""
    held = said.rest()
    return {"unmapped": held} if held else {}
