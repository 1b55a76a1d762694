"""Numbers in place of texts while the answer's rows are made: of people, paths, fields and reasons.

Numbers stand in the order of the texts, so that the answer is sorted by them; texts come back at the end.
A field's ``mark_no`` is its grade times ten plus its rung, times ``_REASONS``, plus its reason's number, so
that the highest of several is their maximum.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from ashiato.engine.store import Station, Store, quote_text

_REASONS, _SHOWN = 10**6, 10**9
#: How the relations below are sorted as the tables they end in are.
FIELDS_ORDER, PROOFS_ORDER = ("who", "path_no", "field_no"), ("who", "path_no", "event_id")

# The records of people that were reached; ``who`` of rows that hang on nobody is NULL.
KEYED_ROWS = """
SELECT k.*, CASE WHEN k._person IS NOT NULL
            THEN DENSE_RANK() OVER (ORDER BY k.system, k._person_table, k._person) END AS who
FROM reached_rows AS k
"""
_PEOPLE = """
SELECT DISTINCT who, system, _person_table AS table_name, _person AS record_key FROM row_keys
WHERE who IS NOT NULL
"""
# The empty reason comes first, and is 0.
_REASON_NAMES = """
SELECT reason, ROW_NUMBER() OVER (ORDER BY reason) - 1 AS reason_no
FROM (SELECT DISTINCT substr(mark, 4) AS reason FROM path_rows UNION SELECT '' AS reason
      UNION SELECT 'drift' AS reason) AS told
"""

# One row per record x path x field, at its highest: of what came out, if anything of the field did.
_FIELDS = f"""
SELECT who, path_no, field_no, max(shown * {_SHOWN} + mark_no) AS top, max(shown * 2 + changed_since) AS moved
FROM reached_fields GROUP BY who, path_no, field_no
"""
# What decided about a record is named only where nothing of it came out.
_NAMED = f"""
SELECT who, path_no, field_no, top - {_SHOWN} AS mark_no, moved - 2 AS changed_since
FROM field_tops WHERE top >= {_SHOWN}
UNION ALL
SELECT f.who, f.path_no, f.field_no, f.top, f.moved
FROM field_tops AS f
LEFT JOIN (SELECT DISTINCT who, path_no FROM field_tops WHERE top >= {_SHOWN}) AS told
  ON told.who = f.who AND told.path_no = f.path_no
WHERE f.top < {_SHOWN} AND told.who IS NULL
"""
#: The answer's rows: one per record x path x field.
EXPOSURES_TOLD = f"""
SELECT w.system, w.table_name, w.record_key, p.path, n.field, 'L' || (f.mark_no // {_REASONS} % 10) AS rung,
       CAST(f.mark_no // {_REASONS * 10} AS INTEGER) AS grade, CAST(NULL AS VARCHAR) AS part,
       CASE WHEN f.changed_since = 1 AND length(r.reason) > 0 THEN r.reason || ';value-changed'
            WHEN f.changed_since = 1 THEN 'value-changed' ELSE r.reason END AS reasons,
       f.who, f.path_no, f.field_no
FROM replay_exposures AS f
JOIN reached_people AS w ON w.who = f.who
JOIN path_names AS p ON p.path_no = f.path_no
JOIN field_names AS n ON n.field_no = f.field_no
JOIN reason_names AS r ON r.reason_no = f.mark_no % {_REASONS}
"""

# Which events show it: the statement and the request that ran it.
_PROOFS = """
SELECT who, path_no, event_id, min(shows) AS shows FROM (
  SELECT k.who, g.path_no, g.event_id, g.kind AS shows
  FROM graded_rows AS g JOIN row_keys AS k ON k._table = g._table AND k.row_ord = g.row_ord
  WHERE k.who IS NOT NULL{settled}
  UNION ALL
  SELECT k.who, g.path_no, g.http_event_id, 'request'
  FROM graded_rows AS g JOIN row_keys AS k ON k._table = g._table AND k.row_ord = g.row_ord
  WHERE k.who IS NOT NULL AND g.http_event_id IS NOT NULL{settled}{more}
) AS shown
GROUP BY who, path_no, event_id
"""
#: The same with their records and paths.
PROOFS_TOLD = """
SELECT w.system, w.table_name, w.record_key, p.path, f.event_id, f.shows, f.who, f.path_no
FROM replay_proofs AS f
JOIN reached_people AS w ON w.who = f.who
JOIN path_names AS p ON p.path_no = f.path_no
"""


def mark_sql(step: str, reason_no: str = "0") -> str:
    """Return an SQL number for a grade and rung (``43``) with a reason's number."""
    return f"{step} * {_REASONS} + {reason_no}"


def rung_sql(mark_no: str) -> str:
    """Return an SQL number for the rung in a mark."""
    return f"({mark_no} // {_REASONS} % 10)"


def write_names(store: Store, name: str, column: str, texts: Iterable[str]) -> dict[str, int]:
    """Write a table of texts numbered in their order (``<column>``, ``<column>_no``); return the numbers."""
    numbers = {text: number for number, text in enumerate(sorted(set(texts)))}
    columns = {
        f"{column}_no": pa.array(list(numbers.values()), pa.int32()),
        column: pa.array(list(numbers), pa.string()),
    }
    store.write_as(name, pa.table(columns))
    return numbers


def reached_rows_sql(system: str, name: str, kept_as: str) -> str:
    """Return the query for the rows of a table that were reached, with their keys and people."""
    return (
        f"SELECT {quote_text(system)} AS system, {quote_text(name)} AS table_name, "
        f"{quote_text(kept_as)} AS _table, s._ord AS row_ord, s._key, s._person_table, s._person "
        f"FROM {kept_as} AS s JOIN (SELECT DISTINCT row_ord FROM lineage_rows "
        f"WHERE _table = {quote_text(kept_as)}) AS l ON l.row_ord = s._ord"
    )


def number_reasons(store: Store) -> None:
    """Write ``reason_names``, from ``path_rows``."""
    store.run(Station("reason_names", _REASON_NAMES))


def settle(store: Store, more: str = "") -> None:
    """Write, from ``reached_fields`` and ``graded_rows``, the answer's rows in numbers.

    ``more``: what shows it of rows whose ``owner`` is not their own, as parts of a UNION ALL.
    """
    settled = " AND g.owner IS NULL" if more else ""
    store.run(Station("reached_people", _PEOPLE))
    store.run(Station("field_tops", _FIELDS))
    store.run(Station("replay_exposures", _NAMED))
    store.run(Station("replay_proofs", _PROOFS.format(settled=settled, more=more)))
