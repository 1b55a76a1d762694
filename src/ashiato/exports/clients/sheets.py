"""The files of one client's package, from that client's records alone.

``client_records`` holds them while a package is written. What could carry somebody else's data is left out:
ids of people (they may be another client's record), titles of paths, parameters of reasons.
"""

from __future__ import annotations

from ashiato.engine.api import Store
from ashiato.exports.grade_words import grade_word
from ashiato.exports.sheet import Sheet
from ashiato.exports.sheets.exposures import EXPOSURES_SHEET
from ashiato.terms.grades import Grade
from ashiato.terms.reasons import ReasonCode

KEY = "system, table_name, record_key"
_CODES = ", ".join(f"'{code}'" for code in ReasonCode)


def _codes_of(column: str) -> str:
    """Return SQL for the reason codes in a column, without their parameters."""
    codes = f"list_transform(string_split(coalesce({column}, ''), ';'), x -> split_part(x, '(', 1))"
    return f"array_to_string(list_sort(list_distinct(list_filter({codes}, x -> x IN ({_CODES})))), ';')"


CLIENT_PERSONS = Sheet(
    "persons.csv",
    ("system", "table", "key", "persona", "grade", "fields", "reasons"),
    f"""
    SELECT {KEY}, persona, {grade_word("grade")} AS grade, fields, {_codes_of("reasons")} AS reasons
    FROM people SEMI JOIN client_records USING ({KEY}) ORDER BY {KEY}
    """,
)

CLIENT_EXPOSURES = Sheet(
    "exposures.csv",
    EXPOSURES_SHEET.columns,
    f"""
    SELECT system, table_name, record_key, path, fields, {_codes_of("reasons")}, places
    FROM ({EXPOSURES_SHEET.sql})
    """,
)

CLIENT_PATHS = Sheet(
    "paths.csv",
    ("path", "technique", "first_time", "last_time", "records_at_least", "records_at_most"),
    f"""
    SELECT p.path, p.technique, p.start_us, p.end_us,
        count(*) FILTER (WHERE e.grade = {int(Grade.CONFIRMED)}),
        count(*) FILTER (WHERE e.grade >= {int(Grade.POSSIBLE)})
    FROM (
        SELECT {KEY}, path, max(grade) AS grade
        FROM exposures SEMI JOIN client_records USING ({KEY}) GROUP BY ALL
    ) AS e JOIN paths AS p ON p.path = e.path
    GROUP BY ALL ORDER BY p.path
    """,
    times=("first_time", "last_time"),
)

SHEETS = (CLIENT_PERSONS, CLIENT_EXPOSURES, CLIENT_PATHS)


def hold_client(store: Store, client: str) -> None:
    """Make ``client_records``, and what the sheet of exposures reads, hold the records of one client."""
    store.rows(
        f"CREATE OR REPLACE TABLE client_records AS SELECT DISTINCT {KEY} FROM master WHERE client = ?",
        [client],
    )
    store.rows(f"CREATE OR REPLACE VIEW sheet_records AS SELECT {KEY} FROM client_records")
