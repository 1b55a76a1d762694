"""People: each record of a people table with its grade, and what of it was reached.

Reads ``master`` and ``exposures``; writes ``people``. Until records are matched to people, a person is a
record: ``person_id`` is the record's key under its system and table, and every count is of records.
"""

from __future__ import annotations

from ashiato.engine.store import Station
from ashiato.engine.tables import EXPOSURES, MASTER, PEOPLE
from ashiato.engine.workspace import Workspace
from ashiato.terms.grades import Grade

READS = (MASTER, EXPOSURES)
WRITES = (PEOPLE,)

_WORDS = " ".join(f"WHEN {grade.value} THEN '{grade.word}'" for grade in Grade)

# A field's grade is the highest of its paths'; a record's the highest of its fields'.
_PEOPLE = f"""
WITH fields AS (
  SELECT system, table_name, record_key, field, max(grade * 10 + CAST(substr(rung, 2) AS INTEGER)) AS rank
  FROM exposures GROUP BY system, table_name, record_key, field
),
told AS (
  SELECT system, table_name, record_key, max(rank // 10) AS grade,
         string_agg(field || '=' || (CASE rank // 10 {_WORDS} END) || '/L' || (rank % 10), ';' ORDER BY field)
           AS fields
  FROM fields GROUP BY system, table_name, record_key
),
codes AS (
  SELECT DISTINCT system, table_name, record_key, reasons FROM exposures WHERE length(reasons) > 0
),
reasons AS (
  SELECT system, table_name, record_key, string_agg(reasons, ';' ORDER BY reasons) AS reasons
  FROM codes GROUP BY system, table_name, record_key
)
SELECT m.system, m.table_name, m.record_key, m.record_key AS person_id, m.persona,
       COALESCE(t.grade, {Grade.NOT_SHOWN.value}) AS grade, COALESCE(t.fields, '') AS fields,
       COALESCE(r.reasons, '') AS reasons
FROM master AS m
LEFT JOIN told AS t ON t.system = m.system AND t.table_name = m.table_name AND t.record_key = m.record_key
LEFT JOIN reasons AS r ON r.system = m.system AND r.table_name = m.table_name AND r.record_key = m.record_key
"""


def build(workspace: Workspace) -> None:
    """Grade every record of every people table; a record with no trace is *not shown*."""
    workspace.store.run(Station("people", _PEOPLE, PEOPLE))
