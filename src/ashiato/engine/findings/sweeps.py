"""Says what a signed-in visit does that no hand does, or takes that nobody else takes.

These signs need neither the account's past nor its peers' habits, so they hold in a log of a few minutes.
"""

from __future__ import annotations

from ashiato.engine.store import Station

# Nobody reads a screen a second for thirty screens, nor ten lists without opening anybody on them.
_SWIFT_GAP_US = 1_000_000
_SWIFT_SCREENS = 30
_LISTS = 10
# A hundred kilobytes of text in one reply are some hundreds of records; what weighs twenty times the site's
# middle reply is a file, not a page. What three others are given of the same route is nobody's alone.
_FILE_BYTES = 100_000
_FILE_TIMES = 20
#: So many others who are given as much by a route make it everybody's.
OTHERS = 3

#: One row per answered request that is no picture or script: its list, size, and whether it is a file.
_ANSWERS = Station(
    "finding_answers",
    f"""
    WITH replies AS (
        SELECT r.event_id, r.target_shape, r.objects,
               COALESCE(r.http_response_body_bytes, r.traffic_out_bytes, 0) AS size,
               CASE WHEN r.objects IS NULL AND (r.page IS NOT NULL OR r.listing NOT LIKE '%?')
                    THEN r.listing || '#' || CAST(COALESCE(r.page, 1) AS VARCHAR) END AS list
        FROM finding_requests AS r WHERE r.is_success AND NOT r.is_static
    ), middle AS (
        SELECT COALESCE(MEDIAN(size), 0) AS size FROM replies
    )
    SELECT r.*, CASE WHEN r.size >= {_FILE_BYTES} AND r.size >= {_FILE_TIMES} * m.size THEN 1 ELSE 0 END
               AS is_file
    FROM replies AS r CROSS JOIN middle AS m
    """,
)

#: One row per signed-in visit x such an answer.
_REPLIES = Station(
    "finding_account_replies",
    """
    SELECT v.visit, a.account, r.target_shape, r.objects, r.list, r.size, r.is_file
    FROM finding_answers AS r
    JOIN visits AS v ON v.event_id = r.event_id
    JOIN finding_account_visits AS a ON a.visit = v.visit
    """,
)

#: One row per signed-in visit with a file that fewer than three other accounts were given of that route, and
#: that is three times what the account's other visits were given of it.
_FILES = Station(
    "finding_account_files",
    f"""
    WITH given AS (
        SELECT visit, account, target_shape, MAX(size) AS size FROM finding_account_replies
        WHERE is_file = 1 GROUP BY visit, account, target_shape
    )
    SELECT g.visit, MAX(g.size) AS largest
    FROM (
        SELECT g.visit, g.target_shape, g.size,
               COUNT(DISTINCT CASE WHEN o.account <> g.account THEN o.account END) AS others,
               COUNT(CASE WHEN o.account = g.account AND o.visit <> g.visit THEN 1 END) AS again
        FROM given AS g
        LEFT JOIN given AS o ON o.target_shape = g.target_shape AND o.size * 3 >= g.size
        GROUP BY g.visit, g.target_shape, g.size
    ) AS g
    WHERE others < {OTHERS} AND again = 0
    GROUP BY g.visit
    """,
)

#: One row per signed-in visit with its signs. Hardly anything but files in a short part of the log, by an
#: account of which nothing else is known, is what a thief's program does; a customer's and a partner's do
#: something else, or come back. Lists without anybody opened stand alone where all colleagues that ask for
#: lists open people, three of them at least.
_SWEEPS = Station(
    "finding_account_sweeps",
    f"""
    WITH told AS (
        SELECT visit, COUNT(DISTINCT list) AS lists, MAX(size) AS largest, COUNT(*) AS replies,
               SUM(is_file) AS files, COUNT(COALESCE(objects, list)) AS screens
        FROM finding_account_replies GROUP BY visit
    ), logged AS (
        SELECT MAX(start_us) - MIN(start_us) AS span_us FROM finding_requests
    ), listers AS (
        SELECT o.role, u.account,
               CASE WHEN SUM(u.records) * 10 >= SUM(t.lists) THEN 1 ELSE 0 END AS is_opener
        FROM finding_account_usual AS u
        JOIN finding_account_offices AS o ON o.visit = u.visit
        JOIN told AS t ON t.visit = u.visit AND t.lists > 0
        GROUP BY o.role, u.account
    ), openers AS (
        SELECT role, COUNT(*) AS accounts, SUM(is_opener) AS openers FROM listers GROUP BY role
    )
    SELECT u.visit, COALESCE(t.lists, 0) AS lists, COALESCE(t.largest, 0) AS largest,
           CASE WHEN u.records + COALESCE(t.lists, 0) >= {_SWIFT_SCREENS}
                 AND (u.last_us - u.first_us) * u.hands <= t.screens * {_SWIFT_GAP_US}
                 AND u.gap_us * 2 <= COALESCE(usual_gap_us, 2 * u.gap_us)
                THEN 1 ELSE 0 END AS is_swift,
           CASE WHEN COALESCE(t.lists, 0) >= {_LISTS} AND u.records * 10 < t.lists THEN 1 ELSE 0 END
               AS is_sweeping,
           CASE WHEN COALESCE(t.lists, 0) >= {_LISTS} AND u.records * 10 < t.lists
                 AND p.openers >= {OTHERS} AND p.openers >= p.accounts - 1 THEN 1 ELSE 0 END AS is_alone,
           CASE WHEN f.visit IS NULL THEN 0 ELSE 1 END AS is_file,
           CASE WHEN f.visit IS NOT NULL AND t.files * 2 >= t.replies AND u.peers < 2 AND u.other_visits = 0
                 AND o.is_inside = 0 AND (u.last_us - u.first_us) * 4 <= l.span_us
                THEN 1 ELSE 0 END AS is_only_files
    FROM finding_account_usual AS u
    JOIN finding_account_offices AS o ON o.visit = u.visit
    LEFT JOIN told AS t ON t.visit = u.visit
    LEFT JOIN finding_account_files AS f ON f.visit = u.visit
    LEFT JOIN openers AS p ON p.role = o.role
    CROSS JOIN logged AS l
    """,
)

STATIONS = (_ANSWERS, _REPLIES, _FILES, _SWEEPS)
