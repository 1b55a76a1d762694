"""People: each record of a people table with its grade, and what of it was reached.

Reads ``master`` and ``exposures``; writes ``people``. A record that exposures tell of and no people table
holds is a row of its own, with the reason ``not-in-master``. Until records are matched to people, a person
is a record: ``person_id`` is ``system/table/key``, and every count is of records.
"""

from __future__ import annotations

import pyarrow as pa

from ashiato.engine.store import Station, Store
from ashiato.engine.tables import EXPOSURES, MASTER, PEOPLE
from ashiato.engine.workspace import Workspace
from ashiato.terms.grades import Grade
from ashiato.terms.reasons import ReasonCode, split_reasons

READS = (MASTER, EXPOSURES)
WRITES = (PEOPLE,)

_WORDS = " ".join(f"WHEN {grade.value} THEN '{grade.word}'" for grade in Grade)
_KEY = ("system", "table_name", "record_key")
_ON_MASTER, _ON_TOLD, _ON_REASONS = (
    " AND ".join(f"{left}.{name} = {right}.{name}" for name in _KEY)
    for left, right in (("m", "t"), ("t", "k"), ("r", "k"))
)
_PARTS = pa.schema([("reasons", pa.string()), ("reason", pa.string())])

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
outside AS (
  SELECT t.system, t.table_name, t.record_key FROM told AS t LEFT JOIN master AS m ON {_ON_MASTER}
  WHERE m.record_key IS NULL
),
known AS (
  SELECT system, table_name, record_key, persona FROM master
  UNION ALL SELECT system, table_name, record_key, CAST(NULL AS VARCHAR) AS persona FROM outside
),
codes AS (
  SELECT e.system, e.table_name, e.record_key, p.reason
  FROM exposures AS e JOIN reason_parts AS p ON p.reasons = e.reasons
  UNION SELECT system, table_name, record_key, '{ReasonCode.NOT_IN_MASTER}' AS reason FROM outside
),
reasons AS (
  SELECT system, table_name, record_key, string_agg(reason, ';' ORDER BY reason) AS reasons
  FROM codes GROUP BY system, table_name, record_key
)
SELECT k.system, k.table_name, k.record_key,
       k.system || '/' || k.table_name || '/' || k.record_key AS person_id, k.persona,
       COALESCE(t.grade, {Grade.NOT_SHOWN.value}) AS grade, COALESCE(t.fields, '') AS fields,
       COALESCE(r.reasons, '') AS reasons
FROM known AS k
LEFT JOIN told AS t ON {_ON_TOLD}
LEFT JOIN reasons AS r ON {_ON_REASONS}
"""


def build(workspace: Workspace) -> None:
    """Grade every record of every people table; a record with no trace is *not shown*."""
    _split_reasons(workspace.store)
    workspace.store.run(Station("people", _PEOPLE, PEOPLE))


def _split_reasons(store: Store) -> None:
    """Keep, for each text of reasons there is, the reasons in it."""
    texts = store.rows("SELECT DISTINCT reasons FROM exposures WHERE length(reasons) > 0 ORDER BY reasons")
    parts = [(text, reason) for (text,) in texts for reason in split_reasons(text)]
    columns = [pa.array([part[place] for part in parts], pa.string()) for place in (0, 1)]
    store.write_as("reason_parts", pa.table(columns, schema=_PARTS), order=("reasons", "reason"))
