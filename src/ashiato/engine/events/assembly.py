"""Events and witnesses: what the records of one event say together, and a number for each event.

Numbers follow time, then kind, then the content (not the name) of the file the leading record stands in,
so the order in which evidence was added does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from ashiato.engine.saying import SAYING
from ashiato.engine.store import Row, Station, Store, quote_text
from ashiato.engine.tables import EVENTS, WITNESSES

# Events are numbered stretch by stretch: no engine then holds all of them to put them in order.
_STRETCH_US, _NEVER_US = 600_000_000, 9_000_000_000_000_000_000
# And so many are written out at a time, with all that is said of them: about half a gigabyte of access logs.
_PART_EVENTS = 500_000

#: One row per event: its times, before it has a number.
TIMES = Station(
    "event_times",
    """
        SELECT n.record_no AS lead_no, n.content_no, n.line_first, n.source_system,
            n.default_system, n.time_step_us,
            CASE
                WHEN x.lead_no IS NOT NULL THEN CASE WHEN x.runs = 1 THEN 'sql' ELSE 'message' END
                WHEN n.record_kind = 'web-request' THEN 'http'
                WHEN n.record_kind IN ('sign-in', 'sign-out') THEN 'auth'
                WHEN n.record_kind = 'application' THEN 'app'
                WHEN n.record_kind = 'api-call' THEN 'api'
                WHEN n.record_kind = 'sql-connection' THEN 'connection'
                WHEN n.record_kind LIKE 'host-%' THEN 'host'
                ELSE 'message'
            END AS event_kind,
            CASE
                WHEN x.lead_no IS NOT NULL THEN x.start_us
                WHEN q.lead_no IS NOT NULL AND coalesce(k.stamps_start, 0) = 0
                    THEN n.time_us - coalesce(q.duration_us, 0)
                ELSE n.time_us
            END AS start_us,
            CASE
                WHEN x.lead_no IS NOT NULL THEN x.end_us
                WHEN q.lead_no IS NOT NULL AND k.stamps_start = 1 THEN n.time_us + coalesce(q.duration_us, 0)
                ELSE n.time_us
            END AS end_us
        FROM event_members m
        JOIN record_numbers n ON n.record_no = m.record_no
        LEFT JOIN executions x ON x.lead_no = m.lead_no
        LEFT JOIN request_leads q ON q.lead_no = m.lead_no
        LEFT JOIN (
            SELECT web_source, max(stamps_start) AS stamps_start FROM clocks GROUP BY web_source
        ) k ON k.web_source = q.source
        WHERE m.record_no = m.lead_no
    """,
)

#: One row per event: its number and times.
SPANS = Station(
    "event_spans",
    f"""
    WITH placed AS (
        SELECT t.*, coalesce(t.start_us, {_NEVER_US}) // {_STRETCH_US} AS stretch FROM event_times t
    ), counted AS (
        SELECT stretch, count(*) AS events FROM placed GROUP BY stretch
    ), begun AS (
        SELECT stretch, CAST(sum(events) OVER (ORDER BY stretch) - events AS BIGINT) AS earlier FROM counted
    )
    SELECT b.earlier + row_number() OVER (
            PARTITION BY b.stretch
            ORDER BY t.start_us, t.event_kind, t.content_no, t.line_first, t.lead_no
        ) AS event_id,
        t.lead_no, t.event_kind, t.start_us, t.end_us, t.time_step_us, t.source_system, t.default_system
    FROM placed t JOIN begun b ON b.stretch = t.stretch
    """,
)

#: One row per event x record that tells of it.
ALL_WITNESSES = Station(
    "witnesses",
    """
    SELECT s.event_id, r.evidence_id, r.line_first, r.line_last, r.byte_first, r.byte_last,
        r.record_kind, m.role
    FROM event_members m
    JOIN event_spans s ON s.lead_no = m.lead_no
    JOIN record_numbers n ON n.record_no = m.record_no
    JOIN records r ON r.evidence_id = n.evidence_id AND r.line_first = n.line_first
    """,
    writes=WITNESSES,
)

# What an execution says that its leading line may not, and what a sign-in says of a request.
_FROM_EXECUTION = (
    "duration_us", "query_binds", "query_command", "query_rows", "query_objects", "error_code", "error_text",
    "status", "database_user_name", "database_name", "database_application", "trace_uid",
    "database_session_uid", "src_endpoint_ip",
)  # fmt: skip
_FROM_SIGN_IN = ("actor_session_uid", "actor_user_name", "actor_user_type")


def _said(column: str) -> str:
    sources = [f"r.{column}", f"o.{column}"]
    if column == "query_text":
        sources.append("x.text")
    elif column in _FROM_EXECUTION:
        sources.insert(0, f"x.{column}")
    elif column in _FROM_SIGN_IN:
        sources.append(f"a.{column}")
    return f"coalesce({', '.join(sources)}) AS {column}"


_SAID = ",\n        ".join(_said(column) for column in SAYING)
_OTHERS = ", ".join(f"max(r.{column}) AS {column}" for column in SAYING)


#: One row per event, with all that its records say.
ALL_EVENTS = Station(
    "events",
    f"""
    WITH others AS (
        SELECT m.lead_no, {_OTHERS}
        FROM event_members m
        JOIN record_numbers n ON n.record_no = m.record_no
        JOIN records r ON r.evidence_id = n.evidence_id AND r.line_first = n.line_first
        WHERE m.role = 'second-log'
        GROUP BY m.lead_no
    )
    SELECT s.event_id, s.event_kind, s.start_us, s.end_us, s.time_step_us,
        coalesce(s.source_system, CASE WHEN s.event_kind = 'sql'
            THEN coalesce(s.default_system, x.database_name, r.database_name) END) AS system,
        {_SAID}
    FROM event_spans s
    JOIN record_numbers n ON n.record_no = s.lead_no
    JOIN records r ON r.evidence_id = n.evidence_id AND r.line_first = n.line_first
    LEFT JOIN others o ON o.lead_no = s.lead_no
    LEFT JOIN executions x ON x.lead_no = s.lead_no
    LEFT JOIN request_actors a ON a.lead_no = s.lead_no
""",
    writes=EVENTS,
)


def write_events(store: Store) -> None:
    """Write ``witnesses`` and ``events``, part by part: what is sorted at a time does not grow with logs."""
    parts = list(_parts(store))
    store.run_in_parts(ALL_WITNESSES, WITNESSES, parts)
    store.run_in_parts(ALL_EVENTS, EVENTS, parts)


def _parts(store: Store) -> Iterator[dict[str, str]]:
    """What stands for the tables in each part: some events, and what is known of them alone."""
    theirs = "SELECT * FROM main.{} WHERE lead_no IN (SELECT lead_no FROM event_spans)"
    for part, files in groupby(_files_of_parts(store), key=itemgetter(0)):
        before = part * _PART_EVENTS
        named = ", ".join(quote_text(file) for _, file in files)
        yield {
            "event_spans": f"SELECT * FROM main.event_spans"
            f" WHERE event_id > {before} AND event_id <= {before + _PART_EVENTS}",
            "event_members": theirs.format("event_members"),
            "executions": theirs.format("executions"),
            "request_actors": theirs.format("request_actors"),
            # Rows of other files are not read at all.
            "records": f"SELECT * FROM main.records WHERE evidence_id IN ({named})",
        }


def _files_of_parts(store: Store) -> Sequence[Row]:
    """Each part's number with each file that tells of its events, in order; none where one part is all."""
    if store.count("event_spans") <= _PART_EVENTS:
        return ()
    return store.rows(f"""
        SELECT (s.event_id - 1) // {_PART_EVENTS} AS part, n.evidence_id
        FROM event_spans s
        JOIN event_members m ON m.lead_no = s.lead_no
        JOIN record_numbers n ON n.record_no = m.record_no
        GROUP BY part, n.evidence_id
        ORDER BY part, n.evidence_id
    """)
