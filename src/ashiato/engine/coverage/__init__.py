"""Coverage: which ways lead to the records, and which log's silence on a way proves that it was not gone.

Reads ``evidence``, ``records``, ``unread``, ``events``, ``causes``, ``holes``, ``findings``,
``finding_events``, ``intrusion``, the sealed schemas, role dumps and server settings, and the data map.
Writes ``reachable`` (L0: what each path's access had the right to read) and ``coverage`` (one row per way x
log, with what is missing). Nothing is assumed: what no evidence tells is a missing piece with a code.
"""

from __future__ import annotations

from collections.abc import Iterator

from ashiato.datamap.model import System
from ashiato.engine.coverage.grants import read_rights
from ashiato.engine.coverage.log_facts import Log, list_logs
from ashiato.engine.coverage.log_gaps import Surroundings, Window, gaps_of, is_said_to_cover
from ashiato.engine.coverage.reach import list_reachable
from ashiato.engine.coverage.rights import Rights
from ashiato.engine.coverage.sealed_texts import read_dumps, read_server_settings
from ashiato.engine.coverage.settings import read_settings
from ashiato.engine.coverage.unanswered import count_unanswered
from ashiato.engine.coverage.ways import WayFinder, WayRow
from ashiato.engine.store import Row, Store
from ashiato.engine.tables import (
    CAUSES,
    COVERAGE,
    EVENTS,
    EVIDENCE,
    FINDING_EVENTS,
    FINDINGS,
    HOLES,
    INTRUSION,
    REACHABLE,
    RECORDS,
    UNREAD,
)
from ashiato.engine.workspace import Workspace
from ashiato.terms.proof_gaps import ProofGap

READS = (EVIDENCE, RECORDS, UNREAD, EVENTS, CAUSES, HOLES, FINDINGS, FINDING_EVENTS, INTRUSION)
WRITES = (REACHABLE, COVERAGE)

#: What was done so long before the first hostile event still counts: a clock may be set to another zone.
_BEFORE_US = 86_400_000_000
_WINDOW = "SELECT min(e.start_us) FROM intrusion AS i JOIN events AS e ON e.event_id = i.event_id"
_NEWEST = "SELECT max(coalesce(end_us, start_us)) FROM events"
_HOLES = """
SELECT source, start_us, end_us, reason,
       TRY_CAST(regexp_extract(params, '"skew_us": *(-?[0-9]+)', 1) AS BIGINT),
       regexp_extract(params, '"against": *"([^"]*)"', 1)
FROM holes ORDER BY source, start_us, reason
"""


def build(workspace: Workspace) -> None:
    """Compute what was reachable and which ways are covered, system by system."""
    store, datamap = workspace.store, workspace.datamap
    rights = read_rights(read_dumps(workspace))
    store.write(REACHABLE, list_reachable(store, datamap, rights))
    logs, around = list_logs(store), _surroundings(workspace)
    rows = [
        row
        for system in datamap.systems.values()
        if any(table.person for table in system.tables.values())
        for row in _rows_of(workspace, system, logs, rights, around)
    ]
    store.write(COVERAGE, sorted(rows, key=lambda row: tuple(str(value) for value in row)))


def _rows_of(
    workspace: Workspace, system: System, logs: list[Log], rights: Rights, around: Surroundings
) -> Iterator[Row]:
    window = _window(workspace, system)
    if window is None or system.engine != "postgresql" or not logs:
        yield _row(
            system,
            WayRow("database", system.name, tuple(_why_not(window, system, workspace.store))),
            window,
            None,
        )
        return
    for log in _covering(logs, window, around):
        gaps = gaps_of(log, window, around)
        if missing := count_unanswered(workspace.store, _open_since(log, window)):
            gaps.append(ProofGap.STATEMENT_MISSING.told(requests=missing))
        finder = WayFinder(workspace.store, workspace.datamap, system, rights, window.start_us - _BEFORE_US)
        for way in finder.find(log, gaps):
            yield _row(system, way, window, log)


def _covering(logs: list[Log], window: Window, around: Surroundings) -> list[Log]:
    """Return the logs that are said to cover, each of which must be whole; else the one nearest to it."""
    said = [log for log in logs if is_said_to_cover(log, around.datamap)]
    return said or [min(logs, key=lambda log: (len(gaps_of(log, window, around)), log.source))]


def _why_not(window: Window | None, system: System, store: Store) -> Iterator[str]:
    if window is None:
        yield ProofGap.NO_INTRUSION.told()
    elif system.engine != "postgresql":
        yield ProofGap.ENGINE_NOT_COVERED.told(engine=system.engine)
    elif store.rows("SELECT 1 FROM events WHERE event_kind = 'http' LIMIT 1"):
        yield ProofGap.WEB_LOG_ALONE.told()
    else:
        yield ProofGap.NO_STATEMENT_LOG.told()


def _window(workspace: Workspace, system: System) -> Window | None:
    """Return the time from the first hostile event to the newest event and snapshot."""
    start_us = workspace.store.rows(_WINDOW)[0][0]
    if start_us is None:
        return None
    newest = workspace.store.rows(_NEWEST)[0][0]
    single = len(workspace.datamap.systems) == 1
    taken = [s.as_of_us for s in workspace.snapshots if s.system == system.name or single]
    return Window(start_us, max([newest, *taken]))


def _surroundings(workspace: Workspace) -> Surroundings:
    store, datamap = workspace.store, workspace.datamap
    settings = read_settings(read_server_settings(workspace))
    return Surroundings(datamap, settings, tuple(store.rows(_HOLES)))


def _open_since(log: Log, window: Window) -> int:
    """Return when the first of the connections that are still open wrote its last line."""
    still = [s.last_us for s in log.sessions if s.statements and s.serves and not s.ended]
    return min([*still, window.end_us])


def _row(system: System, way: WayRow, window: Window | None, log: Log | None) -> Row:
    return (
        system.name,
        way.kind,
        way.way,
        log.source if log is not None else "",
        log.source_format if log is not None else None,
        window.start_us if window is not None else None,
        window.end_us if window is not None else None,
        log.first_us if log is not None else None,
        log.last_us if log is not None else None,
        not way.gaps,
        ";".join(dict.fromkeys(way.gaps)),
        way.table,
    )


__all__ = ["READS", "WRITES", "build"]
