"""persons.csv: one row per record of every people table, reached or not; people found only in logs too."""

from __future__ import annotations

from ashiato.exports.grade_words import grade_word
from ashiato.exports.sheet import Sheet

PERSONS_SHEET = Sheet(
    "persons.csv",
    ("system", "table", "key", "person_id", "persona", "grade", "fields", "reasons"),
    f"""
    SELECT system, table_name, record_key, person_id, persona,
        {grade_word("grade")} AS grade, fields, reasons
    FROM people ORDER BY system, table_name, record_key
    """,
)
