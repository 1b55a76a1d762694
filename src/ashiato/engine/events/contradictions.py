"""Logs that tell of one thing and do not say the same: two lines of a request, two records of a call.

A line that a log lacks is a hole of that log and no contradiction. Lines that say different things stay
events of their own, so that neither is believed over the other; calls that another log tells of under one
request id are one event already.
"""

from __future__ import annotations

from ashiato.engine.store import Station
from ashiato.engine.tables import CONTRADICTIONS

# Of two logs of the same requests, the lines left over for one second, address, method and target: where each
# log has one, they tell of one request and differ in the rest.
_LEFT_OVER = """
    paired AS (
        SELECT p.record_no, p.lead_no, k.source AS link
        FROM request_pairs p
        JOIN request_keys k ON k.record_no = p.record_no
    ),
    sides AS (
        SELECT l.source AS link, l.with_bytes, k.record_no, k.second, k.ip, k.method, k.target,
            CASE WHEN k.has_code = 1 THEN k.code END AS code, k.body_bytes,
            CASE WHEN k.source = l.hub THEN 1 ELSE 0 END AS at_hub
        FROM twin_sources l
        JOIN request_keys k ON k.source = l.source OR k.source = l.hub
        LEFT JOIN paired t ON t.record_no = k.record_no
        LEFT JOIN paired h ON h.lead_no = k.record_no AND h.link = l.source
        WHERE t.record_no IS NULL AND h.lead_no IS NULL
    ),
    single AS (
        SELECT link, second, ip, method, target
        FROM sides
        GROUP BY link, second, ip, method, target
        HAVING count(*) = 2 AND sum(at_hub) = 1
    ),
    lines AS (
        SELECT hub.record_no AS first_no, twin.record_no AS other_no, hub.code, twin.code AS other_code,
            CASE WHEN hub.with_bytes THEN hub.body_bytes END AS body_bytes,
            CASE WHEN hub.with_bytes THEN twin.body_bytes END AS other_bytes
        FROM single s
        JOIN sides hub ON hub.link = s.link AND hub.second = s.second AND hub.ip = s.ip
            AND hub.method = s.method AND hub.target = s.target AND hub.at_hub = 1
        JOIN sides twin ON twin.link = s.link AND twin.second = s.second AND twin.ip = s.ip
            AND twin.method = s.method AND twin.target = s.target AND twin.at_hub = 0
    )
"""

# Calls that two logs hold under one request id.
_CALLS = """
    calls AS (
        SELECT p.lead_no AS first_no, p.record_no AS other_no, a.http_response_code AS code,
            b.http_response_code AS other_code, a.http_response_body_bytes AS body_bytes,
            b.http_response_body_bytes AS other_bytes
        FROM api_pairs p
        JOIN record_numbers m ON m.record_no = p.lead_no
        JOIN records a ON a.evidence_id = m.evidence_id AND a.line_first = m.line_first
        JOIN record_numbers n ON n.record_no = p.record_no
        JOIN records b ON b.evidence_id = n.evidence_id AND b.line_first = n.line_first
    )
"""

_DIFFERS = """
    CASE WHEN code <> other_code THEN 'status=' || CAST(code AS VARCHAR) || '/' || CAST(other_code AS VARCHAR)
        ELSE 'bytes=' || CAST(body_bytes AS VARCHAR) || '/' || CAST(other_bytes AS VARCHAR) END
"""

#: One row per pair of records of one thing that say different things.
DIFFERING = Station(
    "differing_records",
    f"""
    WITH {_LEFT_OVER}, {_CALLS},
    told AS (
        SELECT * FROM lines UNION ALL SELECT * FROM calls UNION ALL
        SELECT lead_no, record_no, code, other_code, body_bytes, other_bytes FROM traced_lines
    )
    SELECT DISTINCT first_no, other_no, {_DIFFERS} AS differs
    FROM told
    WHERE code <> other_code OR body_bytes <> other_bytes
    """,
)

#: One row per pair of events (or one event, told of twice) whose logs say different things.
CONTRADICTED = Station(
    "contradictions",
    """
    SELECT s.event_id, o.event_id AS other_event_id, d.differs
    FROM differing_records d
    JOIN event_members m ON m.record_no = d.first_no
    JOIN event_spans s ON s.lead_no = m.lead_no
    JOIN event_members n ON n.record_no = d.other_no
    JOIN event_spans o ON o.lead_no = n.lead_no
    """,
    writes=CONTRADICTIONS,
)
