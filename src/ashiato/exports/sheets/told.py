"""people.csv: one row per person who may have been reached: what they are, what harm, whom to tell, how."""

from __future__ import annotations

from ashiato.exports.grade_words import grade_word
from ashiato.exports.sheet import Sheet

PEOPLE_SHEET = Sheet(
    "people.csv",
    ("person_id", "grade", "records", "personas", "states", "sensitivity", "identifiable", "harms", "because",
     "addressee_id", "language", "channels", "contact_reasons"),
    f"""
    SELECT persons.person_id, {grade_word("grade")} AS grade, records, personas, states, sensitivity,
        CASE WHEN identifiable THEN 'yes' ELSE 'no' END AS identifiable, harms, because, addressee_id,
        language, CASE WHEN is_reachable THEN channels ELSE 'publication' END AS channels, contact_reasons
    FROM persons LEFT JOIN sensitivities ON sensitivities.person_id = persons.person_id
    ORDER BY sensitivity DESC, grade DESC, persons.person_id
    """,
)  # fmt: skip
