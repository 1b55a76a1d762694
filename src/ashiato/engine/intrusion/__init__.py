"""Says which events are the intruder's, by which way in, how surely and why.

Reads ``events``, ``causes``, ``findings``, ``finding_events``, ``visits`` and ``pins``; writes ``intrusion``
(one row per hostile event), ``paths`` (one row per way in) and ``excluded`` (events that an analyst's word
took out). Visits with strong findings are the seeds; visits that belong to them by account, address, user
agent and time follow; all requests and sign-ins of a hostile visit and the statements they caused are
hostile. Sessions that nothing speaks against stay out, whatever address they share.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from ashiato.engine.intrusion import hostile_events, pins, visits
from ashiato.engine.intrusion.paths import Path, title_of, why_of, write_paths
from ashiato.engine.store import Store
from ashiato.engine.tables import (
    CAUSES,
    EVENTS,
    EXCLUDED,
    FINDING_EVENTS,
    FINDINGS,
    INTRUSION,
    PATHS,
    PINS,
    VISITS,
    Table,
)
from ashiato.engine.workspace import Workspace

__all__ = ["READS", "WRITES", "build"]

READS: tuple[Table, ...] = (EVENTS, CAUSES, FINDINGS, FINDING_EVENTS, VISITS, PINS)
WRITES: tuple[Table, ...] = (INTRUSION, PATHS, EXCLUDED)


def build(workspace: Workspace) -> None:
    """Write the hostile events, the paths they belong to, and what an analyst's word left out of them."""
    store = workspace.store
    if pins.note_honest(store):
        store.write_as(pins.HONEST_EVENTS, pins.NOBODY)
        _decide(workspace)
        pins.keep_as_before(store)
        pins.note_honest(store)
    _decide(workspace)
    pins.write_excluded(store)


def _decide(workspace: Workspace) -> None:
    store = workspace.store
    stations = (*visits.STATIONS, *hostile_events.STATIONS)
    for done, station in enumerate(visits.STATIONS, 1):
        store.run(station)
        workspace.tell("intrusion", done, len(stations))
    paths = write_paths(store)
    for done, station in enumerate(hostile_events.STATIONS, len(visits.STATIONS) + 1):
        store.run(station)
        workspace.tell("intrusion", done, len(stations))
    _write_table(store, paths)


def _write_table(store: Store, paths: list[Path]) -> None:
    spans = {
        path: (first, last, events)
        for path, first, last, events in store.rows(
            "SELECT i.path, MIN(e.start_us), MAX(e.end_us), COUNT(*) FROM intrusion AS i"
            " JOIN events AS e ON e.event_id = i.event_id GROUP BY i.path"
        )
    }
    routes = _routes_of(store)
    rows = [
        (p.name, p.intruder, p.way.technique, title_of(p, routes.get(p.name)), *spans[p.name], why_of(p))
        for p in paths
        if p.name in spans
    ]
    store.write(PATHS, rows)


def _routes_of(store: Store) -> dict[str, str]:
    """Return each path's route that was answered most often (without its query), for titles."""
    rows = store.rows(
        "SELECT i.path, e.http_request_path, COUNT(*) AS requests,"
        " SUM(CASE WHEN COALESCE(e.http_response_code, 200) < 400 THEN 1 ELSE 0 END) FROM intrusion AS i"
        " JOIN events AS e ON e.event_id = i.event_id WHERE e.http_request_path IS NOT NULL"
        " GROUP BY i.path, e.http_request_path ORDER BY requests, e.http_request_path"
    )
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for path, target, requests, answered in rows:
        route = "/".join("{id}" if any(c.isdigit() for c in part) else part for part in target.split("/"))
        counts[path][route] += requests
        answers[path][route] += answered
    return {
        path: max(held, key=lambda route: (answers[path][route], held[route], route))
        for path, held in counts.items()
    }
