"""intrusion.csv: one row per hostile line, so per log that tells of a hostile event."""

from __future__ import annotations

from ashiato.exports.sheet import Sheet

INTRUSION_SHEET = Sheet(
    "intrusion.csv",
    ("file", "line", "time", "intruder", "path", "confidence", "why"),
    """
    SELECT evidence.label AS file, witnesses.line_first,
        events.start_us AS time_us, intrusion.intruder, intrusion.path,
        round(intrusion.confidence, 3) AS confidence, intrusion.why
    FROM intrusion
    JOIN events ON events.event_id = intrusion.event_id
    JOIN witnesses ON witnesses.event_id = intrusion.event_id
    JOIN evidence ON evidence.evidence_id = witnesses.evidence_id
    ORDER BY ALL
    """,
    times=("time",),
)
