"""Executions: the log lines of one statement become one event.

A database writes up to four kinds of line for one execution: the statement when it starts, audit records,
an error, and a duration when it ends (with the statement, where that was not written before). Within one
connection they follow each other, so a line either opens an execution or belongs to the open one:

- a statement line opens one, unless only the durations of its own parse and bind steps stand before it;
- a duration or an error closes the open one; whatever follows opens the next;
- a duration or an error that carries another statement's text than the open one stands for itself;
- an audit record belongs to the open one while its text is that statement's or part of it, while its
  statement number is the last one's (nested calls), or while the connection logs durations and none has
  closed the statement yet (several statements in one string); in the extended protocol it may come
  after the duration, and is then the statement's while it repeats its text and is the first to.

MySQL's logs write one entry per execution each; how they find each other is told in ``entries``.
"""

from __future__ import annotations

from ashiato.engine.events.entries import ENTRY_STATIONS, MYSQL
from ashiato.engine.store import Station

#: Kinds of record that tell of a statement's execution.
STATEMENT_KINDS = ("sql-statement", "sql-audit", "sql-duration", "sql-error")
_KINDS = ", ".join(f"'{kind}'" for kind in STATEMENT_KINDS)
_PRELUDE_US = 200_000

#: One row per line of a statement's execution, in the order of its connection.
LINES = Station(
    "statement_lines",
    f"""
    WITH lines AS (
        SELECT n.record_no,
            CASE WHEN n.record_kind = 'sql-statement' AND r.duration_us IS NOT NULL THEN 'duration'
                ELSE substring(n.record_kind, 5) END AS kind,
            n.time_us, n.file_us, n.content_no, n.line_first,
            n.source || ' ' || coalesce(
                r.database_session_uid,
                coalesce(r.database_user_name, '') || ' ' || coalesce(r.database_name, '') || ' '
                    || coalesce(r.src_endpoint_ip, '') || ' ' || coalesce(r.database_application, '')
            ) AS session,
            r.database_session_line, trim(r.query_text) AS text,
            CASE WHEN n.record_kind = 'sql-audit'
                THEN regexp_extract(coalesce(r.unmapped, ''), '"statement_id": *([0-9]+)', 1) END AS audit_no,
            CASE WHEN n.record_kind = 'sql-duration' AND r.query_text IS NULL THEN 1 ELSE 0 END AS bare,
            CASE WHEN n.record_kind = 'sql-duration' AND r.query_command IN ('PARSE', 'BIND')
                    THEN lower(r.query_command)
                WHEN n.record_kind IN ('sql-statement', 'sql-duration') THEN coalesce(r.activity_name, '')
                ELSE '' END AS step
        FROM records r
        JOIN record_numbers n ON n.evidence_id = r.evidence_id AND n.line_first = r.line_first
        LEFT JOIN record_copies c ON c.record_no = n.record_no
        WHERE r.record_kind IN ({_KINDS}) AND c.record_no IS NULL
            AND coalesce(r.source_format, '') NOT IN ({MYSQL})
    )
    SELECT record_no, kind, time_us, session, text, audit_no, bare, step,
        row_number() OVER (
            PARTITION BY session
            ORDER BY database_session_line, file_us, content_no, line_first, record_no
        ) AS place
    FROM lines
    """,
)

# What stands before and after each line; "closes" marks lines after which nothing more of the execution
# comes. A bare duration after such a line, shortly before an `execute`, times its parse or bind step.
_SEEN = f"""
    around AS (
        SELECT record_no, kind, time_us, session, place, text, audit_no, bare, step,
            lag(kind) OVER by_place AS before_kind,
            lag(step) OVER by_place AS before_step,
            lead(kind) OVER by_place AS next_kind,
            lead(step) OVER by_place AS next_step,
            lead(time_us) OVER by_place AS next_us,
            lead(kind, 2) OVER by_place AS second_kind,
            lead(step, 2) OVER by_place AS second_step,
            max(bare) OVER (PARTITION BY session) AS logs_durations,
            sum(CASE WHEN kind = 'statement' THEN 1 ELSE 0 END) OVER by_place AS statement_no
        FROM statement_lines
        WINDOW by_place AS (PARTITION BY session ORDER BY place)
    ),
    numbered AS (
        SELECT *, sum(CASE WHEN kind = 'duration' THEN 1 ELSE 0 END) OVER (
            PARTITION BY session, statement_no ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS durations_before
        FROM around
    ),
    stepped AS (
        SELECT record_no, kind, time_us, session, place, text, audit_no, bare, logs_durations, statement_no,
            CASE
                WHEN bare = 1 AND step = '' AND next_us - time_us <= {_PRELUDE_US}
                    AND (
                        coalesce(before_kind, 'error') IN ('duration', 'error')
                        OR (before_kind = 'audit' AND durations_before > 0)
                    )
                    AND (
                        (next_kind = 'statement' AND next_step = 'execute')
                        OR (next_kind = 'duration' AND second_kind = 'statement' AND second_step = 'execute')
                    ) THEN 'parse'
                ELSE step
            END AS step
        FROM numbered
    ),
    seen AS (
        SELECT record_no, kind, session, place, text, audit_no, bare, step, logs_durations,
            lag(kind) OVER by_place AS before_kind,
            lag(text) OVER by_place AS before_text,
            lag(step) OVER by_place AS before_step,
            lag(audit_no) OVER by_place AS before_audit_no,
            lag(CASE WHEN kind = 'error' OR (kind = 'duration' AND step NOT IN ('parse', 'bind'))
                THEN 1 ELSE 0 END) OVER by_place AS closed,
            max(CASE WHEN kind = 'statement' THEN text END) OVER (
                PARTITION BY session, statement_no
            ) AS statement_text,
            coalesce(sum(CASE WHEN kind = 'audit' THEN 1 ELSE 0 END) OVER (
                PARTITION BY session, statement_no ORDER BY place
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ), 0) AS audits_before
        FROM stepped
        WINDOW by_place AS (PARTITION BY session ORDER BY place)
    )
"""

_OPENS = """
    CASE
        WHEN before_kind IS NULL THEN 1
        WHEN kind = 'statement' THEN
            CASE WHEN before_kind = 'duration' AND before_step IN ('parse', 'bind') THEN 0 ELSE 1 END
        WHEN kind = 'duration' AND before_kind = 'duration' AND closed = 0 THEN
            CASE WHEN step = 'parse' AND before_step = 'bind' THEN 1
                WHEN bare = 0 AND text <> before_text THEN 1 ELSE 0 END
        WHEN kind = 'duration' AND before_kind = 'audit' AND step IN ('parse', 'bind') THEN 1
        WHEN closed = 1 AND kind = 'audit' AND audits_before = 0 AND text = statement_text THEN 0
        WHEN closed = 1 THEN 1
        WHEN kind IN ('duration', 'error') THEN
            CASE WHEN text IS NULL OR text = coalesce(statement_text, before_text) THEN 0 ELSE 1 END
        WHEN logs_durations = 1 OR text IS NULL OR strpos(statement_text, text) > 0 THEN 0
        WHEN before_kind = 'audit' AND before_audit_no = audit_no THEN 0
        WHEN before_kind = 'duration' AND before_text = text THEN 0
        ELSE 1
    END
"""

#: One row per line of an execution: which execution of its connection it belongs to.
EXECUTION_LINES = Station(
    "execution_lines",
    f"""
    WITH {_SEEN},
    opened AS (
        SELECT record_no, session, kind, place, text, audit_no,
            sum({_OPENS}) OVER (PARTITION BY session ORDER BY place) AS execution
        FROM seen
    )
    SELECT o.record_no, o.session, o.kind, o.execution, o.place, o.text, o.audit_no, l.step,
        CAST(NULL AS VARCHAR) AS session_uid, CAST(NULL AS VARCHAR) AS user_name,
        CAST(NULL AS VARCHAR) AS address, CAST(NULL AS VARCHAR) AS database_used, 0 AS is_cut, 0 AS is_mysql
    FROM opened o
    JOIN statement_lines l ON l.record_no = o.record_no
    UNION ALL
    SELECT record_no, session, kind, execution, place, text, CAST(NULL AS VARCHAR) AS audit_no,
        '' AS step, session_uid, user_name, address, database_used, is_cut, 1 AS is_mysql
    FROM entry_executions
    """,
)

# Rows that went to the client: those of the statement itself, summed over the statements of one string;
# where no audit record carries the statement's own text, those of all its parts.
_COUNTED = """
    counted AS (
        SELECT session, execution, sum(CASE WHEN own = 1 THEN most END) AS own_rows, sum(most) AS all_rows
        FROM (
            SELECT p.session, p.execution, p.audit_no, p.text,
                CASE WHEN p.text = t.text THEN 1 ELSE 0 END AS own, max(p.query_rows) AS most
            FROM parts p
            JOIN told t ON t.session = p.session AND t.execution = p.execution
            WHERE p.kind = 'audit'
            GROUP BY p.session, p.execution, p.audit_no, p.text, t.text
        ) AS statements
        GROUP BY session, execution
    )
"""

#: One row per execution: its first-named line, its times, and what its lines say together.
EXECUTIONS = Station(
    "executions",
    f"""
    WITH parts AS (
        SELECT e.session, e.execution, e.record_no, e.kind, e.place, e.text, e.audit_no, e.step,
            e.session_uid, e.address, e.is_mysql,
            coalesce(r.database_user_name, e.user_name) AS database_user_name,
            coalesce(r.database_name, e.database_used) AS database_name,
            r.time_us, r.time_step_us, r.duration_us, r.query_binds, r.query_command, r.query_rows,
            r.query_objects, r.error_code, r.error_text, r.database_application, r.status, r.trace_uid,
            row_number() OVER (
                PARTITION BY e.session, e.execution
                ORDER BY e.is_cut, CASE WHEN e.text IS NULL THEN 1 ELSE 0 END * e.is_mysql,
                    CASE e.kind WHEN 'statement' THEN 1 WHEN 'audit' THEN 2 WHEN 'duration' THEN 3
                    WHEN 'error' THEN 4 ELSE 5 END, e.place
            ) AS rank
        FROM execution_lines e
        JOIN record_numbers n ON n.record_no = e.record_no
        JOIN records r ON r.evidence_id = n.evidence_id AND r.line_first = n.line_first
    ),
    told AS (
        SELECT session, execution,
            min(CASE WHEN rank = 1 THEN record_no END) AS lead_no,
            coalesce(
                max(CASE WHEN rank = 1 THEN text END),
                max(CASE WHEN kind = 'duration' THEN text END),
                max(CASE WHEN kind = 'error' THEN text END)
            ) AS text,
            coalesce(
                min(CASE WHEN kind = 'statement' THEN time_us END),
                min(CASE WHEN kind = 'duration' THEN time_us - coalesce(duration_us, 0) END),
                min(time_us)
            ) AS start_us,
            coalesce(max(CASE WHEN kind IN ('duration', 'error') THEN time_us END), max(time_us)) AS end_us,
            coalesce(max(time_step_us), 1000) AS time_step_us,
            max(CASE WHEN step NOT IN ('parse', 'bind') THEN duration_us END) AS duration_us,
            max(query_binds) AS query_binds,
            coalesce(
                max(CASE WHEN kind = 'audit' THEN query_command END),
                max(CASE WHEN query_command NOT IN ('PARSE', 'BIND') THEN query_command END)
            ) AS query_command,
            string_agg(DISTINCT query_objects, ';' ORDER BY query_objects) AS query_objects,
            max(error_code) AS error_code, max(error_text) AS error_text,
            max(CASE WHEN kind = 'error' THEN coalesce(status, 'failure') END) AS failure,
            max(CASE WHEN kind = 'duration' AND step NOT IN ('parse', 'bind') AND is_mysql = 0
                THEN 'success' END) AS success,
            min(CASE WHEN is_mysql = 1 THEN status END) AS told_status,
            max(CASE WHEN kind = 'duration' THEN query_rows END) AS sent_rows,
            max(session_uid) AS database_session_uid, max(address) AS src_endpoint_ip,
            max(is_mysql) AS is_mysql,
            max(database_user_name) AS database_user_name, max(database_name) AS database_name,
            max(database_application) AS database_application, max(trace_uid) AS trace_uid,
            max(CASE WHEN kind = 'error' AND text IS NULL THEN 0 ELSE 1 END) AS runs
        FROM parts
        GROUP BY session, execution
    ),
    {_COUNTED}
    SELECT t.session, t.execution, t.lead_no, t.text, t.start_us, greatest(t.start_us, t.end_us) AS end_us,
        t.time_step_us, t.duration_us, t.query_binds, t.query_command, t.query_objects,
        coalesce(c.own_rows, c.all_rows, t.sent_rows) AS query_rows,
        t.error_code, t.error_text, coalesce(t.failure, t.told_status, t.success) AS status,
        t.database_user_name, t.database_name, t.database_application, t.trace_uid, t.runs,
        t.database_session_uid, t.src_endpoint_ip, t.is_mysql
    FROM told t
    LEFT JOIN counted c ON c.session = t.session AND c.execution = t.execution
    """,
)

EXECUTION_STATIONS = (*ENTRY_STATIONS, LINES, EXECUTION_LINES, EXECUTIONS)
