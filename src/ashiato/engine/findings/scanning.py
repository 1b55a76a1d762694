"""Finds clients that try out paths: many that are not there, few that anybody else asks for."""

from __future__ import annotations

from ashiato.engine.store import Station

# Floors, whatever the site's size: a person or crawler with stale links meets a handful of dead paths in
# one visit, an internet-wide knocker tries about ten; a word list has hundreds to millions of entries.
_MEDIUM_PATHS = 20
_HIGH_PATHS = 100
# A path that three or more addresses ask for is a dead link or a fashion of the day, not a guess.
_LONELY_ADDRESSES = 2

#: One row per distinct path and how many addresses asked for it.
_PATHS = Station(
    "finding_path_askers",
    """
    SELECT http_request_path, COUNT(DISTINCT address) AS askers
    FROM finding_requests GROUP BY http_request_path
    """,
)

#: One row per unit (a visit, or an address's burst) that looks like a search for paths. Either most of its
#: distinct paths are missing or refused, or the site answers everything alike (a soft "not found") and one
#: and the same answer came to most of them.
_UNITS = Station(
    "finding_scan_units",
    f"""
    WITH asked AS (
        SELECT 'visit' AS unit_kind, s.visit AS unit, r.event_id FROM finding_requests AS r
        JOIN finding_steps AS s ON s.event_id = r.event_id
        UNION ALL
        SELECT 'burst' AS unit_kind, s.burst AS unit, r.event_id FROM finding_requests AS r
        JOIN finding_steps AS s ON s.event_id = r.event_id
    ), told AS (
        SELECT a.unit_kind, a.unit, r.template,
               CASE WHEN p.askers <= {_LONELY_ADDRESSES} THEN 1 ELSE 0 END AS lonely,
               CASE WHEN r.is_missing OR r.is_refused THEN 1 ELSE 0 END AS odd,
               COALESCE(r.http_response_code, 0) AS code, COALESCE(r.http_response_body_bytes, -1) AS size
        FROM asked AS a
        JOIN finding_requests AS r ON r.event_id = a.event_id
        JOIN finding_path_askers AS p ON p.http_request_path = r.http_request_path
        WHERE NOT r.is_static
    ), alike AS (
        SELECT unit_kind, unit, MAX(paths) AS same_answer FROM (
            SELECT unit_kind, unit, code, size, COUNT(DISTINCT template) AS paths
            FROM told WHERE lonely = 1 GROUP BY unit_kind, unit, code, size
        ) AS replies
        GROUP BY unit_kind, unit
    ), counted AS (
        SELECT unit_kind, unit, COUNT(DISTINCT template) AS paths,
               COUNT(DISTINCT CASE WHEN odd = 1 THEN template END) AS odd_paths,
               COUNT(DISTINCT CASE WHEN odd = 1 AND lonely = 1 THEN template END) AS lonely_odd
        FROM told GROUP BY unit_kind, unit
    )
    SELECT c.unit_kind, c.unit, c.paths, c.odd_paths, c.lonely_odd, COALESCE(a.same_answer, 0) AS same_answer
    FROM counted AS c
    LEFT JOIN alike AS a ON a.unit_kind = c.unit_kind AND a.unit = c.unit
    WHERE (c.lonely_odd >= {_MEDIUM_PATHS} AND c.odd_paths * 2 >= c.paths)
       OR (COALESCE(a.same_answer, 0) >= 2 * {_MEDIUM_PATHS} AND a.same_answer * 10 >= c.paths * 6)
    """,
)

#: What clients of this site usually meet: the middle number of missing paths in a visit that met any.
_FOUND = Station(
    "found_scanning",
    f"""
    WITH usual AS (
        SELECT COALESCE(MEDIAN(odd), 0) AS odd FROM (
            SELECT s.visit, COUNT(DISTINCT r.template) AS odd
            FROM finding_requests AS r
            JOIN finding_steps AS s ON s.event_id = r.event_id
            WHERE r.is_missing GROUP BY s.visit
        ) AS met
    ), named AS (
        SELECT u.unit_kind, u.unit, u.paths, u.odd_paths, u.lonely_odd, u.same_answer,
               MIN(s.address) AS address, MIN(s.session) AS session
        FROM finding_scan_units AS u
        JOIN finding_steps AS s
          ON (u.unit_kind = 'visit' AND s.visit = u.unit) OR (u.unit_kind = 'burst' AND s.burst = u.unit)
        GROUP BY u.unit_kind, u.unit, u.paths, u.odd_paths, u.lonely_odd, u.same_answer
    )
    SELECT 'path-discovery' AS rule, 'behaviour' AS rule_kind, 'T1595.003' AS technique,
           n.unit_kind || '|' || n.unit AS key,
           CASE WHEN GREATEST(n.lonely_odd, n.same_answer) >= {_HIGH_PATHS} THEN 'high' ELSE 'medium' END
               AS level,
           CASE WHEN GREATEST(n.lonely_odd, n.same_answer) >= {_HIGH_PATHS} THEN 0.95
                WHEN GREATEST(n.lonely_odd, n.same_answer) >= 2 * {_MEDIUM_PATHS} THEN 0.85 ELSE 0.5 END AS
                    certainty,
           'address' AS actor_kind, n.address AS actor,
           GREATEST(n.lonely_odd, n.same_answer) AS observed, u.odd AS expected,
           'paths-not-there(tried=' || CAST(n.paths AS VARCHAR) || ',missing=' || CAST(n.odd_paths AS VARCHAR)
               || ',asked-by-nobody-else=' || CAST(n.lonely_odd AS VARCHAR)
               || ',same-answer=' || CAST(n.same_answer AS VARCHAR)
               || ',usual=' || CAST(CAST(u.odd AS BIGINT) AS VARCHAR) || ')' AS why
    FROM named AS n CROSS JOIN usual AS u
    """,
)

_EVENTS = Station(
    "found_scanning_events",
    """
    SELECT u.unit_kind || '|' || u.unit AS key, s.event_id
    FROM finding_scan_units AS u JOIN finding_steps AS s ON u.unit_kind = 'visit' AND s.visit = u.unit
    UNION ALL
    SELECT u.unit_kind || '|' || u.unit AS key, s.event_id
    FROM finding_scan_units AS u JOIN finding_steps AS s ON u.unit_kind = 'burst' AND s.burst = u.unit
    JOIN finding_requests AS r ON r.event_id = s.event_id
    WHERE r.is_missing OR r.is_refused
    """,
)

STATIONS = (_PATHS, _UNITS, _FOUND, _EVENTS)
