"""Finds lists of records that no hand asks for, where only the database's log is left.

Behind a shared database user nobody can be told apart. What shows a program or a thief is the statement: one
that lists far more than its shape usually does, lists faster than anybody reads, or one list turned page by
page.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from ashiato.engine.findings import list_askers
from ashiato.engine.findings.list_values import ROWS, list_of
from ashiato.engine.findings.readings import IS_MYSQL
from ashiato.engine.findings.statements import pieces_of
from ashiato.engine.findings.wording import plain
from ashiato.engine.store import Station, Store

# A hundred records in one reply, and twenty times what the lowest tenth of its shape's replies holds, is no
# page; nor are a thousand of them, or a thousand named a hundred and more at a time. What is asked for all
# the time, or at the same hour of other days, is the application's way.
_WIDE = 100
_TIMES = 20
# Nobody reads a screen a second for thirty screens, nor turns twenty pages of one list in two hours.
_WINDOW_US = 30_000_000
_SCREENS = 30
_PAGES = 20
# Of a session that somebody stole, more than these came then.
_STOLEN = 10
_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
# In a log of fewer windows most may be the thief's.
_WINDOWS_TO_COMPARE = 20

_VALUES = pa.schema(
    [
        ("statement", pa.string()),
        ("binds", pa.string()),
        ("mysql", pa.bool_()),
        ("listing", pa.string()),
        ("page", pa.int64()),
        ("width", pa.int64()),
        ("named", pa.int64()),
    ]
)
# With a log of requests, whatever no request explains is a job of the operator's.
_TEXTS = f"""
SELECT query_text AS text, COALESCE(query_binds, '') AS binds, {IS_MYSQL} AS mysql,
       MAX(query_rows) AS given
FROM finding_statements
WHERE query_text IS NOT NULL AND (SELECT COUNT(*) FROM finding_requests) = 0
GROUP BY query_text, COALESCE(query_binds, ''), {IS_MYSQL}
ORDER BY mysql, text, binds
"""


def read_lists(store: Store) -> None:
    """Write ``finding_list_values``: one row per statement that lists; none where requests are logged."""
    rows = [row for batch in store.batches(_TEXTS) for row in _rows_of(batch)]
    columns = zip(*rows, strict=True) if rows else ([] for _ in _VALUES)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, _VALUES, strict=True)]
    store.write_as("finding_list_values", pa.table(arrays, schema=_VALUES))


def _rows_of(batch: pa.RecordBatch) -> Iterator[tuple[str, str, bool, str, int | None, int | None, int]]:
    for text, binds, mysql, given in zip(*batch.to_pydict().values(), strict=True):
        found = list_of(pieces_of(text, mysql=mysql), binds, given)
        if found is not None:
            yield text, binds, mysql, found.listing, found.page, found.width, found.named


#: One row per statement that lists, with how many records it gave, else could give, and whether it is another
#: list than the one before. What the data map calls an honest machine is left out.
_LISTS = Station(
    "finding_lists",
    f"""
    WITH known AS (
        SELECT DISTINCT value FROM finding_known WHERE kind = 'machine'
    ), told AS (
        SELECT q.event_id, q.start_us, q.query_shape, COALESCE(q.database_user_name, '?') AS account,
               l.listing, COALESCE(l.page, 0) AS page, COALESCE(q.query_rows, l.width) AS width, l.named,
               q.start_us // {_DAY_US} AS day,
               q.start_us % {_DAY_US} // {_HOUR_US} AS hour_of_day
        FROM finding_statements AS q
        JOIN finding_list_values AS l
          ON l.statement = q.query_text AND l.binds = COALESCE(q.query_binds, '')
         AND l.mysql = ({IS_MYSQL.replace("source_format", "q.source_format")})
        LEFT JOIN known AS k ON k.value = q.database_user_name
        LEFT JOIN known AS m ON m.value = q.database_application
        WHERE k.value IS NULL AND m.value IS NULL
    )
    SELECT t.*, CASE WHEN LAG(listing) OVER mine = listing AND LAG(page) OVER mine = page
                     THEN 0 ELSE 1 END AS is_another
    FROM told AS t
    WINDOW mine AS (PARTITION BY account, query_shape ORDER BY start_us, event_id)
    """,
)

#: One row per list far wider than its shape's lowest tenth, or one of a thousand rows, or one of those that
#: together name a thousand records, where all such lists of the shape fall into a quarter of the log.
_WIDE_ONES = Station(
    "finding_wide_lists",
    f"""
    WITH ranked AS (
        SELECT account, query_shape, width,
               COUNT(*) OVER (PARTITION BY account, query_shape) AS n,
               ROW_NUMBER() OVER (PARTITION BY account, query_shape ORDER BY width, event_id) AS nth
        FROM finding_lists WHERE width IS NOT NULL
    ), usual AS (
        SELECT account, query_shape, GREATEST(MIN(CASE WHEN nth * 10 >= n THEN width END), 1) AS width
        FROM ranked GROUP BY account, query_shape
    ), wide AS (
        SELECT l.*, u.width AS usual,
               MAX(l.start_us) OVER mine - MIN(l.start_us) OVER mine AS span_us,
               SUM(CASE WHEN l.named >= {_WIDE} THEN l.named * l.is_another ELSE 0 END) OVER mine AS all_named
        FROM finding_lists AS l
        JOIN usual AS u ON u.account = l.account AND u.query_shape = l.query_shape
        WHERE l.width >= {_WIDE}
          AND (l.width >= {_TIMES} * u.width OR l.width >= {ROWS} OR l.named >= {_WIDE})
        WINDOW mine AS (PARTITION BY l.account, l.query_shape)
    ), logged AS (
        SELECT MAX(start_us) - MIN(start_us) AS span_us FROM finding_statements
    )
    SELECT w.account, w.query_shape, w.event_id, w.day, w.hour_of_day, w.usual
    FROM wide AS w CROSS JOIN logged AS l
    WHERE w.span_us * 4 <= l.span_us AND (w.width >= {_TIMES} * w.usual OR w.all_named >= {ROWS}
                                       OR w.width >= {ROWS})
    """,
)

#: One row per list of a run of lists that comes faster than anybody reads: thirty in half a minute before it
#: or after it, and five times what half of the log's half minutes have.
_SWIFT = Station(
    "finding_swift_lists",
    f"""
    WITH windows AS (
        SELECT account, query_shape, start_us // {_WINDOW_US} AS piece, SUM(is_another) AS lists
        FROM finding_lists GROUP BY account, query_shape, start_us // {_WINDOW_US}
    ), logged AS (
        SELECT COUNT(DISTINCT start_us // {_WINDOW_US}) AS n FROM finding_statements
    ), ranked AS (
        SELECT w.*, l.n, ROW_NUMBER() OVER (PARTITION BY account, query_shape ORDER BY lists DESC, piece)
                   AS nth
        FROM windows AS w CROSS JOIN logged AS l
    ), usual AS (
        SELECT account, query_shape,
               COALESCE(MAX(CASE WHEN nth * 2 > n THEN lists END), 0) AS lists
        FROM ranked WHERE n >= {_WINDOWS_TO_COMPARE} GROUP BY account, query_shape
    ), near AS (
        SELECT account, query_shape, event_id, day, hour_of_day,
               SUM(is_another) OVER (PARTITION BY account, query_shape ORDER BY start_us
                   RANGE BETWEEN {_WINDOW_US} PRECEDING AND CURRENT ROW) AS before,
               SUM(is_another) OVER (PARTITION BY account, query_shape ORDER BY start_us
                   RANGE BETWEEN CURRENT ROW AND {_WINDOW_US} FOLLOWING) AS after
        FROM finding_lists
    )
    SELECT n.account, n.query_shape, n.event_id, n.day, n.hour_of_day, u.lists AS usual
    FROM near AS n JOIN usual AS u ON u.account = n.account AND u.query_shape = n.query_shape
    WHERE GREATEST(n.before, n.after) >= {_SCREENS} AND GREATEST(n.before, n.after) >= 5 * (u.lists + 1)
    """,
)

#: One row per such list but for the few of sessions that mostly list at other times: where sessions are told,
#: so is who merely works beside a program.
_SWIFT_ONES = Station(
    "finding_swift_signs",
    f"""
    WITH others AS (
        SELECT t.asker FROM finding_asker_turns AS t
        JOIN finding_lists AS l ON l.event_id = t.event_id
        LEFT JOIN finding_swift_lists AS s ON s.event_id = t.event_id
        GROUP BY t.asker HAVING COUNT(s.event_id) * 2 < COUNT(*) AND COUNT(s.event_id) < {_STOLEN}
    )
    SELECT s.* FROM finding_swift_lists AS s
    LEFT JOIN finding_asker_turns AS t ON t.event_id = s.event_id
    LEFT JOIN others AS o ON o.asker = t.asker
    WHERE o.asker IS NULL
    """,
)

#: One row per list of which twenty pages were asked for within an hour of the clock and its neighbour.
_TURNED = Station(
    "finding_turned_lists",
    f"""
    WITH hours AS (
        SELECT account, query_shape, listing, start_us // {_HOUR_US} AS hour FROM finding_lists
        UNION
        SELECT account, query_shape, listing, start_us // {_HOUR_US} - 1 AS hour FROM finding_lists
    ), turned AS (
        SELECT h.account, h.query_shape, h.listing, h.hour
        FROM hours AS h
        JOIN finding_lists AS l
          ON l.account = h.account AND l.query_shape = h.query_shape AND l.listing = h.listing
         AND l.start_us // {_HOUR_US} IN (h.hour, h.hour + 1)
        GROUP BY h.account, h.query_shape, h.listing, h.hour
        HAVING COUNT(DISTINCT l.page) >= {_PAGES}
    )
    SELECT DISTINCT l.account, l.query_shape, l.event_id, l.day, l.hour_of_day, 1 AS usual
    FROM turned AS t
    JOIN finding_lists AS l
      ON l.account = t.account AND l.query_shape = t.query_shape AND l.listing = t.listing
     AND l.start_us // {_HOUR_US} IN (t.hour, t.hour + 1)
    """,
)

#: One row per sign x statement. What comes at the same hour of another day too is routine; of sessions, at
#: that of two others: whoever stole one comes back.
_SIGNS = Station(
    "finding_list_signs",
    """
    WITH signs AS (
        SELECT 'wide' AS sign, w.* FROM finding_wide_lists AS w
        UNION ALL
        SELECT 'fast' AS sign, s.* FROM finding_swift_signs AS s
        UNION ALL
        SELECT 'turned' AS sign, t.* FROM finding_turned_lists AS t
        UNION ALL
        SELECT a.* FROM finding_session_lists AS a
    ), routine AS (
        SELECT s.sign, s.account, s.query_shape, s.hour_of_day
        FROM signs AS s LEFT JOIN finding_asker_turns AS t ON t.event_id = s.event_id
        GROUP BY s.sign, s.account, s.query_shape, s.hour_of_day
        HAVING COUNT(DISTINCT s.day) > CASE WHEN COUNT(t.event_id) * 2 > COUNT(*) THEN 2 ELSE 1 END
    )
    SELECT t.sign, t.account, t.query_shape, t.event_id, t.usual
    FROM signs AS t
    LEFT JOIN routine AS r ON r.sign = t.sign AND r.account = t.account AND r.query_shape = t.query_shape
     AND r.hour_of_day = t.hour_of_day
    WHERE r.sign IS NULL
    """,
)

_FOUND = Station(
    "found_lists",
    f"""
    SELECT 'statements-listing-many' AS rule, 'behaviour' AS rule_kind, 'T1213.006' AS technique,
           s.account || '|' || s.query_shape AS key, 'high' AS level, 0.8 AS certainty,
           'database_user' AS actor_kind, s.account AS actor, COUNT(DISTINCT s.event_id) AS observed,
           MAX(s.usual) AS expected,
           'lists-beyond-reading(statement=' || {plain("s.query_shape")} || ',lists='
               || CAST(COUNT(DISTINCT s.event_id) AS VARCHAR)
               || ',widest=' || CAST(COALESCE(MAX(l.width), 0) AS VARCHAR)
               || ',far-wider-than-usual=' || CAST(MAX(CASE WHEN sign = 'wide' THEN 1 ELSE 0 END) AS VARCHAR)
               || ',faster-than-reading=' || CAST(MAX(CASE WHEN sign = 'fast' THEN 1 ELSE 0 END) AS VARCHAR)
               || ',page-by-page=' || CAST(MAX(CASE WHEN sign = 'turned' THEN 1 ELSE 0 END) AS VARCHAR)
               || ',nobody-opened=' || CAST(MAX(CASE WHEN sign = 'unopened' THEN 1 ELSE 0 END) AS VARCHAR)
               || ')' AS why
    FROM finding_list_signs AS s JOIN finding_lists AS l ON l.event_id = s.event_id
    GROUP BY s.account, s.query_shape
    """,
)

_EVENTS = Station(
    "found_lists_events",
    "SELECT DISTINCT account || '|' || query_shape AS key, event_id FROM finding_list_signs",
)

STATIONS = (_LISTS, *list_askers.STATIONS, _WIDE_ONES, _SWIFT, _SWIFT_ONES, _TURNED, _SIGNS, _FOUND, _EVENTS)
