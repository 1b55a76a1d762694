"""Finds visits under a person's account that are not like that person, nor like others in that role.

Each sign counts once: *behaviour* (pace, breadth, lists walked to the end, whole files, another mix of
routes) and *place* (address, office, user agent, hour, two visits at once). Place alone never makes a
finding: people travel. Signs that need neither a past nor peers come from ``sweeps`` and ``offices``.
"""

from __future__ import annotations

from ashiato.engine.findings import offices, sweeps
from ashiato.engine.store import Station

# Floors: nobody reads ten screens at one every ten seconds and writes anything down; a person who looks
# for someone gives up after a few pages of a list and narrows the search.
_FAST_GAP_US = 10_000_000
_FAST_REQUESTS = 10
_FAST_ALONE = 30
_SMALL_ROLE = 300
# A megabyte of text is some thousands of records.
_HEAVY_BYTES = 1_000_000
# Looking at one's own few things again and again may be fast; it is not reading about others.
_BREADTH = 8
# A busy day is twice a usual one; three times the broadest visit of one's own and of most colleagues is none.
_BROAD = 30
_ROLE = 10
_PAGES = 6
_PAGES_ALONE = 10

#: One row per signed-in visit: what it did. Where no log names the account of any of its requests, address
#: and user agent stand for it. Where several accounts signed in as one client, and it is open whose each
#: request is, so many hands may share the work: ``gap_us`` is one hand's.
_VISITS = Station(
    "finding_account_visits",
    """
    WITH role AS (
        SELECT account, MIN(role) AS role FROM (
            SELECT actor_user_name AS account, actor_user_type AS role FROM finding_sign_ins
            UNION
            SELECT actor_user_name AS account, actor_user_type AS role FROM finding_requests
        ) AS told WHERE account IS NOT NULL AND role IS NOT NULL GROUP BY account
    ), signed AS (
        SELECT v.event_id, v.visit, v.address, v.agent, v.session, v.start_us,
               COALESCE(v.account, MIN(v.account) OVER (PARTITION BY v.visit),
                        v.address || ' ' || COALESCE(v.agent, '-')) AS account,
               CASE WHEN v.account IS NULL AND i.accounts > 1 THEN i.accounts ELSE 1 END AS hands
        FROM visits AS v
        LEFT JOIN (
            SELECT s.visit, COUNT(DISTINCT t.account) AS accounts FROM finding_attempts AS t
            JOIN finding_steps AS s ON s.event_id = t.request_id WHERE t.failed = 0 GROUP BY s.visit
        ) AS i ON i.visit = v.visit
        WHERE v.account IS NOT NULL OR i.visit IS NOT NULL
    ), areas AS (
        SELECT visit, area FROM (
            SELECT v.visit, split_part(r.template, '/', 2) AS area,
                   ROW_NUMBER() OVER (PARTITION BY v.visit
                                      ORDER BY COUNT(*) DESC, split_part(r.template, '/', 2)) AS nth
            FROM signed AS v JOIN finding_requests AS r ON r.event_id = v.event_id
            WHERE NOT r.is_static
            GROUP BY v.visit, split_part(r.template, '/', 2)
        ) AS ranked WHERE nth = 1
    ), walks AS (
        SELECT visit, MAX(pages) AS walked, CAST(SUM(pages) AS BIGINT) AS pages FROM (
            SELECT v.visit, r.listing, COUNT(DISTINCT COALESCE(r.page, 1)) AS pages
            FROM signed AS v JOIN finding_requests AS r ON r.event_id = v.event_id
            GROUP BY v.visit, r.listing
            HAVING MAX(r.page) IS NOT NULL
        ) AS lists GROUP BY visit
    ), widths AS (
        SELECT visit, MAX(records) AS widest FROM (
            SELECT v.visit, r.target_shape, COUNT(DISTINCT r.objects) AS records
            FROM signed AS v JOIN finding_requests AS r ON r.event_id = v.event_id
            GROUP BY v.visit, r.target_shape
        ) AS routes GROUP BY visit
    ), paced AS (
        SELECT v.visit, v.account, v.address, v.agent, v.session, v.hands, v.start_us, r.objects,
               COALESCE(r.http_response_body_bytes, r.traffic_out_bytes, 0) AS size,
               v.start_us - LAG(v.start_us) OVER (PARTITION BY v.visit ORDER BY v.start_us, v.event_id) AS
                   gap_us
        FROM signed AS v JOIN finding_requests AS r ON r.event_id = v.event_id
        WHERE NOT r.is_static
    ), told AS (
        SELECT visit, MIN(account) AS account, MIN(session) AS session, MIN(address) AS address,
               MIN(agent) AS agent, MIN(start_us) AS first_us, MAX(start_us) AS last_us,
               COUNT(*) AS requests, COUNT(DISTINCT objects) AS records, CAST(SUM(size) AS BIGINT) AS size,
               MAX(hands) AS hands, CAST(MEDIAN(gap_us) AS BIGINT) * MAX(hands) AS gap_us
        FROM paced GROUP BY visit
    )
    SELECT t.*, COALESCE(k.role, r.role, a.area) AS role, COALESCE(w.walked, 0) AS walked,
           COALESCE(w.pages, 0) AS pages, b.widest,
           ((t.first_us + z.offset_us) // 3600000000) % 24 AS hour
    FROM told AS t
    JOIN areas AS a ON a.visit = t.visit
    JOIN widths AS b ON b.visit = t.visit
    LEFT JOIN role AS r ON r.account = t.account
    LEFT JOIN finding_known_roles AS k ON k.account = t.account
    LEFT JOIN walks AS w ON w.visit = t.visit
    CROSS JOIN finding_clock AS z
    """,
)

#: One row per signed-in visit: the share of its requests that its role's usual mix of routes does not hold.
_MIX = Station(
    "finding_account_mix",
    """
    WITH uses AS (
        SELECT a.role, a.visit, a.requests, r.target_shape, COUNT(*) AS uses
        FROM finding_account_visits AS a
        JOIN visits AS v ON v.visit = a.visit
        JOIN finding_requests AS r ON r.event_id = v.event_id
        WHERE NOT r.is_static
        GROUP BY a.role, a.visit, a.requests, r.target_shape
    ), usual AS (
        SELECT role, target_shape, AVG(uses * 1.0 / requests) AS share, SUM(uses * 1.0 / requests) AS shares
        FROM uses GROUP BY role, target_shape
    ), sizes AS (
        SELECT role, COUNT(*) AS visits FROM finding_account_visits GROUP BY role
    )
    SELECT u.visit,
           CAST(ROUND(100 * SUM(GREATEST(u.uses * 1.0 / u.requests - s.shares / z.visits, 0))) AS BIGINT)
               AS strange
    FROM uses AS u
    JOIN usual AS s ON s.role = u.role AND s.target_shape = u.target_shape
    JOIN sizes AS z ON z.role = u.role
    GROUP BY u.visit
    """,
)

# Quartiles as values at a rank (engines interpolate between values each in its own way).
_RANKED = """
    o.account, o.gap_us, o.size, o.walked, o.widest, m.strange, COUNT(*) OVER (PARTITION BY {group}) AS n,
    ROW_NUMBER() OVER (PARTITION BY {group} ORDER BY o.size) AS size_nth,
    ROW_NUMBER() OVER (PARTITION BY {group} ORDER BY o.walked) AS walked_nth,
    ROW_NUMBER() OVER (PARTITION BY {group} ORDER BY o.widest) AS widest_nth,
    ROW_NUMBER() OVER (PARTITION BY {group} ORDER BY m.strange) AS strange_nth
"""
_QUARTILES = """
    COUNT(DISTINCT account) AS accounts, MEDIAN(gap_us) AS gap_us,
    MIN(CASE WHEN size_nth * 4 >= 3 * n THEN size END) AS size_high,
    MIN(CASE WHEN walked_nth * 4 >= n THEN walked END) AS walked_low,
    MIN(CASE WHEN walked_nth * 4 >= 3 * n THEN walked END) AS walked_high,
    MIN(CASE WHEN widest_nth * 4 >= n THEN widest END) AS widest_low,
    MIN(CASE WHEN widest_nth * 4 >= 3 * n THEN widest END) AS widest_high,
    MIN(CASE WHEN strange_nth * 4 >= n THEN strange END) AS strange_low,
    MIN(CASE WHEN strange_nth * 4 >= 3 * n THEN strange END) AS strange_high
"""

#: One row per signed-in visit that has any: quartiles of what its peers' visits of some length do (Tukey's
#: fences are built on them). In a small role the account itself is left out, so that a thief who makes up
#: half of the role's visits is not measured against himself; in a large one nobody weighs that much.
_PEERS = Station(
    "finding_account_peers",
    f"""
    WITH roles AS (
        SELECT role, COUNT(*) AS visits FROM finding_account_visits GROUP BY role
    ), pooled AS (
        SELECT role, {_QUARTILES} FROM (
            SELECT o.role, {_RANKED.format(group="o.role")}
            FROM finding_account_visits AS o JOIN finding_account_mix AS m ON m.visit = o.visit
            WHERE o.requests >= {_FAST_REQUESTS}
        ) AS ranked GROUP BY role
    ), own AS (
        SELECT visit, {_QUARTILES} FROM (
            SELECT v.visit, {_RANKED.format(group="v.visit")}
            FROM finding_account_visits AS v
            JOIN roles AS r ON r.role = v.role AND r.visits <= {_SMALL_ROLE}
            JOIN finding_account_visits AS o ON o.role = v.role AND o.account <> v.account
            JOIN finding_account_mix AS m ON m.visit = o.visit
            WHERE o.requests >= {_FAST_REQUESTS}
        ) AS ranked GROUP BY visit
    )
    SELECT visit, accounts, gap_us, size_high, walked_low, walked_high, strange_low, strange_high,
           widest_low, widest_high
    FROM own
    UNION ALL
    SELECT v.visit, p.accounts, p.gap_us, p.size_high, p.walked_low, p.walked_high, p.strange_low,
           p.strange_high, p.widest_low, p.widest_high
    FROM finding_account_visits AS v
    JOIN roles AS r ON r.role = v.role AND r.visits > {_SMALL_ROLE}
    JOIN pooled AS p ON p.role = v.role
    """,
)

#: One row per signed-in visit that was answered in a part of the site where nobody else of its role (ten
#: accounts at least) ever is, and people of another role are.
_TRESPASSES = Station(
    "finding_account_trespasses",
    f"""
    WITH uses AS (
        SELECT a.role, a.account, a.visit,
               split_part(r.template, '/', 2) || '/' || split_part(r.template, '/', 3) AS area
        FROM finding_account_visits AS a
        JOIN visits AS v ON v.visit = a.visit
        JOIN finding_requests AS r ON r.event_id = v.event_id
        WHERE r.is_success AND NOT r.is_static AND split_part(r.template, '/', 3) <> ''
        GROUP BY a.role, a.account, a.visit, split_part(r.template, '/', 2), split_part(r.template, '/', 3)
    ), roles AS (
        SELECT role, COUNT(DISTINCT account) AS accounts FROM finding_account_visits GROUP BY role
    ), users AS (
        SELECT area, role, COUNT(DISTINCT account) AS accounts FROM uses GROUP BY area, role
    )
    SELECT DISTINCT u.visit
    FROM uses AS u
    JOIN roles AS r ON r.role = u.role AND r.accounts >= {_ROLE}
    JOIN users AS own ON own.area = u.area AND own.role = u.role AND own.accounts = 1
    JOIN users AS other ON other.area = u.area AND other.role <> u.role AND other.accounts >= 2
    """,
)

#: One row per role x hour of the day in which visits of two or more of its accounts run.
_HOURS = Station(
    "finding_account_hours",
    """
    SELECT a.role, ((v.start_us + z.offset_us) // 3600000000) % 24 AS hour,
           COUNT(DISTINCT a.account) AS accounts
    FROM finding_account_visits AS a
    JOIN visits AS v ON v.visit = a.visit
    CROSS JOIN finding_clock AS z
    GROUP BY a.role, ((v.start_us + z.offset_us) // 3600000000) % 24
    """,
)

#: One row per signed-in visit, with what is usual: for its peers, else (fewer than two of them) for itself.
_USUAL = Station(
    "finding_account_usual",
    f"""
    WITH own AS (
        SELECT v.visit, COUNT(o.visit) AS visits,
               SUM(CASE WHEN o.address = v.address THEN 1 ELSE 0 END) AS same_address,
               SUM(CASE WHEN o.agent = v.agent THEN 1 ELSE 0 END) AS same_agent,
               MAX(o.widest) AS widest_before,
               SUM(CASE WHEN (o.address <> v.address OR o.agent <> v.agent OR o.session <> v.session)
                         AND o.first_us <= v.last_us AND o.last_us >= v.first_us THEN 1 ELSE 0 END) AS
                             at_once,
               MEDIAN(CASE WHEN o.requests >= {_FAST_REQUESTS} THEN o.gap_us END) AS gap_us,
               MEDIAN(CASE WHEN o.requests >= {_FAST_REQUESTS} THEN o.walked END) AS walked
        FROM finding_account_visits AS v
        LEFT JOIN finding_account_visits AS o ON o.account = v.account AND o.visit <> v.visit
        GROUP BY v.visit
    )
    SELECT v.*, m.strange, COALESCE(p.accounts, 0) AS peers, o.visits AS other_visits, o.same_address,
           o.same_agent, o.at_once, o.widest_before, p.size_high, p.widest_low, p.widest_high,
           p.strange_low, p.strange_high,
           CASE WHEN p.accounts >= 2 THEN p.gap_us ELSE o.gap_us END AS usual_gap_us,
           CASE WHEN p.accounts >= 2 THEN p.walked_high ELSE o.walked END AS usual_walked,
           CASE WHEN p.accounts >= 2 THEN p.walked_high - p.walked_low ELSE 0 END AS spread_walked
    FROM finding_account_visits AS v
    JOIN finding_account_mix AS m ON m.visit = v.visit
    JOIN own AS o ON o.visit = v.visit
    LEFT JOIN finding_account_peers AS p ON p.visit = v.visit
    """,
)

#: One row per signed-in visit x sign that it is not the account's owner: 1 where the sign is there. People
#: travel, their sessions do not run on two programs in two places at once.
_SIGNS = Station(
    "finding_account_signs",
    f"""
    SELECT u.*,
           CASE WHEN requests >= {_FAST_REQUESTS} AND records + pages >= {_BREADTH}
                 AND u.gap_us <= {_FAST_GAP_US}
                 AND (u.gap_us * 5 <= usual_gap_us
                      OR (requests >= {_FAST_ALONE} AND u.gap_us * 3 <= {_FAST_GAP_US}
                          AND u.gap_us * 2 <= COALESCE(usual_gap_us, 2 * u.gap_us)))
                THEN 1 ELSE 0 END AS is_fast,
           CASE WHEN walked >= CASE WHEN usual_walked IS NULL THEN {_PAGES_ALONE} ELSE {_PAGES} END
                 AND walked > COALESCE(usual_walked + 3 * spread_walked, 0)
                THEN 1 ELSE 0 END AS is_walking,
           CASE WHEN peers >= 2 AND u.size >= {_HEAVY_BYTES} AND u.size > 10 * size_high
                THEN 1 ELSE 0 END AS is_heavy,
           CASE WHEN NOT (peers >= 3 AND other_visits >= 2 AND widest >= {_BROAD}
                          AND widest > widest_high + 3 * (widest_high - widest_low)) THEN 0
                WHEN widest >= 5 * widest_before AND widest >= 5 * widest_high THEN 3
                WHEN widest >= 3 * widest_before AND widest >= 3 * widest_high THEN 2
                ELSE 0 END AS breadth,
           w.lists, w.largest, w.is_swift, w.is_sweeping, w.is_alone, w.is_file, w.is_only_files, f.outside,
           CASE WHEN t.visit IS NULL THEN 0 ELSE 1 END AS is_trespassing,
           CASE WHEN at_once > 0 AND same_address = 0 AND u.session IS NOT NULL
                 AND u.visit <> 's:' || u.session THEN 1 ELSE 0 END AS is_shared,
           CASE WHEN requests >= {_FAST_REQUESTS} AND peers >= 3 AND strange >= 50
                 AND strange > strange_high + 1.5 * (strange_high - strange_low)
                THEN 1 ELSE 0 END AS is_strange,
           CASE WHEN other_visits >= 2 AND same_address = 0 THEN 1 ELSE 0 END AS is_elsewhere,
           CASE WHEN other_visits >= 2 AND same_agent = 0 THEN 1 ELSE 0 END AS is_other_agent,
           CASE WHEN at_once > 0 THEN 1 ELSE 0 END AS is_at_once,
           CASE WHEN peers >= 3 AND COALESCE(h.accounts, 0) <= 1 THEN 1 ELSE 0 END AS is_odd_hour
    FROM finding_account_usual AS u
    JOIN finding_account_sweeps AS w ON w.visit = u.visit
    JOIN finding_account_offices AS f ON f.visit = u.visit
    LEFT JOIN finding_account_trespasses AS t ON t.visit = u.visit
    LEFT JOIN finding_account_hours AS h ON h.role = u.role AND h.hour = u.hour
    """,
)

_JUDGED = Station(
    "finding_takeovers",
    """
    SELECT * FROM (
        SELECT s.*,
               GREATEST(2 * is_fast, 3 * is_swift) + 2 * GREATEST(is_heavy, is_file) + is_only_files
                   + 2 * (is_walking + is_trespassing + is_shared) + breadth + is_strange
                   + CASE WHEN outside > 0 THEN is_sweeping + is_alone ELSE 0 END AS behaviour,
               GREATEST(is_elsewhere, outside) + is_other_agent + is_at_once + is_odd_hour AS place
        FROM finding_account_signs AS s
    ) AS judged
    WHERE behaviour >= 1 AND behaviour + place >= 3
    """,
)

_FOUND = Station(
    "found_takeover",
    f"""
    SELECT 'account-not-its-owner' AS rule, 'behaviour' AS rule_kind, 'T1078' AS technique, visit AS key,
           CASE WHEN (behaviour >= 2 AND behaviour + place >= 4) OR (place >= 2 AND records + pages >=
               {_FAST_REQUESTS})
                THEN 'high' ELSE 'medium' END AS level,
           CASE WHEN behaviour - breadth >= 4
                  OR (behaviour - breadth >= 2 AND behaviour - breadth + place >= 5) THEN 0.95
                WHEN behaviour >= 2 AND behaviour + place >= 4 THEN 0.85
                WHEN is_swift + is_only_files > 0 OR ((is_file = 1 OR is_alone = 1) AND outside > 0)
                  OR (place >= 2 AND records + GREATEST(pages, lists) >= {_FAST_REQUESTS}) THEN 0.8
                ELSE 0.6 END AS certainty,
           'account' AS actor_kind, account AS actor, behaviour + place AS observed, 0 AS expected,
           'unlike-owner-and-peers(requests=' || CAST(requests AS VARCHAR) || ',records='
               || CAST(records AS VARCHAR)
               || ',seconds-between=' || CAST(gap_us // 1000000 AS VARCHAR)
               || ',usual-seconds=' || COALESCE(CAST(CAST(usual_gap_us AS BIGINT) // 1000000 AS VARCHAR), '?')
               || ',pages-in-a-row=' || CAST(walked AS VARCHAR)
               || ',usual-pages=' || COALESCE(CAST(CAST(usual_walked AS BIGINT) AS VARCHAR), '?')
               || ',of-one-kind=' || CAST(widest AS VARCHAR)
               || ',most-else=' || COALESCE(CAST(widest_before AS VARCHAR), '?')
               || ',usual-of-one-kind=' || COALESCE(CAST(widest_high AS VARCHAR), '?')
               || ',bytes=' || CAST(size AS VARCHAR)
               || ',usual-bytes=' || COALESCE(CAST(CAST(size_high AS BIGINT) AS VARCHAR), '?')
               || ',lists=' || CAST(lists AS VARCHAR)
               || ',largest-reply=' || CAST(largest AS VARCHAR)
               || ',faster-than-a-hand=' || CAST(is_swift AS VARCHAR)
               || ',lists-without-opening=' || CAST(is_sweeping AS VARCHAR)
               || ',where-colleagues-open=' || CAST(is_alone AS VARCHAR)
               || ',file-nobody-else-takes=' || CAST(is_file AS VARCHAR)
               || ',nothing-but-files=' || CAST(is_only_files AS VARCHAR)
               || ',strange-routes-percent=' || CAST(strange AS VARCHAR)
               || ',usual-percent=' || COALESCE(CAST(CAST(strange_high AS BIGINT) AS VARCHAR), '?')
               || ',another-roles-pages=' || CAST(is_trespassing AS VARCHAR)
               || ',session-of-another-program=' || CAST(is_shared AS VARCHAR)
               || ',new-address=' || CAST(is_elsewhere AS VARCHAR)
               || ',outside-the-office=' || CAST(outside AS VARCHAR)
               || ',new-user-agent=' || CAST(is_other_agent AS VARCHAR)
               || ',two-at-once=' || CAST(is_at_once AS VARCHAR)
               || ',odd-hour=' || CAST(is_odd_hour AS VARCHAR) || ')' AS why
    FROM finding_takeovers
    """,
)

_EVENTS = Station(
    "found_takeover_events",
    """
    SELECT t.visit AS key, v.event_id FROM finding_takeovers AS t JOIN visits AS v ON v.visit = t.visit
    """,
)

STATIONS = (
    _VISITS,
    _MIX,
    _PEERS,
    _TRESPASSES,
    _HOURS,
    _USUAL,
    *offices.STATIONS,
    *sweeps.STATIONS,
    _SIGNS,
    _JUDGED,
    _FOUND,
    _EVENTS,
)
