"""Finds heavy answers to strangers: where people are signed in and one is not, or all come from one office.

One request for an export is no walk and no pace; what tells is who else ever asks there.
"""

from __future__ import annotations

from ashiato.engine.findings.wording import plain
from ashiato.engine.store import Station

# A hundred kilobytes of text are some hundreds of records; pages without sign-in (a form, a refusal in the
# clothes of a success) are a tenth of it.
_BYTES = 100_000
_TIMES = 10
# So many visits show that people are signed in there; an office's are one address's.
_VISITS = 10
# A part of the site is an office's when nearly all that is asked there, fifty requests at least, comes from
# three addresses or fewer, while the site's visitors have many.
_REQUESTS = 50
_OFFICES = 3
_ADDRESSES = 10

#: One row per part of the site (first word of the path, two where the second leads on): whether its visitors
#: are signed in, and how heavy an answer there usually is.
_AREAS = Station(
    "finding_areas",
    f"""
    WITH placed AS (
        SELECT r.event_id, v.visit, r.address,
               CASE WHEN split_part(r.template, '/', 4) <> ''
                    THEN split_part(r.template, '/', 2) || '/' || split_part(r.template, '/', 3)
                    ELSE split_part(r.template, '/', 2) END AS area,
               CASE WHEN r.actor_session_uid IS NOT NULL OR r.actor_user_name IS NOT NULL THEN 1 ELSE 0 END
                   AS is_signed,
               COALESCE(r.http_response_body_bytes, r.traffic_out_bytes, 0) AS size
        FROM finding_requests AS r JOIN visits AS v ON v.event_id = r.event_id
        WHERE r.is_success AND NOT r.is_static
    ), ranked AS (
        SELECT p.*, COUNT(*) OVER (PARTITION BY area) AS n,
               ROW_NUMBER() OVER (PARTITION BY area ORDER BY size, event_id) AS nth
        FROM placed AS p
    ), parts AS (
        SELECT area, COUNT(DISTINCT visit) AS visits,
               COUNT(DISTINCT CASE WHEN is_signed = 1 THEN visit END) AS signed,
               MIN(CASE WHEN nth * 10 >= 9 * n THEN size END) AS usual_bytes
        FROM ranked GROUP BY area
    ), places AS (
        SELECT area, address, COUNT(*) AS requests,
               SUM(COUNT(*)) OVER (PARTITION BY area) AS area_requests,
               ROW_NUMBER() OVER (PARTITION BY area ORDER BY COUNT(*) DESC, address) AS nth
        FROM placed GROUP BY area, address
    ), offices AS (
        SELECT area, MAX(area_requests) AS requests,
               SUM(CASE WHEN nth <= {_OFFICES} THEN requests ELSE 0 END) AS from_offices
        FROM places GROUP BY area
    ), site AS (
        SELECT COUNT(DISTINCT address) AS addresses FROM placed
    )
    SELECT p.event_id, p.visit, p.area, p.is_signed, p.size, a.visits, a.signed, a.usual_bytes,
           CASE WHEN o.requests >= {_REQUESTS} AND o.from_offices * 20 >= o.requests * 19
                 AND s.addresses >= {_ADDRESSES} AND l.requests * 50 <= o.requests
                THEN 1 ELSE 0 END AS is_strange_place
    FROM placed AS p
    JOIN parts AS a ON a.area = p.area
    JOIN offices AS o ON o.area = p.area
    JOIN places AS l ON l.area = p.area AND l.address = p.address
    CROSS JOIN site AS s
    """,
)

_JUDGED = Station(
    "finding_unsigned",
    f"""
    SELECT event_id, visit, area, size, usual_bytes, is_strange_place FROM finding_areas
    WHERE ((is_signed = 0 AND signed >= {_VISITS} AND signed * 10 >= visits * 9) OR is_strange_place = 1)
      AND size >= {_BYTES} AND size >= {_TIMES} * usual_bytes
    """,
)

_FOUND = Station(
    "found_unsigned",
    f"""
    SELECT 'heavy-answer-to-a-stranger' AS rule, 'behaviour' AS rule_kind, 'T1567' AS technique,
           u.visit || '|' || u.area AS key, 'high' AS level, 0.85 AS certainty, 'address' AS actor_kind,
           MIN(v.address) AS actor, SUM(u.size) AS observed, MIN(u.usual_bytes) AS expected,
           'heavy-answer-to-a-stranger(area=' || {plain("u.area")} || ',bytes='
               || CAST(CAST(SUM(u.size) AS BIGINT) AS VARCHAR) || ',usual-bytes='
               || CAST(MIN(u.usual_bytes) AS VARCHAR) || ',not-signed-in-among-the-signed-in='
               || CAST(1 - MIN(u.is_strange_place) AS VARCHAR) || ',not-from-its-office='
               || CAST(MAX(u.is_strange_place) AS VARCHAR) || ')' AS why
    FROM finding_unsigned AS u JOIN visits AS v ON v.event_id = u.event_id
    GROUP BY u.visit, u.area
    """,
)

_EVENTS = Station(
    "found_unsigned_events", "SELECT visit || '|' || area AS key, event_id FROM finding_unsigned"
)

STATIONS = (_AREAS, _JUDGED, _FOUND, _EVENTS)
