"""Tells for whom a list was asked where only the database's log is left: by the session looked up before it.

Applications that keep sessions in their database look one up at each request, before they do what is asked.
Where two requests cross, the list is the last one's, and may be the other's.
"""

from __future__ import annotations

from ashiato.engine.store import Station

# What stands for a session: an opaque word. People's words, mail addresses and numbers are none.
_OPAQUE = "^[A-Za-z0-9_+/=.-]{12,200}$"
# A session is looked up with each of its requests.
_TIMES = 2
# What an application does for a request begins within a second of the session's look-up, and mostly at once.
_SOON_US = 1_000_000
_AT_ONCE_US = 100_000
# Thirty screens at one a second or faster; ten lists without anybody opened, where colleagues (three, with
# three lists each) open somebody.
_SCREENS = 30
_LISTS = 10
_PEERS = 3

#: One row per look-up of a session: of statements that look for an opaque word, the shape run most often,
#: each word again and again. None where requests are logged.
_LOOKUPS = Station(
    "finding_session_lookups",
    f"""
    WITH opaque AS (
        SELECT q.event_id, q.start_us, q.query_shape, q.sought,
               COUNT(*) OVER (PARTITION BY query_shape) AS n
        FROM finding_statements AS q CROSS JOIN (SELECT COUNT(*) AS n FROM finding_requests) AS r
        WHERE r.n = 0 AND regexp_matches(COALESCE(q.sought, ''), '{_OPAQUE}')
    ), ranked AS (
        SELECT query_shape, ROW_NUMBER() OVER (ORDER BY COUNT(*) DESC, query_shape) AS nth
        FROM opaque GROUP BY query_shape
        HAVING COUNT(*) >= {_TIMES} * COUNT(DISTINCT sought) AND COUNT(DISTINCT sought) > 1
    )
    SELECT o.event_id, o.start_us, o.sought AS asker
    FROM opaque AS o JOIN ranked AS r ON r.query_shape = o.query_shape AND r.nth = 1
    """,
)

#: One row per statement after such a look-up: the look-up's number, and whose session it is.
_TURNS = Station(
    "finding_asker_turns",
    f"""
    WITH numbered AS (
        SELECT q.event_id, q.start_us, COALESCE(q.database_user_name, '?') AS account, q.sought, k.asker,
               SUM(CASE WHEN k.event_id IS NULL THEN 0 ELSE 1 END)
                   OVER (ORDER BY q.start_us, q.event_id ROWS UNBOUNDED PRECEDING) AS turn
        FROM finding_statements AS q LEFT JOIN finding_session_lookups AS k ON k.event_id = q.event_id
    )
    SELECT s.event_id, s.account, s.sought, s.turn, k.asker
    FROM numbered AS s JOIN numbered AS k ON k.turn = s.turn AND k.asker IS NOT NULL
    WHERE s.asker IS NULL AND s.start_us <= k.start_us + {_SOON_US}
    """,
)

#: One row per session x shape of lists, with its lists, its time, and how many records it opened as the
#: same database user: values looked for, but for those of every other request, which are of whoever asks.
_ASKERS = Station(
    "finding_list_askers",
    f"""
    WITH turns AS (
        SELECT asker, COUNT(DISTINCT turn) AS turns FROM finding_asker_turns GROUP BY asker
    ), opened AS (
        SELECT asker, account, COUNT(*) AS opened FROM (
            SELECT t.asker, t.account, t.sought, COUNT(DISTINCT t.turn) AS times, MAX(n.turns) AS turns
            FROM finding_asker_turns AS t
            JOIN turns AS n ON n.asker = t.asker
            LEFT JOIN finding_lists AS l ON l.event_id = t.event_id
            WHERE t.sought IS NOT NULL AND l.event_id IS NULL
            GROUP BY t.asker, t.account, t.sought
        ) AS looked WHERE times * 2 < turns GROUP BY asker, account
    )
    SELECT t.asker, l.account, l.query_shape, COALESCE(MAX(o.opened), 0) AS opened,
           COUNT(DISTINCT l.listing || '#' || CAST(l.page AS VARCHAR)) AS lists,
           COUNT(*) * {_SOON_US} >= MAX(l.start_us) - MIN(l.start_us) AS is_fast
    FROM finding_asker_turns AS t
    JOIN finding_lists AS l ON l.event_id = t.event_id
    LEFT JOIN opened AS o ON o.asker = t.asker AND o.account = l.account
    GROUP BY t.asker, l.account, l.query_shape
    """,
)

#: One row per session x shape that lists faster than anybody reads, or lists only where its colleagues open
#: somebody for every other list.
_JUDGED = Station(
    "finding_listing_sessions",
    f"""
    WITH peers AS (
        SELECT account, query_shape, COUNT(*) AS askers,
               SUM(CASE WHEN opened * 2 >= lists THEN 1 ELSE 0 END) AS openers
        FROM finding_list_askers WHERE lists >= {_PEERS} GROUP BY account, query_shape
    )
    SELECT a.asker, a.account, a.query_shape,
           CASE WHEN a.lists >= {_SCREENS} AND a.is_fast THEN 'fast' ELSE 'unopened' END AS sign, 1 AS usual
    FROM finding_list_askers AS a
    JOIN peers AS p ON p.account = a.account AND p.query_shape = a.query_shape
    WHERE (a.lists >= {_SCREENS} AND a.is_fast)
       OR (a.lists >= {_LISTS} AND a.opened * 10 < a.lists
           AND p.openers >= {_PEERS} AND p.openers * 2 >= p.askers)
    """,
)

#: One row per list of such a session, and per list of its shape that came at once after one of its look-ups:
#: it may be its own, where requests crossed.
_EVENTS = Station(
    "finding_session_lists",
    f"""
    SELECT DISTINCT j.sign, j.account, j.query_shape, l.event_id, l.day, l.hour_of_day, j.usual
    FROM finding_listing_sessions AS j
    JOIN finding_session_lookups AS k ON k.asker = j.asker
    JOIN finding_lists AS l ON l.account = j.account AND l.query_shape = j.query_shape
     AND l.start_us BETWEEN k.start_us AND k.start_us + {_AT_ONCE_US}
    UNION
    SELECT DISTINCT j.sign, j.account, j.query_shape, l.event_id, l.day, l.hour_of_day, j.usual
    FROM finding_listing_sessions AS j
    JOIN finding_asker_turns AS t ON t.asker = j.asker
    JOIN finding_lists AS l ON l.event_id = t.event_id
     AND l.account = j.account AND l.query_shape = j.query_shape
    """,
)

STATIONS = (_LOOKUPS, _TURNS, _ASKERS, _JUDGED, _EVENTS)
