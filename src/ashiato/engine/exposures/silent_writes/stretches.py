"""Where the databases' logs are silent: in their holes, before they begin and after they end."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from ashiato.engine.exposures.lives import FIRST_US, LAST_US
from ashiato.engine.exposures.stretches import Stretches, joined
from ashiato.engine.log_names import source_of
from ashiato.engine.store import Store

#: What makes a stretch of a database's log one of which it may lack lines.
_REASONS = "('silence', 'begins-late', 'ends-early', 'rotation-missing', 'session-lines-missing')"
_STATEMENTS = "('sql-statement', 'sql-audit', 'sql-duration')"
_SPANS = f"""
SELECT s.source, max(CASE WHEN r.record_kind = 'web-request' THEN 1 ELSE 0 END),
       min(CASE WHEN r.record_kind IN {_STATEMENTS} THEN r.time_us END),
       max(CASE WHEN r.record_kind IN {_STATEMENTS} THEN r.time_us END)
FROM records AS r JOIN silence_sources AS s ON s.evidence_id = r.evidence_id
GROUP BY s.source ORDER BY s.source
"""
_SKEWS = """
SELECT source, CAST(regexp_extract(params, '"skew_us": (-?[0-9]+)', 1) AS BIGINT)
FROM holes WHERE reason = 'clock-skew'
"""


@dataclass(frozen=True)
class Silence:
    """Stretches on the databases' clocks; by how much at least and at most those are ahead of the web's."""

    stretches: Stretches = ()
    least_skew_us: int = 0
    most_skew_us: int = 0


def find_silence(store: Store) -> Silence:
    """Return where the logs of databases are silent; without such a log there is no silence of one."""
    if not all(store.has(name) for name in ("evidence", "records", "holes")):
        return Silence()
    files = store.rows("SELECT evidence_id, file FROM evidence ORDER BY 1, 2")
    columns = {
        "evidence_id": pa.array([evidence for evidence, _ in files], pa.string()),
        "source": pa.array([source_of(file) for _, file in files], pa.string()),
    }
    store.write_as("silence_sources", pa.table(columns))
    spans = store.rows(_SPANS)
    logs = {source: (first, last) for source, _, first, last in spans if first is not None}
    holes = store.rows(f"SELECT source, start_us, end_us FROM holes WHERE reason IN {_REASONS}")
    stretches = [(start, end + 1) for source, start, end in holes if source in logs]
    for first, last in logs.values():
        stretches += [(FIRST_US, first), (last, LAST_US)]
    skews: dict[str, int] = dict(store.rows(_SKEWS))
    ahead = [skews.get(source, 0) for source, is_web, _, _ in spans if is_web] or [0]
    return Silence(joined(stretches), min(ahead), max(ahead))
