"""intrusion.csv: one row per hostile line, so per log that tells of a hostile event."""

from __future__ import annotations

from ashiato.exports.places import BASE, IS_APART
from ashiato.exports.sheet import Sheet

INTRUSION_SHEET = Sheet(
    "intrusion.csv",
    ("file", "line", "time", "intruder", "path", "confidence", "why"),
    f"""
    SELECT evidence.label AS file,
        CASE WHEN {IS_APART} THEN '#' || (witnesses.line_first - {BASE})
             ELSE CAST(witnesses.line_first AS VARCHAR) END AS line,
        events.start_us AS time_us, intrusion.intruder, intrusion.path,
        round(intrusion.confidence, 3) AS confidence, intrusion.why
    FROM intrusion
    JOIN events ON events.event_id = intrusion.event_id
    JOIN witnesses ON witnesses.event_id = intrusion.event_id
    JOIN evidence ON evidence.evidence_id = witnesses.evidence_id
    LEFT JOIN readings ON readings.evidence_id = witnesses.evidence_id
    ORDER BY file, witnesses.line_first, line, time_us, path, intrusion.intruder, confidence, intrusion.why
    """,
    times=("time",),
)
