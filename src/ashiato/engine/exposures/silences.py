"""Where the databases' logs are silent: in their holes, before they begin and after they end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from ashiato.engine.exposures.lives import FIRST_US, LAST_US
from ashiato.engine.exposures.stretches import joined
from ashiato.engine.log_names import source_of
from ashiato.engine.store import Store

#: What says that lines of a stretch were there and are missing.
_TOLD = ("begins-late", "ends-early", "rotation-missing", "session-lines-missing")
#: A log is silent too while nobody asks anything.
_SILENT = "silence"
_STATEMENTS = "('sql-statement', 'sql-audit', 'sql-duration')"
_SPANS = f"""
SELECT s.source, max(CASE WHEN r.record_kind = 'web-request' THEN 1 ELSE 0 END),
       min(CASE WHEN r.record_kind IN {_STATEMENTS} THEN r.time_us END),
       max(CASE WHEN r.record_kind IN {_STATEMENTS} THEN r.time_us END)
FROM records AS r JOIN silence_sources AS s ON s.evidence_id = r.evidence_id
GROUP BY s.source ORDER BY s.source
"""
_SKEWS = """
SELECT source, CAST(regexp_extract(params, '"against": "([^"]*)"', 1) AS VARCHAR),
       CAST(regexp_extract(params, '"skew_us": (-?[0-9]+)', 1) AS BIGINT)
FROM holes WHERE reason = 'clock-skew'
"""
#: How far statements lay from the beginnings and ends of honest requests that bear their trace identifier:
#: a clock that was set shows in it, whatever the times of the others say of all.
_TRACED = """
SELECT min(s.start_us - h.start_us), max(s.start_us - h.end_us)
FROM causes AS c
JOIN events AS s ON s.event_id = c.sql_event_id
JOIN events AS h ON h.event_id = c.http_event_id
LEFT JOIN (SELECT DISTINCT event_id FROM intrusion) AS i ON i.event_id = h.event_id
WHERE c.how = 'trace' AND c.candidates = 1 AND i.event_id IS NULL
"""


@dataclass(frozen=True)
class Silence:
    """A stretch on a database's clock; by how much at least and at most that is ahead of the web's.

    ``told``: something says that lines of it were there, which a silence and a log's mere ends do not.
    """

    first_us: int
    last_us: int
    least_skew_us: int = 0
    most_skew_us: int = 0
    told: bool = False


def find_silences(store: Store, before_us: int, after_us: int) -> list[Silence]:
    """Return where the logs of databases are silent; without such a log there is no silence of one.

    ``before_us``, ``after_us``: so long after its request began, and after it ended, a statement may run.
    """
    if not all(store.has(name) for name in ("evidence", "records", "holes")):
        return []
    files = store.rows("SELECT evidence_id, file FROM evidence ORDER BY 1, 2")
    columns = {
        "evidence_id": pa.array([evidence for evidence, _ in files], pa.string()),
        "source": pa.array([source_of(file) for _, file in files], pa.string()),
    }
    store.write_as("silence_sources", pa.table(columns))
    spans = store.rows(_SPANS)
    logs = {source: (first, last) for source, _, first, last in spans if first is not None}
    reasons = (*_TOLD, _SILENT)
    holes = store.rows(f"SELECT source, reason, start_us, end_us FROM holes WHERE reason IN {reasons}")
    webs = [source for source, is_web, _, _ in spans if is_web]
    skews = _skews(store, webs, list(logs), before_us, after_us) if logs else {}
    found: list[Silence] = []
    for log, (first, last) in logs.items():
        held: dict[bool, list[tuple[int, int]]] = {True: [], False: [(FIRST_US, first), (last, LAST_US)]}
        for _, reason, start_us, end_us in (hole for hole in holes if hole[0] == log):
            held[reason in _TOLD].append((start_us, end_us + 1))
        found += [Silence(*one, *skews[log], told) for told, some in held.items() for one in joined(some)]
    return found


def _skews(
    store: Store, webs: Sequence[str], logs: Sequence[str], before_us: int, after_us: int
) -> dict[str, tuple[int, int]]:
    """Return by how much each database's clock is ahead of the web's, at least and at most."""
    told = {(web, log): skew_us for web, log, skew_us in store.rows(_SKEWS)}
    ahead = {log: [told.get((web, log), 0) for web in webs] or [0] for log in logs}
    first_us, last_us = (
        store.rows(_TRACED)[0] if store.has("causes") and store.has("events") else (None, None)
    )
    seen = [] if first_us is None else [first_us + before_us, last_us - after_us]
    return {log: (min([*held, *seen[:1]]), max([*held, *seen[1:]])) for log, held in ahead.items()}
