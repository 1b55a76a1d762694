"""excluded.csv: one row per line that an analyst's word took out; spared.csv: per record it would reach."""

from __future__ import annotations

from ashiato.exports.grade_words import grade_word
from ashiato.exports.places import BASE, IS_APART
from ashiato.exports.sheet import Sheet

EXCLUDED_SHEET = Sheet(
    "excluded.csv",
    ("file", "line", "time", "confidence", "why", "analyst", "because"),
    f"""
    SELECT evidence.label AS file,
        CASE WHEN {IS_APART} THEN '#' || (witnesses.line_first - {BASE})
             ELSE CAST(witnesses.line_first AS VARCHAR) END AS line,
        events.start_us AS time_us, round(excluded.confidence, 3) AS confidence, excluded.why,
        excluded.analyst, excluded.because
    FROM excluded
    JOIN events ON events.event_id = excluded.event_id
    JOIN witnesses ON witnesses.event_id = excluded.event_id
    JOIN evidence ON evidence.evidence_id = witnesses.evidence_id
    LEFT JOIN readings ON readings.evidence_id = witnesses.evidence_id
    ORDER BY file, witnesses.line_first, line, time_us, confidence, excluded.why, analyst, because
    """,
    times=("time",),
)

SPARED_SHEET = Sheet(
    "spared.csv",
    ("system", "table", "key", "would_be", "stays", "analyst", "because"),
    f"""
    SELECT system, table_name, record_key, {grade_word("grade")} AS would_be,
        {grade_word("grade_without")} AS stays, analyst, because
    FROM spared ORDER BY ALL
    """,
)
