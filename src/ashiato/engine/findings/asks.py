"""Says which record each request asks for: by its target, else by the statements it caused."""

from __future__ import annotations

from ashiato.engine.store import Station

#: One row per request x record it asks for. A target that names no record (a form, GraphQL, one address for
#: every call) leaves the record to the body, which no web log keeps: the values that the statements it
#: surely caused look for are the record then. What the data map calls an honest machine is left out.
_ASKS = Station(
    "finding_asks",
    """
    WITH machines AS (
        SELECT DISTINCT value FROM finding_known WHERE kind = 'machine'
    ), said AS (
        SELECT r.event_id, r.target_shape, r.objects, r.object_number, r.is_missing
        FROM finding_requests AS r WHERE r.objects IS NOT NULL AND NOT r.is_static
        UNION ALL
        SELECT r.event_id, r.target_shape || ' > ' || q.query_shape AS target_shape, q.sought AS objects,
               q.sought_number AS object_number, r.is_missing OR COALESCE(q.query_rows, 1) = 0 AS is_missing
        FROM finding_requests AS r
        JOIN causes AS c ON c.http_event_id = r.event_id AND c.confidence >= 0.6
        JOIN finding_statements AS q ON q.event_id = c.sql_event_id
        LEFT JOIN finding_sign_in_routes AS l ON l.template = r.template
        WHERE r.objects IS NULL AND q.sought IS NOT NULL AND l.template IS NULL
    )
    SELECT s.event_id, s.target_shape, s.objects, s.object_number, s.is_missing, r.is_refused, r.is_success,
           g.is_signed, v.visit, v.account, v.address, v.agent, v.start_us
    FROM said AS s
    JOIN finding_requests AS r ON r.event_id = s.event_id
    JOIN finding_signers AS g ON g.event_id = s.event_id
    JOIN visits AS v ON v.event_id = s.event_id
    LEFT JOIN machines AS m ON m.value = v.address
    LEFT JOIN machines AS n ON n.value = v.agent
    LEFT JOIN machines AS o ON o.value = v.account
    WHERE m.value IS NULL AND n.value IS NULL AND o.value IS NULL
    """,
)

# A record of a person is asked for by that person, a household at most (and by the thief).
_READERS = 4
# A log tells of sign-ins when so many addresses were let in under a name or session; a name in a refused
# request is whatever its sender wrote.
_SIGNERS = 3

#: One row per visit of requests: whether it asks for nothing but records: no page around them, no picture, no
#: sign-in.
_BARE = Station(
    "finding_bare_visits",
    """
    SELECT v.visit, MIN(CASE WHEN a.event_id IS NULL THEN 0 ELSE 1 END) AS is_bare
    FROM visits AS v
    JOIN finding_requests AS r ON r.event_id = v.event_id
    LEFT JOIN (SELECT DISTINCT event_id FROM finding_asks) AS a ON a.event_id = v.event_id
    GROUP BY v.visit
    """,
)

#: One row per request x record, with whether the route is private: nearly all addresses it answered carried
#: a session or an account, or had signed in just before; unknown when the whole log carries none, save that
#: what many people ask for is open all the same. Addresses count, not requests: a walker's thousand requests
#: do not open a route. For members is a route whose only unsigned visitors ask for nothing else, be they ever
#: so many.
_TOUCHES = Station(
    "finding_touches",
    f"""
    WITH signed AS (
        SELECT target_shape, COUNT(*) AS askers,
               SUM(CASE WHEN signed * 10 >= successes * 9 THEN 1 ELSE 0 END) AS signed,
               SUM(CASE WHEN signed * 10 < successes * 9 AND is_bare = 0 THEN 1 ELSE 0 END) AS unsigned_people
        FROM (
            SELECT a.target_shape, a.address, COUNT(*) AS successes, SUM(a.is_signed) AS signed,
                   MIN(b.is_bare) AS is_bare
            FROM finding_asks AS a JOIN finding_bare_visits AS b ON b.visit = a.visit
            WHERE a.is_success GROUP BY a.target_shape, a.address
        ) AS asking
        GROUP BY target_shape
    ), any_signed AS (
        SELECT CASE WHEN COUNT(DISTINCT r.address) >= {_SIGNERS} THEN 1 ELSE 0 END AS signed
        FROM finding_requests AS r JOIN finding_signers AS g ON g.event_id = r.event_id
        WHERE r.is_success AND g.is_told = 1
    ), popular AS (
        SELECT target_shape,
               SUM(CASE WHEN askers >= {_READERS} THEN 1 ELSE 0 END) AS read_by_many,
               SUM(CASE WHEN askers >= 2 THEN 1 ELSE 0 END) AS read_by_some
        FROM (
            SELECT target_shape, objects, COUNT(DISTINCT address) AS askers
            FROM finding_asks GROUP BY target_shape, objects
        ) AS asked
        GROUP BY target_shape
    )
    SELECT t.event_id, t.start_us, t.visit, t.account, t.address, t.agent, t.target_shape,
           t.objects, t.object_number, t.is_missing, t.is_refused, t.is_signed,
           CASE WHEN g.signed >= {_SIGNERS} AND g.signed * 10 >= g.askers * 9 THEN 'private'
                WHEN a.signed = 0 AND p.read_by_many * 5 >= p.read_by_some AND p.read_by_many > 0 THEN 'open'
                WHEN a.signed = 0 THEN 'unknown'
                WHEN g.signed * 10 >= g.askers * 9 THEN 'private' ELSE 'open' END AS privacy,
           CASE WHEN g.signed >= 3 AND g.signed * 10 >= (g.signed + g.unsigned_people) * 9 THEN 1 ELSE 0 END
               AS is_for_members
    FROM finding_asks AS t
    LEFT JOIN signed AS g ON g.target_shape = t.target_shape
    JOIN popular AS p ON p.target_shape = t.target_shape
    CROSS JOIN any_signed AS a
    """,
)

STATIONS = (_ASKS, _BARE, _TOUCHES)
