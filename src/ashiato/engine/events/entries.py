"""Entries of MySQL's logs: which connection each is of, and which tell of the same execution.

Connections are numbered by the server from 1 each time it starts, so one ends where another of its number
begins. The general log names user, address and database only where they change; its statements take them
from there.

Up to three logs tell of one execution: the general log when it begins, the audit log and the slow log when
it ends. Of one connection's number and one text (as far as both hold it), the entries of two logs that lie
within a second, or between one statement of the connection and its next, are paired in their order where
both logs hold equally many; where they do not, nothing tells which is which: these stay events of their
own, and ``ambiguous_entries`` counts them.
"""

from __future__ import annotations

from ashiato.engine.saying import MYSQL_FORMATS
from ashiato.engine.store import Station

#: The formats of MySQL's and MariaDB's own logs, as SQL.
MYSQL = ", ".join(f"'{name}'" for name in MYSQL_FORMATS)
# So many characters of a text must be equal: logs cut longer ones, each in its own way.
_SAME_TEXT = 200
_SECOND = 1_000_000
# What runs longer than this is not looked for where it ended.
_LONGEST = 3_600 * _SECOND
# Which kind of log says most of an execution, the richest first.
_RICHNESS = "CASE {kind} WHEN 'statement' THEN 1 WHEN 'audit' THEN 2 ELSE 3 END"

#: One row per entry of MySQL's logs, in the order of its connection.
LINES = Station(
    "entry_lines",
    f"""
    SELECT record_no, kind, source, thread, time_us, begun_us, place, text, is_cut, query_no, user_name,
        address, database_used, switches,
        CAST(sum(CASE WHEN kind = 'connection' THEN 1 ELSE 0 END) OVER by_place AS BIGINT) AS connection_no
    FROM (
        SELECT n.record_no, n.source, coalesce(r.database_session_uid, '') AS thread, r.time_us,
            r.time_us - coalesce(r.duration_us, 0) AS begun_us, r.query_text AS text,
            CASE
                WHEN r.record_kind = 'sql-connection' AND r.activity_name IN ('authorized', 'refused')
                    THEN 'connection'
                WHEN r.record_kind = 'sql-audit' THEN 'audit'
                WHEN r.record_kind = 'sql-statement' AND r.source_format = 'mysql-slow' THEN 'duration'
                WHEN r.record_kind = 'sql-statement' THEN 'statement'
                ELSE 'other'
            END AS kind,
            CASE WHEN r.unmapped LIKE '%"text_cut":true%' THEN 1 ELSE 0 END AS is_cut,
            CASE WHEN r.record_kind = 'sql-audit'
                THEN regexp_extract(coalesce(r.unmapped, ''), '"query_id": *"?([0-9]+)', 1) END AS query_no,
            r.database_user_name AS user_name, r.src_endpoint_ip AS address,
            CASE WHEN lower(substring(r.query_text, 1, 4)) = 'use '
                THEN nullif(translate(trim(substring(r.query_text, 5)), '`;', ''), '')
                ELSE r.database_name END AS database_used,
            CASE WHEN lower(substring(r.query_text, 1, 4)) = 'use ' THEN 1
                WHEN r.record_kind <> 'sql-audit' AND r.database_name IS NOT NULL THEN 1
                ELSE 0 END AS switches,
            row_number() OVER (
                PARTITION BY n.source, r.database_session_uid
                ORDER BY n.file_us, n.content_no, n.line_first, n.record_no
            ) AS place
        FROM records r
        JOIN record_numbers n ON n.evidence_id = r.evidence_id AND n.line_first = r.line_first
        LEFT JOIN record_copies c ON c.record_no = n.record_no
        WHERE r.source_format IN ({MYSQL}) AND c.record_no IS NULL
    ) AS told
    WINDOW by_place AS (PARTITION BY source, thread ORDER BY place)
    """,
)

#: One row per entry that tells of an execution: its connection, and who and where that is.
STATEMENTS = Station(
    "entry_statements",
    f"""
    WITH switched AS (
        SELECT record_no, kind, source, thread, connection_no, time_us, begun_us, place, text, is_cut,
            query_no, database_used,
            max(user_name) OVER (PARTITION BY source, thread, connection_no) AS user_name,
            max(address) OVER (PARTITION BY source, thread, connection_no) AS address,
            sum(switches) OVER (PARTITION BY source, thread, connection_no ORDER BY place) AS switch_no
        FROM entry_lines
    ),
    led AS (
        SELECT record_no, kind, source, thread, connection_no, time_us, begun_us, place, text, is_cut,
            user_name, address,
            max(database_used) OVER (PARTITION BY source, thread, connection_no, switch_no) AS database_used,
            CASE WHEN query_no <> '' THEN min(
                CASE WHEN kind = 'audit' AND text IS NOT NULL THEN place END
            ) OVER (
                PARTITION BY source, thread, connection_no, query_no
                ORDER BY place ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
            ) END AS lead_place
        FROM switched
    )
    SELECT l.record_no, l.kind, l.source, l.thread,
        l.source || ' ' || l.thread || ' ' || CAST(l.connection_no AS VARCHAR) AS session,
        l.thread || CASE WHEN l.connection_no > 1 THEN '#' || CAST(l.connection_no AS VARCHAR) ELSE '' END
            AS session_uid,
        l.time_us, l.begun_us, l.place, trim(l.text) AS text, l.is_cut, l.user_name, l.address,
        l.database_used,
        coalesce(a.record_no, l.record_no) AS lead_no,
        CASE WHEN coalesce(a.record_no, l.record_no) = l.record_no THEN 1 ELSE 0 END AS leads,
        substring(trim(l.text), 1, {_SAME_TEXT}) AS same_text,
        lead(l.time_us) OVER (
            PARTITION BY l.source, l.thread, l.kind ORDER BY l.place
        ) AS next_us
    FROM led l
    LEFT JOIN led a ON a.source = l.source AND a.thread = l.thread AND a.place = l.lead_place
    WHERE l.kind IN ('statement', 'audit', 'duration')
    """,
)

#: One row per entry that leads an execution of its own, in the richest kind of log there is or (``twin``) in
#: another that may tell of the same; those near each other lie in one stretch. An entry written when a
#: statement ended may lie far from where it began: it is near while the connection began no other.
STRETCHES = Station(
    "entry_stretches",
    f"""
    WITH hubs AS (
        SELECT min({_RICHNESS.format(kind="kind")}) AS hub
        FROM entry_statements
    ),
    sided AS (
        SELECT s.record_no, s.kind, s.source, s.thread, s.same_text, s.begun_us, s.time_us, s.next_us,
            s.begun_us // {_SECOND} AS begun,
            CASE WHEN {_RICHNESS.format(kind="s.kind")} = h.hub THEN 0 ELSE 1 END AS twin
        FROM entry_statements s
        CROSS JOIN hubs h
        WHERE s.leads = 1 AND s.text IS NOT NULL
    ),
    ordered AS (
        SELECT record_no, kind, source, thread, same_text, time_us, twin, begun,
            lag(begun) OVER by_time AS before_second,
            max(CASE WHEN twin = 0 THEN coalesce(next_us, time_us + {_LONGEST}) END) OVER (
                PARTITION BY thread, same_text ORDER BY begun, twin, time_us, record_no
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS idle_until_us
        FROM sided
        WINDOW by_time AS (PARTITION BY thread, same_text ORDER BY begun, twin, time_us, record_no)
    ),
    stretched AS (
        SELECT record_no, kind, source, thread, same_text, twin, time_us, begun,
            sum(CASE
                WHEN before_second IS NULL THEN 1
                WHEN begun - before_second <= 1 THEN 0
                WHEN twin = 1 AND idle_until_us >= time_us - {_SECOND}
                    AND (begun - before_second) * {_SECOND} <= {_LONGEST} THEN 0
                ELSE 1
            END) OVER (
                PARTITION BY thread, same_text ORDER BY begun, twin, time_us, record_no
            ) AS stretch
        FROM ordered
    )
    SELECT record_no, kind, source, thread, same_text, stretch, twin,
        row_number() OVER (
            PARTITION BY thread, same_text, stretch, twin, source, kind ORDER BY time_us, record_no
        ) AS rank,
        count(*) OVER (PARTITION BY thread, same_text, stretch, twin, source, kind) AS here,
        sum(1 - twin) OVER (PARTITION BY thread, same_text, stretch) AS there
    FROM stretched
    """,
)

#: One row per entry that tells of an execution of which another log's entry tells, too.
PAIRS = Station(
    "entry_pairs",
    """
    SELECT t.record_no, h.record_no AS lead_no
    FROM entry_stretches t
    JOIN entry_stretches h ON h.thread = t.thread AND h.same_text = t.same_text AND h.stretch = t.stretch
        AND h.rank = t.rank AND h.twin = 0 AND h.here = h.there
    WHERE t.twin = 1 AND t.here = t.there
    """,
)

#: One row per stretch of entries of one connection and text that two logs hold, but not equally often.
AMBIGUOUS = Station(
    "ambiguous_entries",
    """
    SELECT source, thread, same_text, stretch, max(here) AS entries_here, max(there) AS entries_there
    FROM entry_stretches
    WHERE twin = 1 AND there > 0 AND here <> there
    GROUP BY source, thread, same_text, stretch
    """,
)

#: One row per entry of an execution, with the entry that leads it.
EXECUTIONS = Station(
    "entry_executions",
    """
    SELECT s.record_no, CASE WHEN p.lead_no IS NULL THEN s.session ELSE h.session END AS session,
        s.kind, coalesce(p.lead_no, s.lead_no) AS execution, s.place, s.text, s.is_cut,
        s.session_uid, s.user_name, s.address, s.database_used
    FROM entry_statements s
    LEFT JOIN entry_pairs p ON p.record_no = s.lead_no
    LEFT JOIN entry_statements h ON h.record_no = p.lead_no
    """,
)

ENTRY_STATIONS = (LINES, STATEMENTS, STRETCHES, PAIRS, AMBIGUOUS, EXECUTIONS)
