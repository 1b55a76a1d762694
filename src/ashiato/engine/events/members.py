"""Which records make which event, before events are numbered: an event is known by its leading record."""

from __future__ import annotations

from ashiato.engine.store import Station

#: One row per record: the leading record of its event, and its part in it.
MEMBERS = Station(
    "event_members",
    """
    WITH led AS (
        SELECT n.record_no,
            coalesce(p.lead_no, e.lead_no, n.record_no) AS lead_no,
            CASE
                WHEN p.lead_no IS NOT NULL THEN 'second-log'
                WHEN n.record_kind = 'web-request' THEN 'request'
                ELSE coalesce(l.kind, n.record_kind)
            END AS role
        FROM record_numbers n
        LEFT JOIN request_pairs p ON p.record_no = n.record_no
        LEFT JOIN execution_lines l ON l.record_no = n.record_no
        LEFT JOIN executions e ON e.session = l.session AND e.execution = l.execution
    )
    SELECT led.record_no, coalesce(original.lead_no, led.lead_no) AS lead_no,
        CASE WHEN c.record_no IS NULL THEN led.role ELSE 'copy' END AS role
    FROM led
    LEFT JOIN record_copies c ON c.record_no = led.record_no
    LEFT JOIN led original ON original.record_no = c.original_no
    """,
)

#: One row per request: the times and words by which it is linked to other events.
REQUESTS = Station(
    "request_leads",
    """
    WITH second AS (
        SELECT m.lead_no, max(r.duration_us) AS duration_us, max(r.actor_session_uid) AS actor_session_uid,
            max(r.actor_user_name) AS actor_user_name, max(r.trace_uid) AS trace_uid
        FROM event_members m
        JOIN record_numbers n ON n.record_no = m.record_no
        JOIN records r ON r.evidence_id = n.evidence_id AND r.line_first = n.line_first
        WHERE m.role = 'second-log'
        GROUP BY m.lead_no
    )
    SELECT m.lead_no, n.source, n.time_us, coalesce(n.time_step_us, 1000000) AS time_step_us,
        coalesce(r.duration_us, s.duration_us) AS duration_us, r.src_endpoint_ip, r.http_request_method,
        r.http_request_path, r.http_request_query, r.http_response_code,
        coalesce(r.actor_session_uid, s.actor_session_uid) AS actor_session_uid,
        coalesce(r.actor_user_name, s.actor_user_name) AS actor_user_name,
        coalesce(r.trace_uid, s.trace_uid) AS trace_uid
    FROM event_members m
    JOIN record_numbers n ON n.record_no = m.record_no
    JOIN records r ON r.evidence_id = n.evidence_id AND r.line_first = n.line_first
    LEFT JOIN second s ON s.lead_no = m.lead_no
    WHERE m.record_no = m.lead_no AND n.record_kind = 'web-request'
    """,
)
