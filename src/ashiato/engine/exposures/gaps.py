"""Statements behind a hole in the web log, in a case with an intruder: any of them may be theirs.

An intruder who was seen before or after a hole may have been at work in it: what would show that they were
not is what the log lacks.
"""

from __future__ import annotations

import pyarrow as pa

from ashiato.engine.store import Station, Store

# The database's clock may differ from the web server's by so much, and a statement's request last as long.
_BESIDE_US = 5_000_000
# A request far from a statement in time is no reason to think that none is missing.
_EXPLAINED = "SELECT DISTINCT sql_event_id FROM causes WHERE how NOT LIKE 'far-time%'"
_NO_IDS, _NO_PATHS = pa.array([], pa.int64()), pa.array([], pa.string())

# Stretches, on the clock of the database, in which requests are known to be missing, and those in which no
# request was logged at all though the log is silent for longer than usual, is not begun or is over:
# statements run in them say that it lacks some.
_HOLES = """
SELECT DISTINCT h.start_us + COALESCE(k.skew_us, 0) AS start_us, h.end_us + COALESCE(k.skew_us, 0) AS end_us
FROM (
  SELECT h.source, h.start_us, h.end_us
  FROM holes AS h
  LEFT JOIN (SELECT start_us FROM events WHERE event_kind = 'http') AS e
    ON h.reason <> 'requests-missing' AND e.start_us > h.start_us AND e.start_us < h.end_us
  WHERE h.reason IN ('requests-missing', 'silence', 'begins-late', 'ends-early', 'rotation-missing')
    AND e.start_us IS NULL
) AS h
LEFT JOIN (
  SELECT source, CAST(regexp_extract(params, '"skew_us": (-?[0-9]+)', 1) AS BIGINT) AS skew_us
  FROM holes WHERE reason = 'clock-skew'
) AS k ON k.source = h.source
"""

# One row per statement of a user that serves requests whose own request is not there because the web log
# lacks that stretch (each stretch has its path before statements are laid into it: with both ranges in one
# chain of joins DuckDB 1.5.6 may end the process); ``path``: the first on which an intruder was about then,
# or on which one ever was.
_GAP = f"""
SELECT s.event_id, COALESCE(min(h.path), min(anybody.path)) AS path
FROM events AS s
JOIN (
  SELECT DISTINCT e.database_user_name
  FROM ({_EXPLAINED}) AS c JOIN events AS e ON e.event_id = c.sql_event_id
) AS u ON u.database_user_name IS NOT DISTINCT FROM s.database_user_name
JOIN (
  SELECT h.start_us, h.end_us, min(p.path) AS path
  FROM web_holes AS h
  LEFT JOIN (
    SELECT i.path, min(e.start_us) AS first_us, max(e.start_us) AS last_us
    FROM intrusion AS i JOIN events AS e ON e.event_id = i.event_id AND e.event_kind = 'http'
    GROUP BY i.path
  ) AS p ON p.first_us <= h.end_us + {_BESIDE_US} AND p.last_us >= h.start_us - {_BESIDE_US}
  GROUP BY h.start_us, h.end_us
) AS h ON s.start_us BETWEEN h.start_us - {_BESIDE_US} AND h.end_us + {_BESIDE_US}
CROSS JOIN (
  SELECT min(i.path) AS path FROM intrusion AS i JOIN events AS e ON e.event_id = i.event_id
  WHERE e.event_kind = 'http'
) AS anybody
LEFT JOIN ({_EXPLAINED}) AS c ON c.sql_event_id = s.event_id
LEFT JOIN intrusion AS own ON own.event_id = s.event_id
WHERE s.event_kind = 'sql' AND s.query_text IS NOT NULL AND c.sql_event_id IS NULL AND own.event_id IS NULL
  AND anybody.path IS NOT NULL
GROUP BY s.event_id
"""


def find_gap_statements(store: Store) -> None:
    """Write ``gap_statements``: one row per statement in a hole of the web log, with its path."""
    store.run(Station("web_holes", _HOLES))
    if store.count("web_holes"):
        store.run(Station("gap_statements", _GAP))
    else:
        store.write_as("gap_statements", pa.table({"event_id": _NO_IDS, "path": _NO_PATHS}))
