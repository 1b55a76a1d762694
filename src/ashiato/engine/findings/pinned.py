"""Takes in what an analyst decided: lines that are the intruder's are findings, and all are noted."""

from __future__ import annotations

from dataclasses import astuple, fields

import pyarrow as pa

from ashiato.engine.findings.wording import plain
from ashiato.engine.pins import HOSTILE, Pin, read_pins
from ashiato.engine.store import Station
from ashiato.engine.tables import PINS
from ashiato.engine.workspace import Workspace

_WHY = f"'pinned(by=' || {plain('analyst')} || ',because=' || {plain('because')} || ')'"
#: One row per event that a pinned line tells of; the newest word on it counts.
_PINS = Station(
    "pins",
    f"""
    SELECT event_id, verdict, analyst, because, {_WHY} AS why FROM (
        SELECT w.event_id, p.verdict, p.analyst, p.because,
               ROW_NUMBER() OVER (PARTITION BY w.event_id ORDER BY p.number DESC) AS nth
        FROM finding_pinned_lines AS p
        JOIN evidence AS e ON e.label = p.file
        JOIN witnesses AS w ON w.evidence_id = e.evidence_id
         AND w.line_first <= p.line_last AND w.line_last >= p.line_first
    ) AS told WHERE nth = 1
    """,
    PINS,
)

#: One row per event that the analyst holds to be the intruder's, with the visit it is in.
_HOSTILE = Station(
    "finding_pins",
    f"""
    SELECT p.event_id, COALESCE(v.visit, 'p:' || CAST(p.event_id AS VARCHAR)) AS visit, p.analyst,
           p.analyst || '|' || p.because || '|' || COALESCE(v.visit, 'p') AS key, p.why
    FROM pins AS p LEFT JOIN visits AS v ON v.event_id = p.event_id
    WHERE p.verdict = '{HOSTILE}'
    """,
)
_FOUND = Station(
    "found_pins",
    """
    SELECT 'pinned-by-analyst' AS rule, 'analyst' AS rule_kind, '' AS technique, key, 'critical' AS level,
           1.0 AS certainty, 'analyst' AS actor_kind, MIN(analyst) AS actor,
           COUNT(DISTINCT event_id) AS observed, 0 AS expected, MIN(why) AS why
    FROM finding_pins GROUP BY key
    """,
)
_EVENTS = Station("found_pins_events", "SELECT DISTINCT key, event_id FROM finding_pins")

STATIONS = (_HOSTILE, _FOUND, _EVENTS)


def note_pins(workspace: Workspace) -> None:
    """Write ``pins``, the events that pinned lines tell of; CaseError when the case's pins are unreadable."""
    pins = read_pins(workspace.case_folder)
    if not pins:
        workspace.store.write(PINS, [])
        return
    names = [field.name for field in fields(Pin)]
    columns = dict(zip(names, zip(*map(astuple, pins), strict=True), strict=True))
    lines = pa.table({name: pa.array(values) for name, values in columns.items()})
    numbered = lines.append_column("number", pa.array(range(len(pins)), pa.int64()))
    workspace.store.write_as("finding_pinned_lines", numbered)
    workspace.store.run(_PINS)
