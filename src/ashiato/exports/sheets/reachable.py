"""reachable.csv: what each path's access had the right to read (L0), by way and table."""

from __future__ import annotations

from ashiato.exports.sheet import Sheet
from ashiato.exports.sheets.paths import OUTSIDE

REACHABLE_SHEET = Sheet(
    "reachable.csv",
    ("path", "system", "kind", "way", "table", "columns", "ground", "people_table", "records_at_most"),
    f"""
    WITH counted AS (
        SELECT system, table_name, count(*) AS records FROM people WHERE NOT {OUTSIDE} GROUP BY ALL
    )
    SELECT reachable.path, reachable.system, way_kind, way, reachable.table_name, column_names, ground,
        person_table, counted.records
    FROM reachable
    LEFT JOIN counted ON counted.system = reachable.system AND counted.table_name = person_table
    ORDER BY reachable.path, reachable.system, way_kind, way, reachable.table_name
    """,
)
