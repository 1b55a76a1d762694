"""Puts what every kind of trace says together: replayed statements, objects, transcripts, web replies.

Each kind writes ``<kind>_exposures``, ``<kind>_proofs`` and ``<kind>_recovered`` with the columns of the
tables they end in, the replay the first two in numbers (``numbering``); a field that several kinds reach on
one path counts at its highest.
"""

from __future__ import annotations

from collections.abc import Sequence

from ashiato.engine.exposures.numbering import EXPOSURES_TOLD, FIELDS_ORDER, PROOFS_ORDER, PROOFS_TOLD
from ashiato.engine.store import Station, Store
from ashiato.engine.tables import CONTRADICTIONS, EXPOSURES, PROOFS, RECOVERED, Table

#: The kind whose relations are numbered, and hold nothing twice.
_ONCE = "replay"
_NUMBERED = {
    EXPOSURES.name: (EXPOSURES_TOLD, FIELDS_ORDER),
    PROOFS.name: (PROOFS_TOLD, PROOFS_ORDER),
}
_HIGHEST = """
SELECT system, table_name, record_key, path, field, rung, grade, part, reasons FROM (
  SELECT e.*, ROW_NUMBER() OVER (PARTITION BY system, table_name, record_key, path, field
                                 ORDER BY grade DESC, rung DESC, COALESCE(part, ''), reasons) AS nth
  FROM ({rows}) AS e
) AS ranked WHERE nth = 1
"""
_EACH_ONCE = """
SELECT system, table_name, record_key, path, event_id, min(shows) AS shows
FROM ({rows}) AS shown GROUP BY system, table_name, record_key, path, event_id
"""


# Records shown by an event of which two logs say different things: a mark beside their grade, whatever it is.
_CONTRADICTED = """
SELECT DISTINCT p.system, p.table_name, p.record_key, p.path
FROM proofs AS p
JOIN (
  SELECT event_id FROM contradictions UNION ALL SELECT other_event_id FROM contradictions
) AS c ON c.event_id = p.event_id
"""
_MARKED = """
SELECT e.system, e.table_name, e.record_key, e.path, e.field, e.rung, e.grade, e.part,
       CASE WHEN c.record_key IS NULL THEN e.reasons WHEN length(e.reasons) > 0
            THEN e.reasons || ';contradicted' ELSE 'contradicted' END AS reasons
FROM merged_exposures AS e
LEFT JOIN contradicted_records AS c
  ON c.system = e.system AND c.table_name = e.table_name AND c.record_key = e.record_key AND c.path = e.path
"""


_MERGING = {EXPOSURES.name: _HIGHEST, PROOFS.name: _EACH_ONCE}


def merge(store: Store, kinds: Sequence[str]) -> None:
    """Write ``exposures``, ``proofs`` and ``recovered`` from the relations of every kind that wrote some."""
    marked = store.count(CONTRADICTIONS.name) > 0
    store.run(_merged(store, kinds, EXPOSURES, "merged_exposures" if marked else EXPOSURES.name))
    store.run(_merged(store, kinds, PROOFS, PROOFS.name))
    if marked:
        store.run(Station("contradicted_records", _CONTRADICTED))
        store.run(Station(EXPOSURES.name, _MARKED, EXPOSURES))
    store.run(Station("recovered", f"SELECT DISTINCT * FROM ({_all_of(RECOVERED, kinds)}) AS r", RECOVERED))


def _merged(store: Store, kinds: Sequence[str], table: Table, name: str) -> Station:
    telling = [kind for kind in kinds if store.count(f"{kind}_{table.name}")] or kinds
    written = table if name == table.name else None
    if telling == [_ONCE]:
        # Alone, the largest of them need not be sorted to find what it holds twice.
        rows, order = _NUMBERED[table.name]
        return Station(name, rows, written, sorted_by=order if written else ())
    return Station(name, _MERGING[table.name].format(rows=_all_of(table, telling)), written)


def _all_of(table: Table, kinds: Sequence[str]) -> str:
    columns = ", ".join(table.columns)
    return " UNION ALL ".join(f"SELECT {columns} FROM {_relation(table, kind)}" for kind in kinds)


def _relation(table: Table, kind: str) -> str:
    if kind == _ONCE and table.name in _NUMBERED:
        return f"({_NUMBERED[table.name][0]}) AS told"
    return f"{kind}_{table.name}"
