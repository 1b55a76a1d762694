"""Holes: where a source is silent, broken off, out of order, or keeps another time than its neighbours.

A stretch without records is a hole only against the source's own habit: much longer than the pauses around
it (a quiet night grows quiet by and by) and at a time of day at which other days have records enough; where
no other day can tell, much longer than nearly all the source's other pauses. A web log has a hole, too,
where a database goes on running what only requests have it run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ashiato.engine.store import Row, Station, Store
from ashiato.engine.tables import HOLES

_SHORTEST_US = 60_000_000
_DAY_US = 86_400_000_000
_BESIDE_LONGEST = 4
_BESIDE_LOCAL = 20
_EXPECTED_RECORDS = 20
_MOST_CANDIDATES = 100
_FEWEST_PAUSES = 50
_HOUR_US = 3_600_000_000
_JUMP_US = 60_000_000
_FEWEST_UNASKED = 5
_FEWEST_STEMS = 3
_DAYS = ", ".join(f"({day})" for day in range(-7, 8) if day)

#: One row per pause that stands out against the source's other pauses, those nearby, and other days.
SILENCES = Station(
    "hole_silences",
    f"""
    WITH moments AS (SELECT DISTINCT source, time_us FROM record_numbers),
    minutes AS (
        SELECT source, time_us // 60000000 * 60000000 AS minute_us, count(*) AS moments
        FROM moments GROUP BY source, time_us // 60000000 * 60000000
    ),
    pauses AS (
        SELECT source, start_us, end_us, end_us - start_us AS pause_us
        FROM (
            SELECT source, time_us AS start_us,
                lead(time_us) OVER (PARTITION BY source ORDER BY time_us) AS end_us
            FROM moments
        ) AS paired
        WHERE end_us IS NOT NULL
    ),
    compared AS (
        SELECT source, start_us, end_us, pause_us,
            row_number() OVER (PARTITION BY source ORDER BY pause_us DESC, start_us) AS rank,
            greatest(
                avg(pause_us) OVER (
                    PARTITION BY source ORDER BY start_us ROWS BETWEEN 30 PRECEDING AND 1 PRECEDING
                ),
                avg(pause_us) OVER (
                    PARTITION BY source ORDER BY start_us ROWS BETWEEN 1 FOLLOWING AND 30 FOLLOWING
                )
            ) AS local_us
        FROM pauses
    ),
    usual AS (
        SELECT source, max(CASE WHEN rank = 6 THEN pause_us END) AS long_us, min(start_us) AS first_us,
            max(end_us) AS last_us
        FROM compared GROUP BY source HAVING count(*) >= {_FEWEST_PAUSES}
    ),
    striking AS (
        SELECT source, start_us, end_us, stands_out, first_us, last_us
        FROM (
            SELECT c.source, c.start_us, c.end_us, u.first_us, u.last_us,
                CASE WHEN c.pause_us >= {_BESIDE_LONGEST} * u.long_us THEN 1 ELSE 0 END AS stands_out,
                row_number() OVER (PARTITION BY c.source ORDER BY c.rank) AS place
            FROM compared c
            JOIN usual u ON u.source = c.source
            WHERE c.pause_us >= {_SHORTEST_US} AND c.pause_us >= {_BESIDE_LOCAL} * c.local_us
        ) AS ranked
        WHERE place <= {_MOST_CANDIDATES}
    ),
    other_days AS (
        SELECT s.source, s.start_us, d.day, coalesce(sum(n.moments), 0) AS records
        FROM striking s
        JOIN (VALUES {_DAYS}) AS d(day) ON s.start_us + d.day * {_DAY_US} >= s.first_us
            AND s.end_us + d.day * {_DAY_US} <= s.last_us
        LEFT JOIN minutes n ON n.source = s.source
            AND n.minute_us >= s.start_us + d.day * {_DAY_US}
            AND n.minute_us + 60000000 <= s.end_us + d.day * {_DAY_US}
        GROUP BY s.source, s.start_us, d.day
    ),
    expected AS (
        SELECT source, start_us, median(records) AS records FROM other_days GROUP BY source, start_us
    )
    SELECT s.source, s.start_us, s.end_us, 'silence' AS reason,
        CAST(round(e.records) AS BIGINT) AS expected_records
    FROM striking s
    LEFT JOIN expected e ON e.source = s.source AND e.start_us = s.start_us
    WHERE e.records >= {_EXPECTED_RECORDS} OR (e.records IS NULL AND s.stands_out = 1)
    """,
)

#: One row per source that begins later or ends earlier than the others, far beyond its longest pauses.
UNCOVERED = Station(
    "hole_ends",
    f"""
    WITH skews AS (SELECT web_source AS source, max(skew_us) AS skew_us FROM clocks GROUP BY web_source),
    spans AS (
        SELECT n.source, coalesce(max(k.skew_us), 0) AS skew_us,
            min(n.time_us) + coalesce(max(k.skew_us), 0) AS first_us,
            max(n.time_us) + coalesce(max(k.skew_us), 0) AS last_us,
            (max(n.time_us) - min(n.time_us)) / count(*) AS pause_us
        FROM record_numbers n
        LEFT JOIN skews k ON k.source = n.source
        WHERE n.record_kind IN ('web-request', 'sql-statement', 'sql-audit', 'sql-duration')
        GROUP BY n.source
        HAVING count(*) >= {_EXPECTED_RECORDS}
    ),
    whole AS (SELECT min(first_us) AS first_us, max(last_us) AS last_us FROM spans)
    SELECT s.source, w.first_us - s.skew_us AS start_us, s.first_us - s.skew_us AS end_us,
        'begins-late' AS reason
    FROM spans s CROSS JOIN whole w
    WHERE s.first_us - w.first_us > greatest({_HOUR_US}, {_BESIDE_LOCAL} * s.pause_us)
    UNION ALL
    SELECT s.source, s.last_us - s.skew_us AS start_us, w.last_us - s.skew_us AS end_us,
        'ends-early' AS reason
    FROM spans s CROSS JOIN whole w
    WHERE w.last_us - s.last_us > greatest({_HOUR_US}, {_BESIDE_LOCAL} * s.pause_us)
    """,
)

#: One row per rotated piece that is missing between two others of one log.
ROTATIONS = Station(
    "hole_rotations",
    """
    WITH pieces AS (
        SELECT e.source, coalesce(e.rotation, 0) AS rotation, min(n.time_us) AS first_us,
            max(n.time_us) AS last_us
        FROM evidence_sources e
        JOIN record_numbers n ON n.evidence_id = e.evidence_id
        GROUP BY e.source, coalesce(e.rotation, 0)
    ),
    followed AS (
        SELECT source, rotation, first_us,
            lead(rotation) OVER (PARTITION BY source ORDER BY rotation) AS older,
            lead(last_us) OVER (PARTITION BY source ORDER BY rotation) AS older_last_us
        FROM pieces
    )
    SELECT source, least(older_last_us, first_us) AS start_us, greatest(older_last_us, first_us) AS end_us,
        'rotation-missing' AS reason, rotation + 1 AS first_missing, older - 1 AS last_missing
    FROM followed
    WHERE older > rotation + 1
    """,
)

#: One row per stretch in which database sessions lack lines that their numbering says were written.
SESSIONS = Station(
    "hole_sessions",
    """
    WITH numbered AS (
        SELECT n.source, r.time_us, r.database_session_line AS line,
            CASE WHEN r.source_format LIKE '%csv%' OR r.source_format LIKE '%json%' THEN 0
                ELSE r.line_last - r.line_first END AS parts,
            lead(r.database_session_line) OVER session AS next_line,
            lead(r.time_us) OVER session AS next_us
        FROM records r
        JOIN record_numbers n ON n.evidence_id = r.evidence_id AND n.line_first = r.line_first
        LEFT JOIN record_copies c ON c.record_no = n.record_no
        WHERE r.database_session_uid IS NOT NULL AND r.database_session_line IS NOT NULL
            AND c.record_no IS NULL
        WINDOW session AS (
            PARTITION BY n.source, r.database_session_uid ORDER BY r.database_session_line, n.record_no
        )
    ),
    missing AS (
        SELECT source, least(time_us, next_us) AS start_us, greatest(time_us, next_us) AS end_us,
            next_line - line - 1 - parts AS lines
        FROM numbered
        WHERE next_line > line + 1 + parts
    ),
    reached AS (
        SELECT source, start_us, end_us, lines,
            max(end_us) OVER (
                PARTITION BY source ORDER BY start_us, end_us
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS before_us
        FROM missing
    ),
    islands AS (
        SELECT source, start_us, end_us, lines,
            sum(CASE WHEN before_us IS NULL OR start_us > before_us THEN 1 ELSE 0 END) OVER (
                PARTITION BY source ORDER BY start_us, end_us ROWS UNBOUNDED PRECEDING
            ) AS island
        FROM reached
    )
    SELECT source, min(start_us) AS start_us, max(end_us) AS end_us, 'session-lines-missing' AS reason,
        count(*) AS sessions, CAST(sum(lines) AS BIGINT) AS lines
    FROM islands
    GROUP BY source, island
    """,
)

#: One row per place where a file's time goes back and stays back: a clock that was set, or spliced pieces.
#: Clouds deliver calls in no order.
JUMPS = Station(
    "hole_jumps",
    f"""
    WITH ordered AS (
        SELECT source, evidence_id, line_first, time_us,
            lag(time_us) OVER (PARTITION BY evidence_id ORDER BY line_first) AS before_us,
            lead(time_us) OVER (PARTITION BY evidence_id ORDER BY line_first) AS after_us
        FROM record_numbers
        WHERE record_kind <> 'api-call'
    )
    SELECT source, time_us AS start_us, before_us AS end_us, 'time-backwards' AS reason,
        before_us - time_us AS back_us, line_first AS line
    FROM ordered
    WHERE before_us - time_us > {_JUMP_US} AND (after_us IS NULL OR before_us - after_us > {_JUMP_US})
    """,
)

#: One row per web log whose clock differs from a database's.
SKEWS = Station(
    "hole_skews",
    """
    SELECT k.web_source AS source, min(n.time_us) AS start_us, max(n.time_us) AS end_us,
        'clock-skew' AS reason, k.database_source AS against, max(k.skew_us) AS skew_us,
        max(k.anchors) AS pairs
    FROM clocks k
    JOIN record_numbers n ON n.source = k.web_source
    WHERE k.skew_us <> 0
    GROUP BY k.web_source, k.database_source
    """,
)

#: One row per file that breaks off.
CUTS = Station(
    "hole_cuts",
    """
    SELECT s.source, r.last_us AS start_us, r.last_us AS end_us, 'cut-off' AS reason, r.lines AS line
    FROM readings r
    JOIN evidence_sources s ON s.evidence_id = r.evidence_id
    WHERE r.cut_off AND r.last_us IS NOT NULL
    """,
)

#: One row per stretch in which the application ran statements as it does for requests, and no request was
#: logged that could have asked for any of them: from the last request before it to the first after it. What
#: says so are stems that requests usually run, or several that ran unasked at no other time; what runs so
#: again and again is a job of the application's own. The web log is the one whose requests ask for most.
UNASKED = Station(
    "hole_requests",
    f"""
    WITH met AS (
        SELECT c.sql_no, max(c.near) AS near FROM cause_candidates c GROUP BY c.sql_no
    ),
    ran AS (
        SELECT s.sql_no, s.database_source, s.client, s.stem, s.start_us, s.end_us,
            coalesce(m.near, 0) AS asked
        FROM cause_statements s
        JOIN web_clients c ON c.client = s.client
        LEFT JOIN met m ON m.sql_no = s.sql_no
    ),
    placed_runs AS (
        SELECT sql_no, database_source, client, stem, start_us, end_us, asked,
            sum(asked) OVER (
                PARTITION BY database_source ORDER BY start_us, sql_no ROWS UNBOUNDED PRECEDING
            ) AS island
        FROM ran
    ),
    stems AS (
        SELECT client, stem, CASE WHEN sum(asked) * 2 > count(*) THEN 1 ELSE 0 END AS usual
        FROM placed_runs GROUP BY client, stem
        HAVING sum(asked) * 2 > count(*) OR count(DISTINCT CASE WHEN asked = 0 THEN island END) = 1
    ),
    islands AS (
        SELECT r.database_source, min(r.start_us) AS start_us, max(r.end_us) AS end_us,
            count(*) AS statements
        FROM placed_runs r
        JOIN stems u ON u.client = r.client AND u.stem = r.stem
        WHERE r.asked = 0
        GROUP BY r.database_source, r.island
        HAVING max(r.end_us) - min(r.start_us) >= {_SHORTEST_US} AND (
            sum(u.usual) >= {_FEWEST_UNASKED}
            OR (count(*) >= {_FEWEST_UNASKED} AND count(DISTINCT r.stem) >= {_FEWEST_STEMS})
        )
    ),
    serving AS (
        SELECT database_source, web_source, skew_us
        FROM (
            SELECT k.database_source, k.web_source, k.skew_us,
                row_number() OVER (
                    PARTITION BY k.database_source ORDER BY count(*) DESC, k.web_source
                ) AS place
            FROM cause_candidates c
            JOIN cause_statements s ON s.sql_no = c.sql_no
            JOIN request_leads q ON q.lead_no = c.request_no
            JOIN clocks k ON k.web_source = q.source AND k.database_source = s.database_source
            WHERE c.near = 1
            GROUP BY k.database_source, k.web_source, k.skew_us
        ) AS ranked
        WHERE place = 1
    ),
    logged AS (
        SELECT database_source, min(start_us) AS first_us, max(end_us) AS last_us
        FROM cause_statements GROUP BY database_source
    ),
    placed AS (
        SELECT v.web_source AS source, i.database_source, i.statements, l.first_us - v.skew_us AS first_us,
            l.last_us - v.skew_us AS last_us,
            max(CASE WHEN q.time_us <= i.start_us - v.skew_us THEN q.time_us END) AS before_us,
            min(CASE WHEN q.time_us >= i.end_us - v.skew_us THEN q.time_us END) AS after_us
        FROM islands i
        JOIN serving v ON v.database_source = i.database_source
        JOIN logged l ON l.database_source = i.database_source
        JOIN request_leads q ON q.source = v.web_source
        GROUP BY v.web_source, i.database_source, i.statements, l.first_us, l.last_us, v.skew_us,
            i.start_us, i.end_us
    )
    SELECT source, coalesce(before_us, first_us) AS start_us, coalesce(after_us, last_us) AS end_us,
        'requests-missing' AS reason, database_source AS statements_in, statements
    FROM placed
    """,
)

HOLE_STATIONS = (SILENCES, UNCOVERED, ROTATIONS, SESSIONS, JUMPS, SKEWS, CUTS, UNASKED)


def write_holes(store: Store) -> None:
    """Write ``holes``; what is particular to a reason stands in ``params`` as JSON."""
    rows: set[Row] = set()
    for station in HOLE_STATIONS:
        store.run(station)
        rows.update(_holes_of(store, station.name))
    store.write(HOLES, sorted(rows))


def _holes_of(store: Store, name: str) -> Iterator[Row]:
    columns = list(store.columns(name))
    for row in store.rows(f"SELECT * FROM {name}"):
        said = dict(zip(columns, row, strict=True))
        place = [said.pop(column) for column in ("source", "start_us", "end_us", "reason")]
        known = {key: value for key, value in said.items() if value is not None}
        yield (*place, json.dumps(known, ensure_ascii=False, sort_keys=True))
