"""Which requests were being answered when a statement started: time alone.

A statement meets a request in its window, or in the window's far parts, in which it is the less likely the
farther. Two kinds of statement are looked for farther still, as nothing but time tells of the others: those
that share a rare value with a request, and those of a shape too rare to learn which route runs it. Far
candidates weigh against *nobody*; beside near ones they hardly weigh anything.
"""

from __future__ import annotations

from ashiato.engine.events.windows import PLACED
from ashiato.engine.store import Station, Store

# How much less likely a moment within the slack at a window's edges is than one inside.
_OUTSIDE = 0.05
_SHORTEST_US = 10_000
# A duration may be of any order of magnitude: each has this share, so likelihood falls as distance grows.
_FAR_SHARE = 0.01
_BY_VALUE_US = 300_000_000
# Statements that run longer than this are looked for by their start too: the reply may have been given up.
_LONG_US = 50_000
# How far a rare shape's requests are looked for, and how many of the nearest are kept.
_RARE_RUNS = 8
_BY_SHAPE_US = 120_000_000
_BY_SHAPE_ON_US = 5_000_000
_NEAREST = 200

#: One row per statement of a web client x kind of window: the moment that is looked for in it. ``certain`` is
#: 0 for the start of a statement whose end is what should lie in the window.
MOMENTS = Station(
    "statement_moments",
    f"""
    WITH counted AS (
        SELECT s.sql_no, s.database_source, s.start_us, s.end_us, s.step_us,
            CASE WHEN count(*) OVER (PARTITION BY s.client, s.stem) <= {_RARE_RUNS} THEN 1 ELSE 0 END AS rare
        FROM cause_statements s
        JOIN web_clients c ON c.client = s.client
    ),
    kinds AS (SELECT DISTINCT database_source, timed FROM request_windows)
    SELECT s.sql_no, s.database_source, s.step_us, s.end_us, s.rare, k.timed, 1 AS certain,
        CASE WHEN k.timed = 1 THEN s.start_us ELSE s.end_us END AS moment_us
    FROM counted s
    JOIN kinds k ON k.database_source = s.database_source
    UNION ALL
    SELECT s.sql_no, s.database_source, s.step_us, s.end_us, s.rare, k.timed, 0 AS certain,
        s.start_us AS moment_us
    FROM counted s
    JOIN kinds k ON k.database_source = s.database_source AND k.timed = 0
    WHERE s.end_us - s.start_us > {_LONG_US}
    """,
)

#: One row per moment x level of windows: the bucket it lies in.
PLACED_MOMENTS = Station(
    "placed_moments",
    f"""
    WITH {PLACED}
    SELECT m.sql_no, m.database_source, m.timed, m.certain, m.moment_us, m.step_us, m.end_us, u.level,
        m.moment_us // u.width_us AS bucket
    FROM statement_moments m
    JOIN used u ON u.database_source = m.database_source AND u.timed = m.timed
    """,
)

#: One row per statement of a rare shape x request in reach of it, the nearest only.
BY_SHAPE = Station(
    "shape_meetings",
    f"""
    WITH spread AS (
        SELECT m.sql_no, m.database_source, m.timed, m.certain, m.moment_us, m.step_us, m.end_us,
            m.moment_us // {_BY_SHAPE_US} + d.beside AS stretch
        FROM statement_moments m
        CROSS JOIN (VALUES (-1), (0), (1)) AS d(beside)
        WHERE m.rare = 1
    ),
    ranked AS (
        SELECT p.sql_no, q.request_no, p.certain, p.moment_us, p.step_us, p.end_us,
            q.first_us, q.last_us, q.lo_us, row_number() OVER (
                PARTITION BY p.sql_no, p.timed, p.certain
                ORDER BY greatest(q.first_us - p.moment_us, p.moment_us - q.last_us, 0), q.request_no
            ) AS place
        FROM spread p
        JOIN request_windows q ON q.database_source = p.database_source AND q.timed = p.timed
            AND q.last_us // {_BY_SHAPE_US} = p.stretch
        WHERE p.moment_us BETWEEN q.first_us - {_BY_SHAPE_US} AND q.last_us + {_BY_SHAPE_ON_US}
    )
    SELECT sql_no, request_no, certain, moment_us, step_us, end_us, first_us, last_us, lo_us
    FROM ranked WHERE place <= {_NEAREST}
    """,
)

#: One row per statement x moment x request that it meets, in one way or another.
MEETINGS = Station(
    "window_meetings",
    f"""
    SELECT m.sql_no, b.request_no, m.certain, m.moment_us, m.step_us, m.end_us,
        b.first_us, b.last_us, b.lo_us
    FROM placed_moments m
    JOIN window_buckets b ON b.database_source = m.database_source AND b.timed = m.timed
        AND b.level = m.level AND b.bucket = m.bucket
    WHERE m.moment_us BETWEEN b.far_lo_us AND b.far_hi_us
    UNION ALL
    SELECT sql_no, request_no, certain, moment_us, step_us, end_us, first_us, last_us, lo_us
    FROM shape_meetings
    UNION ALL
    SELECT m.sql_no, a.request_no, m.certain, m.moment_us, m.step_us, m.end_us,
        q.first_us, q.last_us, q.lo_us
    FROM clock_anchors a
    JOIN statement_moments m ON m.sql_no = a.sql_no
    JOIN request_windows q ON q.request_no = a.request_no AND q.database_source = m.database_source
        AND q.timed = m.timed
    WHERE m.moment_us BETWEEN q.first_us - {_BY_VALUE_US} AND q.last_us + {_BY_VALUE_US}
    """,
)

#: One row per statement x request that it meets; ``fit`` is how likely its moment is, the surer the shorter
#: the window. A reply that was given up may have been so at any time while the statement ran. ``near``: in
#: the window or its slack; ``most_fit``: what the fit would be inside it.
CANDIDATES = Station(
    "cause_candidates",
    f"""
    WITH met AS (
        SELECT sql_no, request_no, certain, moment_us, step_us, end_us, first_us, last_us,
            greatest(last_us - first_us, {_SHORTEST_US}) AS wide_us, first_us - lo_us AS slack_us
        FROM window_meetings
    ),
    measured AS (
        SELECT sql_no, request_no, certain, wide_us, slack_us,
            least(greatest(
                (least(moment_us + step_us, last_us + 1000) - greatest(moment_us, first_us)) * 1.0 / step_us,
                0
            ), 1) AS inside,
            greatest(first_us - moment_us - step_us, moment_us - last_us, 0) AS away_us,
            CASE WHEN certain = 0 AND last_us BETWEEN moment_us AND end_us THEN 1.0 / (end_us - moment_us)
                ELSE 0 END AS given_up
        FROM met
    ),
    weighed AS (
        SELECT sql_no, request_no, 1.0 / wide_us AS most_fit,
            CASE WHEN certain = 1 AND away_us <= slack_us THEN 1 ELSE 0 END AS near,
            CASE WHEN certain = 1 THEN 1.0 ELSE {_OUTSIDE} END * greatest(
                inside / wide_us, given_up,
                CASE WHEN away_us <= slack_us THEN {_OUTSIDE} / wide_us
                    ELSE least({_OUTSIDE} / wide_us, {_FAR_SHARE} / away_us) END
            ) AS fit
        FROM measured
    )
    SELECT sql_no, request_no, max(fit) AS fit, max(near) AS near, max(most_fit) AS most_fit
    FROM weighed
    GROUP BY sql_no, request_no
    """,
)


def find_candidates(store: Store) -> None:
    """Write ``cause_candidates`` and the tables it rests on, from the windows."""
    for station in (MOMENTS, PLACED_MOMENTS, BY_SHAPE, MEETINGS, CANDIDATES):
        store.run(station)
