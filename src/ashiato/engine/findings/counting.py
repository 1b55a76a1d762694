"""Finds statements that count through records where only the database's log is left.

Behind a shared database user nobody can be told apart: what shows a walk is one statement, asked for number
after number, in an hour far busier with it than its others.
"""

from __future__ import annotations

from ashiato.engine.findings.walks import CHANCE, STEP, STEPS
from ashiato.engine.findings.wording import plain
from ashiato.engine.store import Station

_HOUR_US = 3_600_000_000
_RECORDS = 30
# A log of fewer hours has no other ones to compare with: there the order of the numbers alone must tell.
_HOURS_TO_COMPARE = 3

#: One row per statement that looks for one number, where no log of requests exists at all: with one, whatever
#: no request explains is a job of the operator's.
_LOOKUPS = Station(
    "finding_lookups",
    f"""
    WITH requests AS (
        SELECT COUNT(*) AS n FROM finding_requests
    ), known AS (
        SELECT DISTINCT value FROM finding_known WHERE kind = 'machine'
    )
    SELECT q.event_id, q.start_us, q.query_shape, q.sought_number, q.database_user_name AS account,
           q.start_us // {_HOUR_US} AS hour
    FROM finding_statements AS q CROSS JOIN requests AS r
    LEFT JOIN known AS k ON k.value = q.database_user_name
    LEFT JOIN known AS m ON m.value = q.database_application
    WHERE r.n = 0 AND q.sought_number IS NOT NULL AND k.value IS NULL AND m.value IS NULL
    """,
)

#: One row per shape x hour in which far more records are looked for than in the shape's other hours, if there
#: are any, and at no other day's same hour: what comes back daily is routine.
_HOURS = Station(
    "finding_lookup_hours",
    f"""
    WITH hours AS (
        SELECT query_shape, account, hour, COUNT(DISTINCT sought_number) AS records, COUNT(*) AS lookups
        FROM finding_lookups GROUP BY query_shape, account, hour
    ), logged AS (
        SELECT COUNT(DISTINCT start_us // {_HOUR_US}) AS n FROM finding_statements
    ), ranked AS (
        SELECT h.*, l.n, ROW_NUMBER() OVER (PARTITION BY query_shape, account ORDER BY records DESC, hour)
                   AS nth
        FROM hours AS h CROSS JOIN logged AS l
    ), usual AS (
        SELECT query_shape, account,
               COALESCE(MAX(CASE WHEN nth * 2 > n AND n >= {_HOURS_TO_COMPARE} THEN records END), 0)
                   AS records
        FROM ranked GROUP BY query_shape, account
    ), busy AS (
        SELECT h.query_shape, h.account, h.hour, h.records, u.records AS usual
        FROM hours AS h JOIN usual AS u ON u.query_shape = h.query_shape AND u.account = h.account
        WHERE h.records >= {_RECORDS} AND h.records >= 5 * (u.records + 1)
    )
    SELECT b.* FROM busy AS b
    LEFT JOIN (
        SELECT query_shape, account, hour % 24 AS hour_of_day, COUNT(*) AS days FROM busy
        GROUP BY query_shape, account, hour % 24
    ) AS d ON d.query_shape = b.query_shape AND d.account = b.account AND d.hour_of_day = b.hour % 24
    WHERE d.days = 1
    """,
)

#: One row per statement of such an hour, with whether its number stands beside its neighbours'.
_STEPS_TAKEN = Station(
    "finding_lookup_steps",
    f"""
    SELECT s.*, CASE WHEN ABS(step) BETWEEN 1 AND {STEP} OR ABS(next_step) BETWEEN 1 AND {STEP}
                     THEN 1 ELSE 0 END AS is_counting
    FROM (
        SELECT l.*, b.usual,
               sought_number - LAG(sought_number) OVER (
                   PARTITION BY l.query_shape, l.account, l.hour ORDER BY l.start_us, l.event_id) AS step,
               LEAD(sought_number) OVER (
                   PARTITION BY l.query_shape, l.account, l.hour ORDER BY l.start_us, l.event_id)
                   - sought_number AS next_step
        FROM finding_lookups AS l
        JOIN finding_lookup_hours AS b
          ON b.query_shape = l.query_shape AND b.account = l.account AND b.hour = l.hour
    ) AS s
    """,
)

_JUDGED = Station(
    "finding_countings",
    f"""
    SELECT query_shape, account, hour, COUNT(DISTINCT sought_number) AS records, MAX(usual) AS usual,
           MAX(sought_number) - MIN(sought_number) + 1 AS reach,
           COUNT(DISTINCT CASE WHEN is_counting = 1 THEN sought_number END) AS counted
    FROM finding_lookup_steps GROUP BY query_shape, account, hour
    HAVING COUNT(DISTINCT CASE WHEN is_counting = 1 THEN sought_number END) > {STEPS}
       AND COUNT(DISTINCT CASE WHEN is_counting = 1 THEN sought_number END)
           * (MAX(sought_number) - MIN(sought_number) + 1) >= 3 * {CHANCE} * COUNT(*)
    """,
)

_FOUND = Station(
    "found_counting",
    f"""
    SELECT 'statements-counting-up' AS rule, 'behaviour' AS rule_kind, 'T1213' AS technique,
           account || '|' || query_shape || '|' || CAST(hour AS VARCHAR) AS key, 'high' AS level,
           0.8 AS certainty, 'database_user' AS actor_kind, account AS actor, counted AS observed,
           usual AS expected,
           'statement-asked-number-after-number(statement=' || {plain("query_shape")} || ',records='
               || CAST(records AS VARCHAR) || ',one-after-the-other=' || CAST(counted AS VARCHAR)
               || ',usual-in-an-hour=' || CAST(usual AS VARCHAR) || ')' AS why
    FROM finding_countings
    """,
)

_EVENTS = Station(
    "found_counting_events",
    """
    SELECT c.account || '|' || c.query_shape || '|' || CAST(c.hour AS VARCHAR) AS key, s.event_id
    FROM finding_countings AS c
    JOIN finding_lookup_steps AS s
      ON s.query_shape = c.query_shape AND s.account = c.account AND s.hour = c.hour
    WHERE s.is_counting = 1
    """,
)

STATIONS = (_LOOKUPS, _HOURS, _STEPS_TAKEN, _JUDGED, _FOUND, _EVENTS)
