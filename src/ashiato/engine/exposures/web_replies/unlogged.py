"""Hostile requests whose statements no database log tells of.

A request is one of them when nothing it ran was found although others of its kind run statements, the data
map says that its route does, no statement of anybody was logged around that time, or the log has a line from
around that time that cannot be read. Where a database's log lacks lines, one is also a request of which some
statements were found: others may be missing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ashiato.engine.exposures.lives import LAST_US
from ashiato.engine.exposures.silences import find_silences
from ashiato.engine.exposures.stretches import joined
from ashiato.engine.routes import TEMPLATE_SQL
from ashiato.engine.store import Station, Store

# A site in use runs a statement oftener than this; a log silent for longer says nothing of the time.
_QUIET_US = 600_000_000
# A request may have begun so long before its statement.
_LONGEST_US = 60_000_000
# So far from its two ends, at the most, what bears a request's trace is its own by any clock.
_BEFORE_US, _AFTER_US = 5_000_000, 1_000_000
# A route asked for so often without a statement runs none.
_SEEN_OFTEN = 3

# One row per request of the web log, with whether a statement was found that it ran: one that it may have run
# far from its time does not say that its own was logged, nor does one of which the log has no text.
_REQUESTS = f"""
SELECT h.event_id, h.start_us, COALESCE(h.http_request_method, '') AS method, h.http_request_path AS url_path,
       h.http_request_query AS query, h.http_request_target AS target, h.http_response_code AS code,
       h.http_response_body_bytes AS body_bytes, h.src_endpoint_ip AS address, h.actor_user_name AS account,
       h.actor_session_uid AS session, {TEMPLATE_SQL.format(path="http_request_path")} AS template, i.path,
       CASE WHEN c.http_event_id IS NULL THEN 0 ELSE 1 END AS linked,
       CASE WHEN g.event_id IS NULL THEN 0 ELSE 1 END AS lacking, COALESCE(g.told, 0) AS told
FROM events AS h
LEFT JOIN (
  SELECT q.event_id, max(s.told) AS told FROM events AS q
  JOIN lacking_stretches AS s ON q.start_us < s.end_us AND q.end_us + COALESCE(q.time_step_us, 0) > s.start_us
  WHERE q.event_kind = 'http'
  GROUP BY q.event_id
) AS g ON g.event_id = h.event_id
LEFT JOIN intrusion AS i ON i.event_id = h.event_id
LEFT JOIN (
  SELECT c.http_event_id FROM causes AS c JOIN events AS s ON s.event_id = c.sql_event_id
  WHERE s.query_text IS NOT NULL
  GROUP BY c.http_event_id HAVING sum(c.confidence) >= 0.3
) AS c ON c.http_event_id = h.event_id
WHERE h.event_kind = 'http' AND h.http_request_path IS NOT NULL
"""

#: Hostile, and without a statement or where the log may lack some of them.
HOSTILE = "r.path IS NOT NULL AND (r.linked = 0 OR r.lacking = 1)"
# One row per such request. ``share``: of its kind's requests, how many ran one;
# ``same``: addresses that got a reply of this very size and status for this very target; ``idle`` 1: others
# of its kind were seen while statements were logged, and none of them ran any.
_UNLOGGED = f"""
SELECT r.event_id, r.path, r.start_us, r.method, r.url_path, r.query, r.target, r.code, r.body_bytes,
       r.account, r.session, r.address, k.share,
       CASE WHEN s.sizes = 1 THEN s.addresses ELSE 0 END AS same, k.idle,
       r.linked, r.told
FROM web_requests AS r
JOIN (
  SELECT w.method, w.template, avg(CAST(w.linked AS DOUBLE)) AS share,
         CASE WHEN sum(w.linked) = 0
               AND sum(CASE WHEN d.start_us IS NULL AND w.lacking = 0 THEN 1 ELSE 0 END) >= {_SEEN_OFTEN}
              THEN 1 ELSE 0 END AS idle
  FROM web_requests AS w
  LEFT JOIN silent_stretches AS d ON w.start_us BETWEEN d.start_us AND d.end_us
  GROUP BY w.method, w.template
) AS k ON k.method = r.method AND k.template = r.template
LEFT JOIN (
  SELECT method, target, code, count(DISTINCT body_bytes) AS sizes, count(DISTINCT address) AS addresses
  FROM web_requests GROUP BY method, target, code
) AS s ON s.method = r.method AND s.target = r.target AND s.code = r.code
WHERE {HOSTILE}
"""


# Stretches of the database's log that are longer without a statement than is usual for it.
_SILENT = """
SELECT h.start_us, h.end_us
FROM holes AS h
LEFT JOIN (SELECT start_us FROM events WHERE event_kind = 'sql') AS e
  ON e.start_us > h.start_us AND e.start_us < h.end_us
WHERE h.reason = 'silence' AND e.start_us IS NULL
"""

# Stretches between the records around a line of a database's log that cannot be read: what it says was run
# in there.
_UNREAD = f"""
SELECT DISTINCT COALESCE(begun_us, ended_us - {_QUIET_US}) - {_LONGEST_US} AS start_us,
       COALESCE(ended_us, begun_us + {_QUIET_US}) AS end_us
FROM (
  SELECT time_us,
         max(time_us) OVER (PARTITION BY evidence_id ORDER BY line_first, line_last
                            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS begun_us,
         min(time_us) OVER (PARTITION BY evidence_id ORDER BY line_first, line_last
                            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS ended_us
  FROM (
    SELECT r.evidence_id, r.line_first, r.line_last, r.time_us
    FROM records AS r
    JOIN (SELECT DISTINCT evidence_id FROM unread WHERE reason NOT IN ('blank', 'heading')) AS u
      ON u.evidence_id = r.evidence_id
    UNION ALL SELECT u.evidence_id, u.line_first, u.line_last, CAST(NULL AS BIGINT) FROM unread AS u
    JOIN (SELECT DISTINCT evidence_id FROM records WHERE record_kind LIKE 'sql%') AS r
      ON r.evidence_id = u.evidence_id
    WHERE u.reason NOT IN ('blank', 'heading')
  ) AS lines
) AS around
WHERE time_us IS NULL
"""


@dataclass(frozen=True)
class Unlogged:
    """One hostile request.

    ``usual_statements``: the share of its kind's requests that ran one. ``same``: how many addresses got this
    very reply. ``idle``: its kind runs none. ``partly``: some of what it ran is logged, and the log may lack
    more. ``told``: something says that lines of its time were there and are missing. ``dark``: around it no
    statement of anybody was read, or not all were, or lines are missing (``told``) and its kind is none that
    runs none.
    """

    event_id: int
    path: str
    start_us: int
    method: str
    url_path: str
    query: str | None
    target: str | None
    code: int | None
    body_bytes: int | None
    account: str | None
    session: str | None
    address: str | None
    usual_statements: float
    same: int
    idle: bool
    partly: bool
    told: bool
    dark: bool


def list_unlogged(store: Store) -> Iterator[Unlogged]:
    """Yield the hostile requests of which a statement may be missing from the log, in order of events."""
    _write_lacking(store)
    store.run(Station("web_requests", _REQUESTS))
    if store.rows(f"SELECT count(*) FROM web_requests AS r WHERE {HOSTILE}") == [(0,)]:
        return
    lines_read = store.has("records") and store.has("unread")
    stretches = f"{_SILENT} UNION {_UNREAD}" if lines_read else _SILENT
    store.run(Station("silent_stretches", stretches))
    store.run(Station("unlogged_requests", _UNLOGGED))
    times = [at for (at,) in store.rows("SELECT start_us FROM events WHERE event_kind = 'sql' ORDER BY 1")]
    silent = joined((row[0], row[1]) for row in store.rows("SELECT start_us, end_us FROM silent_stretches"))
    for row in store.rows("SELECT * FROM unlogged_requests ORDER BY event_id"):
        *_, idle, _, told = row
        dark = bool(told and not idle) or _is_dark(times, row[2], silent)
        yield Unlogged(*(*row, dark))


def _write_lacking(store: Store) -> None:
    """Write ``lacking_stretches``: where, on the web's clock, a database's log may lack some of its lines.

    ``told`` 1: something says that lines were there; 0: also its silences and its two ends.
    """
    held = [
        (one.first_us - one.most_skew_us, one.last_us - one.least_skew_us, int(one.told))
        for one in find_silences(store, _BEFORE_US, _AFTER_US)
    ]
    names = ("start_us", "end_us", "told")
    arrays = {name: pa.array([one[n] for one in held], pa.int64()) for n, name in enumerate(names)}
    store.write_as("lacking_stretches", pa.table(arrays))


def _is_dark(times: list[int], at_us: int, silent: Sequence[tuple[int, int]]) -> bool:
    last = bisect_right(silent, (at_us, LAST_US)) - 1
    if last >= 0 and silent[last][1] >= at_us:
        return True
    after = bisect_left(times, at_us - _QUIET_US)
    return after == len(times) or times[after] > at_us + _QUIET_US
