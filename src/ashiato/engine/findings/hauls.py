"""Finds clients that nobody signed in behind and that are given little but files nobody else is given.

A key in a header, or a session the log does not tell, leaves no name: what is left is a client that asks one
route for data again and again, where people else sign in and are given pages.
"""

from __future__ import annotations

from ashiato.engine.findings.sweeps import OTHERS
from ashiato.engine.findings.wording import plain
from ashiato.engine.store import Station

# So many signed-in visits show that the site holds what not everybody may have.
_VISITS = 10
# What comes back half a day later is a program at its work, be it a partner's; a thief is one among others.
_HALF_DAY_US = 43_200_000_000

#: One row per nameless client (address and user agent) x answer, without offices and the data map's machines.
_NAMELESS = Station(
    "finding_nameless_answers",
    """
    SELECT a.event_id, a.target_shape, a.size, a.is_file, r.http_request_path, r.http_request_method,
           r.http_response_code, r.address, r.agent, r.start_us
    FROM finding_answers AS a
    JOIN finding_requests AS r ON r.event_id = a.event_id
    JOIN visits AS v ON v.event_id = a.event_id
    LEFT JOIN finding_account_visits AS s ON s.visit = v.visit
    LEFT JOIN (
        SELECT DISTINCT value FROM finding_known WHERE kind IN ('machine', 'office')
    ) AS k ON k.value IN (r.address, r.agent)
    WHERE s.visit IS NULL AND k.value IS NULL
    """,
)

#: One row per such client x route that gave it data: no fixed file, since it was posted for or had another
#: size the next time, and no piece of one (206). Fewer than three other addresses were given as much.
_DATA = Station(
    "finding_nameless_data",
    f"""
    WITH given AS (
        SELECT address, agent, target_shape, http_request_path, COUNT(*) AS files, SUM(size) AS bytes,
               MAX(size) AS largest
        FROM finding_nameless_answers WHERE is_file = 1 AND http_response_code <> 206
        GROUP BY address, agent, target_shape, http_request_path
        HAVING COUNT(DISTINCT size) > 1 OR MAX(http_request_method) = 'POST'
    ), heavy AS (
        SELECT a.target_shape, r.address, MAX(a.size) AS size
        FROM finding_answers AS a JOIN finding_requests AS r ON r.event_id = a.event_id
        WHERE a.is_file = 1 GROUP BY a.target_shape, r.address
    )
    SELECT g.address, g.agent, g.http_request_path, g.files, g.bytes, g.largest
    FROM given AS g
    LEFT JOIN heavy AS o ON o.target_shape = g.target_shape AND o.address <> g.address
     AND o.size * 3 >= g.largest
    GROUP BY g.address, g.agent, g.http_request_path, g.files, g.bytes, g.largest
    HAVING COUNT(o.address) < {OTHERS}
    """,
)

#: One row per such client whose answers are data by half, in a short part of the log and of a day.
_JUDGED = Station(
    "finding_hauls",
    f"""
    WITH clients AS (
        SELECT address, agent, COUNT(*) AS answers, MIN(start_us) AS first_us, MAX(start_us) AS last_us
        FROM finding_nameless_answers GROUP BY address, agent
    ), data AS (
        SELECT address, agent, CAST(SUM(files) AS BIGINT) AS files, CAST(SUM(bytes) AS BIGINT) AS bytes,
               MAX(largest) AS largest, MIN(http_request_path) AS path
        FROM finding_nameless_data GROUP BY address, agent
    ), logged AS (
        SELECT MAX(start_us) - MIN(start_us) AS span_us FROM finding_requests
    ), signed AS (
        SELECT COUNT(*) AS visits FROM finding_account_visits
    )
    SELECT d.*, c.answers
    FROM data AS d
    JOIN clients AS c ON c.address = d.address AND c.agent = d.agent
    CROSS JOIN logged AS l
    CROSS JOIN signed AS p
    WHERE p.visits >= {_VISITS} AND d.files * 2 >= c.answers
      AND (c.last_us - c.first_us) * 4 <= l.span_us AND c.last_us - c.first_us <= {_HALF_DAY_US}
    """,
)

_FOUND = Station(
    "found_hauls",
    f"""
    SELECT 'data-nobody-else-is-given' AS rule, 'behaviour' AS rule_kind, 'T1567' AS technique,
           address || '|' || agent AS key, 'high' AS level, 0.8 AS certainty, 'address' AS actor_kind,
           address AS actor, bytes AS observed, 0 AS expected,
           'data-nobody-else-is-given(path=' || {plain("path")} || ',answers=' || CAST(files AS VARCHAR)
               || ',of=' || CAST(answers AS VARCHAR) || ',bytes=' || CAST(bytes AS VARCHAR)
               || ',largest=' || CAST(largest AS VARCHAR) || ')' AS why
    FROM finding_hauls
    """,
)

_EVENTS = Station(
    "found_hauls_events",
    """
    SELECT h.address || '|' || h.agent AS key, n.event_id
    FROM finding_hauls AS h
    JOIN finding_nameless_answers AS n ON n.address = h.address AND n.agent = h.agent
    """,
)

STATIONS = (_NAMELESS, _DATA, _JUDGED, _FOUND, _EVENTS)
