"""What is said of rows of which nobody knows whose they were: whoever they may have been of is possible.

Told once per path, and not once per row: what of such a table came out is possible for each of these people.
"""

from __future__ import annotations

from collections.abc import Iterable

from ashiato.engine.exposures.numbering import mark_sql, rung_sql
from ashiato.engine.exposures.owning import ANYBODY, ASKED
from ashiato.engine.exposures.state import StateTable
from ashiato.engine.exposures.uniting import unite_parts
from ashiato.engine.store import Station, Store, quote_text

_TOLD = "path_no, who, field_no, mark_no, shown, changed_since"
# One row per path x table of a plan of whose rows the owners are not known x whom they may have been of.
_WHOSE = f"""
SELECT f.path_no, f.plan, f.instance, f.owner, a.who FROM places AS f
JOIN asked_people AS a ON a.path_no = f.path_no AND a.plan = f.plan AND a.instance = f.instance
WHERE f.owner = {ASKED}
UNION ALL
SELECT f.path_no, f.plan, f.instance, f.owner, k.who FROM places AS f
JOIN (SELECT DISTINCT who, system, _person_table FROM row_keys WHERE who IS NOT NULL) AS k
  ON k.system = f.system AND k._person_table = f._person_table
WHERE f.owner = {ANYBODY}
"""
_PLACES = "SELECT DISTINCT path_no, plan, instance, owner, system, _person_table FROM open_fields"
# One statement of each path shows it for all of them.
_FIRST = """
SELECT path_no, plan, instance, owner, event_id, http_event_id, kind FROM (
  SELECT g.*, ROW_NUMBER() OVER (
    PARTITION BY path_no, plan, instance, owner ORDER BY start_us, event_id, COALESCE(http_event_id, 0), kind
  ) AS nth FROM graded_rows AS g WHERE owner < 0
) AS ranked WHERE nth = 1
"""
#: What shows the exposures of rows that hang on others than they do today, or on nobody knows whom.
PROOFS_OF_OTHERS = """
  UNION ALL SELECT owner, path_no, event_id, kind FROM graded_rows WHERE owner > 0
  UNION ALL SELECT owner, path_no, http_event_id, 'request' FROM graded_rows
  WHERE owner > 0 AND http_event_id IS NOT NULL
  UNION ALL SELECT w.who, f.path_no, f.event_id, f.kind FROM open_whose AS w JOIN open_first AS f
  ON f.path_no = w.path_no AND f.plan = w.plan AND f.instance = w.instance AND f.owner = w.owner
  UNION ALL SELECT w.who, f.path_no, f.http_event_id, 'request' FROM open_whose AS w JOIN open_first AS f
  ON f.path_no = w.path_no AND f.plan = w.plan AND f.instance = w.instance AND f.owner = w.owner
  WHERE f.http_event_id IS NOT NULL
"""


def fields_of_others(store: Store, owned: Iterable[tuple[StateTable, str]]) -> list[str]:
    """Return the queries, in the shape of ``reached_fields``, for rows whose owners are not just their own.

    ``owned``: each table that has such rows, and the query for its fields (``fields_sql``). Writes
    ``open_fields``, ``open_whose`` and ``open_first``.
    """
    settled: list[str] = []
    opened: list[str] = []
    for table, sql in owned:
        told, gone = f"owned_fields{table.place}", f"ghost_fields{table.place}"
        store.run(Station(told, sql))
        store.run(Station(gone, _ghost_fields_sql(table)))
        for name in (told, gone):
            settled.append(f"SELECT {_TOLD} FROM {name} WHERE who > 0")
            opened.append(_opened_sql(table, name))
    unite_parts(store, "open_fields", opened)
    store.run(Station("open_whose", _WHOSE.replace("FROM places", f"FROM ({_PLACES})")))
    store.run(Station("open_first", _FIRST))
    names = ("path_no", "plan", "instance", "owner")
    ties = " AND ".join(f"w.{name} = f.{name}" for name in names)
    spread = (
        "SELECT f.path_no, w.who, f.field_no, f.mark_no, f.shown, f.changed_since "
        f"FROM open_fields AS f JOIN open_whose AS w ON {ties}"
    )
    return [*settled, spread]


def _opened_sql(table: StateTable, name: str) -> str:
    """Select the fields of rows with an open owner: none of these people is more than possible."""
    rung = f"LEAST({rung_sql('mark_no')}, 2)"
    drift = "(SELECT max(reason_no) FROM reason_names WHERE reason = 'drift')"
    return (
        f"SELECT DISTINCT {quote_text(table.system)} AS system, {quote_text(table.person_table or '')} AS "
        f"_person_table, path_no, plan, instance, who AS owner, field_no, shown, 0 AS changed_since, "
        f"{mark_sql(f'(20 + {rung})', drift)} AS mark_no FROM {name} WHERE who < 0"
    )


def _ghost_fields_sql(table: StateTable) -> str:
    """Unfold rows that no snapshot holds: what of them came out is taken to have held a value."""
    drift = "(SELECT max(reason_no) FROM reason_names WHERE reason = 'drift')"
    step = "CASE WHEN c.shown = 1 THEN 22 ELSE 21 END"
    return (
        f"SELECT DISTINCT p.path_no, p.owner AS who, c.field_no, {mark_sql(step, drift)} AS mark_no, "
        "c.shown, 0 AS changed_since, p.plan, p.instance FROM path_rows AS p JOIN copied_columns AS c "
        "ON c.plan = p.plan AND c.instance = p.instance AND c.route = p.route AND c.kind = p.kind "
        f"WHERE p._table = {quote_text(table.kept_as)} AND p.row_ord < 0 AND p.owner IS NOT NULL"
    )
