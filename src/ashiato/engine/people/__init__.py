"""People: each record of a people table with its grade, what of it was reached, and whose it is.

Reads ``master``, ``exposures``, ``absences``, ``touched``, ``intrusion``, ``events`` and the values of the
snapshots. Writes ``people``, ``match_reviews``, ``match_ways``, ``persons``, ``contacts``, ``sensitivities``
and ``unknown_values``. Records of one human share a ``person_id``: the smallest of their
records', ``system/table/key``. Pairs that may be one human and were not joined are rows of ``match_reviews``;
``widest_person_id`` is whose a record were if all of those were one. A record that exposures tell of and no
people table holds is a row and a person of its own, with the reason ``not-in-master``. Matching changes
nobody's grade. Of everybody of whom a record is possible at least, ``persons`` says what they are and whom to
tell, ``contacts`` by which ways (where they stand, never what they say), ``sensitivities`` what harm is
possible.
"""

from __future__ import annotations

from ashiato.engine.people.matching import PERSONS as MATCHED
from ashiato.engine.people.matching import match_records
from ashiato.engine.people.profiles import write_patterns
from ashiato.engine.people.sensitivity import write_sensitivities
from ashiato.engine.people.sources import list_sources
from ashiato.engine.people.states import STATES, write_states
from ashiato.engine.people.telling import write_persons
from ashiato.engine.people.unknown import write_unknown
from ashiato.engine.store import Station
from ashiato.engine.tables import (
    ABSENCES,
    EVENTS,
    EXPOSURES,
    INTRUSION,
    MASTER,
    MATCH_REVIEWS,
    MATCH_WAYS,
    PEOPLE,
    TOUCHED,
)
from ashiato.engine.tables_of_persons import CONTACTS, PERSONS, SENSITIVITIES, UNKNOWN_VALUES
from ashiato.engine.workspace import Workspace
from ashiato.terms.grades import Grade
from ashiato.terms.reasons import ReasonCode

READS = (MASTER, EXPOSURES, ABSENCES, TOUCHED, INTRUSION, EVENTS)
WRITES = (PEOPLE, MATCH_REVIEWS, MATCH_WAYS, PERSONS, CONTACTS, SENSITIVITIES, UNKNOWN_VALUES)

_KEY = ("system", "table_name", "record_key")
_ON_MASTER, _ON_PATTERNS, _ON_TOUCHED, _ON_PERSONS, _ON_STATES = (
    " AND ".join(f"{left}.{name} = {right}.{name}" for name in _KEY)
    for left, right in (("m", "p"), ("k", "p"), ("k", "h"), ("t", "r"), ("t", "s"))
)
_ITSELF = "t.system || '/' || t.table_name || '/' || t.record_key"
_OUTSIDE = str(ReasonCode.NOT_IN_MASTER)

_PEOPLE = f"""
WITH known AS (
  SELECT system, table_name, record_key, persona, 0 AS is_outside FROM master
  UNION ALL
  SELECT p.system, p.table_name, p.record_key, CAST(NULL AS VARCHAR) AS persona, 1 AS is_outside
  FROM record_patterns AS p LEFT JOIN master AS m ON {_ON_MASTER} WHERE m.record_key IS NULL
),
told AS (
  SELECT k.system, k.table_name, k.record_key, k.persona, k.is_outside,
         COALESCE(
           p.grade,
           CASE WHEN a.proves AND h.record_key IS NULL AND k.is_outside = 0 THEN {Grade.NOT_REACHED.value}
                ELSE {Grade.NOT_SHOWN.value} END
         ) AS grade,
         COALESCE(t.fields, '') AS fields,
         COALESCE(t.reasons, '') AS reasons
  FROM known AS k
  LEFT JOIN record_patterns AS p ON {_ON_PATTERNS}
  LEFT JOIN pattern_texts AS t ON t.pattern = p.pattern
  LEFT JOIN absences AS a ON a.system = k.system AND a.table_name = k.table_name
  LEFT JOIN touched AS h ON {_ON_TOUCHED}
)
SELECT t.system, t.table_name, t.record_key, COALESCE(r.person_id, {_ITSELF}) AS person_id,
       persona, grade, fields,
       CASE WHEN is_outside = 0 OR reasons LIKE '%{_OUTSIDE}%' THEN reasons
            WHEN reasons = '' THEN '{_OUTSIDE}' ELSE '{_OUTSIDE};' || reasons END AS reasons,
       COALESCE(r.widest_person_id, {_ITSELF}) AS widest_person_id, COALESCE(s.states, '') AS states
FROM told AS t LEFT JOIN {MATCHED} AS r ON {_ON_PERSONS} LEFT JOIN {STATES} AS s ON {_ON_STATES}
"""


def build(workspace: Workspace) -> None:
    """Grade every record of every people table; without a trace it is *not reached* only by proof."""
    store = workspace.store
    sources = list_sources(workspace)
    write_patterns(store)
    match_records(workspace, sources)
    write_states(workspace, sources)
    store.run(Station("people", _PEOPLE, PEOPLE))
    write_persons(workspace, sources)
    write_sensitivities(store, workspace.datamap)
    write_unknown(store, sources)
