"""Requests that must have run statements, of which the database's log has none: lines of it are missing."""

from __future__ import annotations

from ashiato.engine.routes import TEMPLATE_SQL
from ashiato.engine.store import Station, Store

_TEMPLATE = TEMPLATE_SQL.format(path="h.http_request_path")
_FEWEST_OF_A_KIND = 5
_FEWEST_ALIKE = 20
_HARDLY_EVER = 0.05
_ALWAYS = 0.95

# One row per request: its kind and whether a statement was found that it ran. ``own_share``: of its kind
# (method, route, status), how many ran one; ``like_share``: of all replies of its status and size.
_REQUESTS = f"""
WITH linked AS (SELECT http_event_id FROM causes GROUP BY http_event_id HAVING sum(confidence) >= 0.3),
requests AS (
  SELECT h.event_id, h.start_us, h.http_request_method AS method, {_TEMPLATE} AS template,
         coalesce(h.http_response_code, 0) AS code, coalesce(h.http_response_body_bytes, -1) AS body_bytes,
         CASE WHEN l.http_event_id IS NULL THEN 0 ELSE 1 END AS linked,
         CASE WHEN i.event_id IS NULL THEN 0 ELSE 1 END AS hostile
  FROM events AS h
  LEFT JOIN linked AS l ON l.http_event_id = h.event_id
  LEFT JOIN intrusion AS i ON i.event_id = h.event_id
  WHERE h.event_kind = 'http'
)
SELECT event_id, start_us, linked, hostile,
       count(*) OVER own AS own_requests, avg(CAST(linked AS DOUBLE)) OVER own AS own_share,
       count(*) OVER alike AS like_requests, avg(CAST(linked AS DOUBLE)) OVER alike AS like_share
FROM requests
WINDOW own AS (PARTITION BY method, template, code), alike AS (PARTITION BY code, body_bytes)
"""

# A hostile request counts unless its kind, or all replies like its own, are known to run nothing; anybody's
# counts after the last line of a connection that is still open, when its kind always runs something.
_MISSING = """
SELECT count(*) FROM coverage_requests WHERE linked = 0 AND (
  (hostile = 1 AND NOT (own_requests >= {few} AND own_share <= {rare})
   AND NOT (like_requests >= {alike} AND like_share <= {rare}))
  OR (start_us >= {since} AND own_requests >= {few} AND own_share >= {always})
)
"""


def count_unanswered(store: Store, since_us: int) -> int:
    """Return how many requests lack the statements they must have run.

    ``since_us``: from when on anybody's requests are asked for, not only the intruder's.
    """
    store.run(Station("coverage_requests", _REQUESTS))
    sql = _MISSING.format(
        few=_FEWEST_OF_A_KIND, rare=_HARDLY_EVER, alike=_FEWEST_ALIKE, always=_ALWAYS, since=since_us
    )
    return int(store.rows(sql)[0][0])
