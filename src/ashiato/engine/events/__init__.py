"""Joining: log records become events, each with its witnesses, and statements get the requests behind them.

Reads ``evidence``, ``records`` and ``readings``. Writes ``events`` (one row per request, execution, sign-in,
connection or other thing told of), ``witnesses`` (every record, with its part in its event), ``causes``
(which request may have run which statement, how surely and why), ``holes`` (where a source cannot be relied
on) and ``contradictions`` (where two logs of one thing differ).

``event_kind`` is ``http``, ``sql``, ``auth`` (sign-ins and sign-outs), ``app``, ``connection`` or
``message``. A witness's ``role`` is ``request`` or ``second-log`` for requests, ``statement``, ``audit``,
``duration`` or ``error`` for executions, ``copy`` for a record that repeats another, else its record kind.
Request lines whose twin in another log cannot be told stay events of their own; ``ambiguous_pairs``, a
table of this stage, counts them.
"""

from __future__ import annotations

from ashiato.engine.events.actors import ACTOR_STATIONS
from ashiato.engine.events.assembly import SPANS, TIMES, write_events
from ashiato.engine.events.candidates import find_candidates
from ashiato.engine.events.causes import write_causes
from ashiato.engine.events.clocks import write_clocks
from ashiato.engine.events.contradictions import CONTRADICTED, DIFFERING
from ashiato.engine.events.holes import write_holes
from ashiato.engine.events.members import MEMBERS, REQUESTS
from ashiato.engine.events.requests import pair_requests
from ashiato.engine.events.routes import write_routes
from ashiato.engine.events.sources import COPIES, RECORD_NUMBERS, write_sources
from ashiato.engine.events.statements import EXECUTION_STATIONS
from ashiato.engine.events.windows import write_windows
from ashiato.engine.tables import (
    CAUSES,
    CONTRADICTIONS,
    EVENTS,
    EVIDENCE,
    HOLES,
    READINGS,
    RECORDS,
    WITNESSES,
    Table,
)
from ashiato.engine.workspace import Workspace

READS: tuple[Table, ...] = (EVIDENCE, RECORDS, READINGS)
WRITES: tuple[Table, ...] = (EVENTS, WITNESSES, CAUSES, HOLES, CONTRADICTIONS)


def build(workspace: Workspace) -> None:
    """Join the records of a run into events."""
    store = workspace.store
    write_sources(workspace)
    store.run(RECORD_NUMBERS)
    store.run(COPIES)
    pair_requests(store)
    store.run(DIFFERING)
    # As many rows as there are records, with texts in them, and nothing after this asks for them.
    store.forget(("request_keys",))
    for station in (*EXECUTION_STATIONS, MEMBERS, REQUESTS, *ACTOR_STATIONS):
        store.run(station)
    write_routes(store)
    write_clocks(store)
    for station in (TIMES, SPANS):
        store.run(station)
    store.forget(("event_times",))
    store.run(CONTRADICTED)
    write_events(store)
    write_windows(workspace)
    find_candidates(store)
    write_causes(store)
    write_holes(store)
