"""coverage.csv: one row per way to the records x log: does its silence prove absence, and what is missing."""

from __future__ import annotations

from ashiato.exports.sheet import Sheet

COVERAGE_SHEET = Sheet(
    "coverage.csv",
    ("system", "table", "kind", "way", "source", "window_first", "window_last", "source_first", "source_last",
     "proves", "missing"),
    """
    SELECT system, table_name, way_kind, way, source, start_us, end_us, first_us, last_us,
        CASE WHEN proves THEN 'yes' ELSE 'no' END AS proves, reasons
    FROM coverage ORDER BY system, way_kind, way, source, table_name
    """,
    times=("window_first", "window_last", "source_first", "source_last"),
)  # fmt: skip
