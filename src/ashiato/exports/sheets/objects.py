"""objects.csv: one row per access path x object that was asked for: what went out, and whose it may be."""

from __future__ import annotations

from ashiato.exports.places import grouped_places
from ashiato.exports.sheet import Sheet

_LINES = """
    SELECT DISTINCT intrusion.path, coalesce(events.databucket_name, '') AS bucket,
        coalesce(events.databucket_file_path, trim(events.http_request_path, '/')) AS object,
        witnesses.evidence_id, witnesses.line_first, witnesses.line_last
    FROM intrusion
    JOIN events ON events.event_id = intrusion.event_id
    JOIN witnesses ON witnesses.event_id = intrusion.event_id
    WHERE events.databucket_file_path IS NOT NULL OR events.event_kind = 'http'
"""

OBJECTS_SHEET = Sheet(
    "objects.csv",
    ("path", "bucket", "object", "version", "state", "requests", "bytes", "bytes_sent", "content", "copy",
     "records", "evidence"),
    f"""
    WITH proven AS ({grouped_places(_LINES, ("path", "bucket", "object"))})
    SELECT objects.path, objects.databucket_name, objects.databucket_file_path,
        objects.databucket_file_version, objects.state, objects.events, objects.object_bytes,
        objects.sent_bytes, objects.content, evidence.label, objects.records, proven.places
    FROM objects
    LEFT JOIN evidence ON evidence.evidence_id = objects.copy_evidence_id
    LEFT JOIN proven ON proven.path = objects.path AND proven.bucket = objects.databucket_name
        AND proven.object = objects.databucket_file_path
    ORDER BY ALL
    """,
)  # fmt: skip
