"""What refusals told: that a record is there, by a reply that one that is not there does not get.

``told_existence``: one row per hostile execution whose row was found and not sent, and whose reply differs
from what its route answers where nothing is found. It is counted, and reaches nobody unless the data map
calls membership itself sensitive (docs/semantics.md, ``existence``).
"""

from __future__ import annotations

from collections.abc import Iterable

from ashiato.engine.exposures.plan import SMALL_GROUP
from ashiato.engine.exposures.state import State
from ashiato.engine.routes import TEMPLATE_SQL
from ashiato.engine.store import Row, Station, Store, quote_text

# A row that the statement found; one of a large group is not told apart by it.
_FOUND = f"(l.kind <> 'aggregate' OR l.group_size < {SMALL_GROUP})"

# Executions whose rows were not sent (by their status, or because their route's reply carries none of the
# columns they put out), each with its reply. What the log counted decides whether a row was found; else the
# replay.
_TOLD = f"""
WITH silent AS (
  SELECT plan, route FROM copied_columns
  GROUP BY plan, route
  HAVING max(shown) = 0 AND max(CASE WHEN kind = 'withheld' THEN 1 ELSE 0 END) = 1
),
replies AS (
  SELECT x.event_id, x.path, h.http_request_method AS method, h.http_response_code AS code,
         COALESCE(h.http_response_body_bytes, -1) AS body_bytes, x.query_rows,
         {TEMPLATE_SQL.format(path="h.http_request_path")} AS template
  FROM hostile_executions AS x
  JOIN events AS h ON h.event_id = x.http_event_id
  LEFT JOIN silent AS s ON s.plan = x.plan AND s.route = x.route
  WHERE x.carries = 0 OR s.plan IS NOT NULL
),
judged AS (
  SELECT r.*, CASE WHEN COALESCE(r.query_rows, f.found, 0) > 0 THEN 1 ELSE 0 END AS is_found
  FROM replies AS r
  LEFT JOIN (
    SELECT l.event_id, count(*) AS found FROM lineage_rows AS l
    JOIN replies AS o ON o.event_id = l.event_id WHERE {_FOUND} GROUP BY l.event_id
  ) AS f ON f.event_id = r.event_id
)
SELECT j.event_id, j.path, j.method, j.template
FROM judged AS j
LEFT JOIN (
  SELECT DISTINCT method, template, code, body_bytes FROM judged WHERE is_found = 0
) AS n ON n.method = j.method AND n.template = j.template AND n.code = j.code
      AND n.body_bytes = j.body_bytes
WHERE j.is_found = 1 AND n.method IS NULL
"""

_COUNTS = f"""
SELECT t.path, t.method || ' ' || substr(t.template, 1, 200), count(DISTINCT t.event_id),
       count(DISTINCT k._person_table || '|' || k._person)
FROM told_existence AS t
JOIN lineage_rows AS l ON l.event_id = t.event_id AND {_FOUND}
JOIN row_keys AS k ON k._table = l._table AND k.row_ord = l.row_ord AND k._person IS NOT NULL
GROUP BY t.path, t.method || ' ' || substr(t.template, 1, 200)
"""


def find_existence(store: Store) -> list[Row]:
    """Write ``told_existence``; return path, route, events and records of each route that told."""
    store.run(Station("told_existence", _TOLD))
    return store.rows(_COUNTS)


def sensitive_tables(states: Iterable[State]) -> list[str]:
    """Return the people tables whose membership the data map calls sensitive."""
    return sorted(
        {
            table.name
            for state in states
            for table in state.system.tables.values()
            if table.membership_sensitive
        }
    )


def told_rows_sql(tables: Iterable[str]) -> str:
    """Return, in the shape of ``graded_rows``, the rows of these tables' people that refusals told of."""
    named = ", ".join(map(quote_text, tables))
    return (
        "SELECT x.cites AS event_id, x.http_event_id, x.path, x.path_no, x.start_us, x.plan, l.instance, "
        "x.route, l._table, l.row_ord, 'told' AS kind, CAST(NULL AS VARCHAR) AS value, "
        "'21:existence' AS mark "
        "FROM told_existence AS t JOIN hostile_executions AS x ON x.event_id = t.event_id "
        "JOIN lineage_rows AS l ON l.event_id = t.event_id "
        "JOIN row_keys AS k ON k._table = l._table AND k.row_ord = l.row_ord "
        f"WHERE {_FOUND} AND k._person_table IN ({named})"
    )
