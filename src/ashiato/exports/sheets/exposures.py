"""exposures.csv: one row per record x access path, with its fields and the lines that prove it."""

from __future__ import annotations

from ashiato.exports.grade_words import field_text
from ashiato.exports.places import grouped_places
from ashiato.exports.sheet import Sheet

_KEY = ("system", "table_name", "record_key", "path")
_ON = " AND ".join(f"{{0}}.{name} IS NOT DISTINCT FROM reached.{name}" for name in _KEY)
_HERE = "SEMI JOIN sheet_records USING (system, table_name, record_key)"

_PROOF_LINES = f"""
    SELECT DISTINCT {", ".join(f"shown.{name}" for name in _KEY)},
        witnesses.evidence_id, witnesses.line_first, witnesses.line_last
    FROM (FROM proofs {_HERE}) AS shown JOIN witnesses ON witnesses.event_id = shown.event_id
"""

EXPOSURES_SHEET = Sheet(
    "exposures.csv",
    ("system", "table", "key", "path", "fields", "reasons", "evidence"),
    f"""
    WITH here AS (FROM exposures {_HERE}),
    reached AS (
        SELECT {", ".join(_KEY)}, string_agg({field_text()}, ';' ORDER BY field) AS fields
        FROM here GROUP BY ALL
    ),
    codes AS (
        SELECT DISTINCT {", ".join(_KEY)}, unnest(string_split(reasons, ';')) AS reason
        FROM here WHERE coalesce(reasons, '') <> ''
    ),
    reasons AS (
        SELECT {", ".join(_KEY)}, string_agg(reason, ';' ORDER BY reason) AS reasons
        FROM codes GROUP BY ALL
    ),
    proven AS ({grouped_places(_PROOF_LINES, _KEY)})
    SELECT reached.system, reached.table_name, reached.record_key, reached.path,
        reached.fields, reasons.reasons, proven.places
    FROM reached
    LEFT JOIN reasons ON {_ON.format("reasons")}
    LEFT JOIN proven ON {_ON.format("proven")}
    ORDER BY ALL
    """,
    by_record=True,
)
