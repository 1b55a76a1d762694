"""Puts what every kind of trace says together: replayed statements, objects, transcripts, web replies.

Each kind writes ``<kind>_exposures``, ``<kind>_proofs`` and ``<kind>_recovered`` with the columns of the
tables they end in; a field that several kinds reach on one path counts at its highest.
"""

from __future__ import annotations

from collections.abc import Sequence

from ashiato.engine.store import Station, Store
from ashiato.engine.tables import EXPOSURES, PROOFS, RECOVERED, Table

#: The kind whose relations hold nothing twice.
_ONCE = "replay"
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


def merge(store: Store, kinds: Sequence[str]) -> None:
    """Write ``exposures``, ``proofs`` and ``recovered`` from the relations of every kind that wrote some."""
    for table, merging in ((EXPOSURES, _HIGHEST), (PROOFS, _EACH_ONCE)):
        telling = [kind for kind in kinds if store.count(f"{kind}_{table.name}")] or kinds
        rows = _all_of(table, telling)
        # Alone, the largest of them need not be sorted to find what it holds twice.
        merged = rows if telling == [_ONCE] else merging.format(rows=rows)
        store.run(Station(table.name, merged, table))
    store.run(Station("recovered", f"SELECT DISTINCT * FROM ({_all_of(RECOVERED, kinds)}) AS r", RECOVERED))


def _all_of(table: Table, kinds: Sequence[str]) -> str:
    columns = ", ".join(table.columns)
    return " UNION ALL ".join(f"SELECT {columns} FROM {kind}_{table.name}" for kind in kinds)
