"""recovered.csv: one row per value rebuilt from a transcript; the only sheet that holds values."""

from __future__ import annotations

from ashiato.exports.sheet import Sheet

RECOVERED_SHEET = Sheet(
    "recovered.csv",
    ("path", "table", "row", "field", "value", "state"),
    """
    SELECT DISTINCT path, table_name, record_key, field, value, state
    FROM recovered ORDER BY ALL
    """,
)
