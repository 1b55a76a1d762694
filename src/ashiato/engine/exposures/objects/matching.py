"""Whose values these are: units of objects matched with the people of the snapshots, set at a time.

A value is an *anchor* where few share it and it is no mere number or day. People who own a unit's anchors
are its candidates, and all their other values that stand in the unit speak for them. A value belongs to
whom most speaks for; a person for whom nothing speaks best is dropped (a household shares a telephone).
Weights are the logarithm of how rare a value is among the people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations

import pyarrow as pa

from ashiato.datamap.model import DataTable, Objects
from ashiato.engine.exposures.objects.folding import fold_sql
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.store import Station, Store, quote_name, quote_text
from ashiato.terms.categories import Category

_WHY = "reads files beside the tables"
_MOST_SHARING = 300
_MOST_CANDIDATES = 20
#: So many lines of running text around a person's line may go on about them.
_LINES_NEAR = 8
_LEAST_DISTINCT = 0.2
_CELL_OF_PERSON = "unit, cell, token, system, table_name, record_key"
_GENERIC = frozenset({"id", "no", "key", "code", "name", "type", "status", "number", "uid", "uuid"})
_CJK = "[\\x{3041}-\\x{30ff}\\x{4e00}-\\x{9fff}々]"
_NOBODY = "SELECT '' AS system, '' AS table_name, '' AS record_key, '' AS field, '' AS token WHERE FALSE"
_TOLD = pa.schema([("header", pa.string()), ("field", pa.string())])


def write_people(store: Store, states: Sequence[State]) -> None:
    """Write ``object_people``: every value of every person's rows, folded; and where names begin."""
    parts = [sql for state in states for table in state.tables.values() for sql in _values_of(state, table)]
    store.run(Station("object_people", " UNION ".join(parts) or _NOBODY, notyet=_WHY))
    store.run(Station("object_fields", _FIELDS, notyet=_WHY))


def name_beginnings(store: Store) -> list[tuple[str, int]]:
    """Return the first two characters and the length of every value that may be a person's name."""
    return store.rows(f"""
        SELECT DISTINCT substr(p.token, 1, 2), length(p.token) FROM object_people AS p
        JOIN object_fields AS f ON f.field = p.field AND f.distinct_share >= {_LEAST_DISTINCT}
        WHERE regexp_full_match(p.token, '({_CJK}){{2,20}}|[a-zà-ÿ.]{{5,40}}') ORDER BY ALL
    """)


def write_told(store: Store, states: Sequence[State], places: Iterable[Objects]) -> None:
    """Write ``object_told``: headers whose column is known by the data map or by bearing its name."""
    told = {(header, field) for place in places for header, field in place.columns.items()}
    named = {
        (table.name, column)
        for state in states
        for table in state.tables.values()
        if table.person_table
        for column in table.columns
    }
    for table, column in named:
        if column.lower() not in _GENERIC:
            told |= {(spelling, f"{table}.{column}") for spelling in (column, column.lower(), column.upper())}
        told |= {
            (f"{table.rstrip('s')}_{column}", f"{table}.{column}"),
            (f"{table}.{column}", f"{table}.{column}"),
        }
    rows = sorted(told)
    store.write_as("object_told", pa.table([[r[0] for r in rows], [r[1] for r in rows]], schema=_TOLD))


def match(store: Store) -> None:
    """Write ``object_owners`` (unit x person it speaks of) and ``object_values`` (value x person x field)."""
    for name, sql in _STATIONS:
        store.run(Station(name, sql, notyet=_WHY))


def _values_of(state: State, table: StateTable) -> Iterable[str]:
    if table.person_table is None:
        return
    mapped = state.system.tables.get(table.name, DataTable(table.name))
    texts = [column for column in table.columns if not column.startswith("_")]
    for column in texts:
        yield _values_sql(table, f"{table.name}.{column}", f"CAST({quote_name(column)} AS VARCHAR)")
    if table.person_table != table.name:
        return
    names = [c for c in texts if c in mapped.columns and mapped.columns[c].category is Category.IDENTITY]
    for one, other in permutations([c for c in names if c not in table.key][:6], 2):
        joined = f"CAST({quote_name(one)} AS VARCHAR) || CAST({quote_name(other)} AS VARCHAR)"
        yield _values_sql(table, f"{table.name}.{one};{table.name}.{other}", joined)


def _values_sql(table: StateTable, field: str, value: str) -> str:
    # A row that changed has several lives, and in most of them the same value.
    once = "DISTINCT " if table.lived else ""
    return (
        f"SELECT {once}{quote_text(table.system)} AS system, "
        "_person_table AS table_name, _person AS record_key, "
        f"{quote_text(field)} AS field, {fold_sql('v')} AS token "
        f"FROM (SELECT _person_table, _person, {value} AS v FROM {quote_name(table.kept_as)} "
        "WHERE _person IS NOT NULL) AS r WHERE length(v) > 0"
    )


_FIELDS = """
SELECT field, count(DISTINCT token) * 1.0 / count(*) AS distinct_share
FROM object_people GROUP BY field
"""

#: One row per value that stands in an object and in a person's rows.
_HITS = """
WITH wanted AS (SELECT DISTINCT token FROM object_tokens),
hits AS (SELECT p.* FROM object_people AS p JOIN wanted ON wanted.token = p.token),
total AS (SELECT GREATEST(count(DISTINCT system || '|' || table_name || '|' || record_key), 2) AS people
          FROM object_people)
SELECT h.*, count(*) OVER (PARTITION BY h.field, h.token) AS sharing,
       ln(total.people * 1.0 / LEAST(count(*) OVER (PARTITION BY h.field, h.token), total.people))
         AS weight,
       ln(total.people) AS rarest
FROM hits AS h CROSS JOIN total
"""

#: The values of units, without names that are but the beginning or end of a longer name in the same place.
_HEARD = f"""
WITH names AS (
  SELECT DISTINCT cell, token, byte_first, byte_last FROM object_tokens
  WHERE is_inside AND regexp_full_match(token, '{_CJK}{{2,}}') AND token IN (SELECT token FROM object_hits)
), within AS (
  SELECT DISTINCT a.cell, a.token, a.byte_first FROM names AS a
  JOIN names AS b ON b.cell = a.cell AND length(b.token) > length(a.token) AND contains(b.token, a.token)
   AND b.byte_first <= a.byte_first AND a.byte_last <= b.byte_last
)
SELECT t.* FROM object_tokens AS t
LEFT JOIN within AS w ON w.cell = t.cell AND w.token = t.token AND w.byte_first = t.byte_first
WHERE w.cell IS NULL
"""

#: One row per header x column whose values mostly are values of that column: short numbers count only there.
_NUMBERED = """
WITH filled AS (
  SELECT object_no, header, count(DISTINCT unit) AS units FROM object_tokens
  WHERE NOT is_inside AND header <> '' GROUP BY object_no, header
), hit AS (
  SELECT t.object_no, t.header, h.field, count(DISTINCT t.unit) AS units
  FROM object_tokens AS t JOIN object_hits AS h ON h.token = t.token
  WHERE NOT t.is_inside AND t.header <> '' GROUP BY t.object_no, t.header, h.field
)
SELECT h.object_no, h.header, h.field FROM hit AS h
JOIN filled AS f ON f.object_no = h.object_no AND f.header = h.header
LEFT JOIN object_told AS d ON d.header = h.header AND d.field = h.field
WHERE d.field IS NOT NULL OR (h.units >= 3 AND h.units * 10 >= f.units * 8)
"""

#: One row per value of a unit x person who owns it, of values that tell few apart from all others.
_CLAIMS = f"""
SELECT t.unit, t.cell, t.token, t.is_inside, h.system, h.table_name, h.record_key, max(h.weight) AS weight
FROM object_heard AS t
JOIN object_hits AS h ON h.token = t.token
JOIN object_fields AS f ON f.field = h.field
LEFT JOIN object_numbered AS n ON n.object_no = t.object_no AND n.header = t.header AND n.field = h.field
WHERE h.sharing <= {_MOST_SHARING} AND f.distinct_share >= {_LEAST_DISTINCT}
  AND NOT regexp_full_match(t.token, '(18|19|20)[0-9]{{2}}(0[1-9]|1[0-2])([0-2][0-9]|3[01])')
  AND (regexp_matches(t.token, '{_CJK}{{2}}')
       OR (regexp_matches(t.token, '[a-z@]') AND length(t.token) >= 5)
       OR regexp_full_match(t.token, '0?[0-9]{{9,16}}')
       OR (n.field IS NOT NULL AND f.distinct_share >= 0.9))
GROUP BY ALL
"""

#: One row per unit x person: those for whom most speaks, and whoever is their like. A line of running text
#: speaks of others than the next one, so each has its own; ``cell``: that line, else nothing.
_CANDIDATES = f"""
WITH best AS (
  SELECT unit, cell, FALSE AS is_inside, system, table_name, record_key, max(weight) AS weight
  FROM object_claims WHERE NOT is_inside GROUP BY unit, cell, system, table_name, record_key
  UNION ALL
  SELECT unit, cell, is_inside, system, table_name, record_key, weight FROM object_claims WHERE is_inside
), summed AS (
  SELECT unit, CASE WHEN is_inside THEN cell END AS cell, system, table_name, record_key,
         round(sum(weight), 6) AS score
  FROM best GROUP BY ALL
)
SELECT unit, cell, system, table_name, record_key FROM (
  SELECT s.*, RANK() OVER (PARTITION BY unit, cell ORDER BY score DESC) AS nth FROM summed AS s
) AS ranked WHERE nth <= {_MOST_CANDIDATES}
"""

#: One row per value of a unit that is, or holds, a value of one of its candidates.
_SUPPORT = f"""
SELECT DISTINCT c.unit, t.cell, t.token, c.system, c.table_name, c.record_key, h.field, h.weight, h.sharing,
       h.rarest, 1 AS is_equal, t.is_inside
FROM object_candidates AS c
JOIN object_heard AS t ON t.unit = c.unit
JOIN object_hits AS h ON h.token = t.token AND h.system = c.system AND h.table_name = c.table_name
 AND h.record_key = c.record_key
UNION ALL
SELECT DISTINCT c.unit, t.cell, t.token, c.system, c.table_name, c.record_key, p.field, 2.0 AS weight,
       1000 AS sharing, 0.0 AS rarest, 0 AS is_equal, t.is_inside
FROM object_candidates AS c
JOIN object_tokens AS t ON t.unit = c.unit AND NOT t.is_inside AND length(t.token) > 4
 AND (c.cell IS NULL OR abs(t.cell - c.cell) <= {_LINES_NEAR})
JOIN object_people AS p ON p.system = c.system AND p.table_name = c.table_name AND p.record_key = c.record_key
 AND length(p.token) >= 4 AND p.token <> t.token AND contains(t.token, p.token)
"""

_SCORES = """
SELECT unit, system, table_name, record_key, round(sum(weight), 6) AS score, count(*) AS cells,
       max(rarest) AS rarest, max(is_own) AS is_own, max(is_cell) AS is_cell
FROM (
  SELECT unit, cell, system, table_name, record_key, max(weight) AS weight, max(rarest) AS rarest,
         max(CASE WHEN is_inside OR is_equal = 0 THEN 0 ELSE 1 END) AS is_cell,
         max(CASE WHEN is_equal = 1 AND sharing = 1 AND regexp_matches(token, '[0-9@]')
                   AND (length(token) >= 9 OR regexp_matches(token, '[a-z@]')) THEN 1 ELSE 0 END) AS is_own
  FROM object_support GROUP BY unit, cell, system, table_name, record_key
) AS each_cell GROUP BY unit, system, table_name, record_key
"""

#: One row per value x person it speaks for best; several where they are alike. In running text the line
#: itself says most; else the whole unit does.
_BEST = """
WITH lines AS (
  SELECT unit, cell, system, table_name, record_key, round(sum(weight), 6) AS score FROM (
    SELECT unit, cell, token, system, table_name, record_key, max(weight) AS weight FROM object_support
    WHERE cell IN (SELECT DISTINCT cell FROM object_tokens WHERE is_inside)
    GROUP BY unit, cell, token, system, table_name, record_key
  ) AS each_token GROUP BY unit, cell, system, table_name, record_key
)
SELECT unit, cell, token, system, table_name, record_key,
       count(*) OVER (PARTITION BY unit, cell, token) AS alike
FROM (
  SELECT d.*, RANK() OVER (
    PARTITION BY d.unit, d.cell, d.token ORDER BY d.line_score DESC, d.score DESC) AS nth
  FROM (
    SELECT DISTINCT s.unit, s.cell, s.token, s.system, s.table_name, s.record_key, r.score,
           COALESCE(l.score, 0) AS line_score
    FROM object_support AS s
    JOIN object_scores AS r ON r.unit = s.unit AND r.system = s.system AND r.table_name = s.table_name
     AND r.record_key = s.record_key
    LEFT JOIN lines AS l ON l.unit = s.unit AND l.cell = s.cell AND l.system = s.system
     AND l.table_name = s.table_name AND l.record_key = s.record_key
  ) AS d
) AS ranked WHERE nth = 1
"""

#: One row per value of a person inside a longer cell of theirs: an address of three columns in one. A value
#: within another of theirs says nothing, nor one that stands neither at an end nor beside another.
_PIECES = f"""
WITH held AS (
  SELECT DISTINCT b.unit, b.cell, b.token, b.system, b.table_name, b.record_key, p.field,
         instr(b.token, p.token) AS first, instr(b.token, p.token) + length(p.token) AS after
  FROM object_best AS b
  JOIN object_support AS s ON s.unit = b.unit AND s.cell = b.cell AND s.token = b.token
   AND s.system = b.system AND s.table_name = b.table_name AND s.record_key = b.record_key AND s.is_equal = 0
  JOIN object_people AS p ON p.system = b.system AND p.table_name = b.table_name
   AND p.record_key = b.record_key AND contains(b.token, p.token) AND NOT contains(p.field, ';')
   AND (length(p.token) >= 4 OR regexp_full_match(p.token, '{_CJK}{{2,}}'))
), whole AS (
  SELECT h.*, max(h.after) OVER (PARTITION BY {_CELL_OF_PERSON} ORDER BY h.first, h.after DESC
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
  FROM held AS h
)
SELECT w.unit, w.cell, w.token, w.system, w.table_name, w.record_key, w.field FROM (
  SELECT w.*, lag(w.after) OVER (PARTITION BY {_CELL_OF_PERSON} ORDER BY w.first) AS before,
         lead(w.first) OVER (PARTITION BY {_CELL_OF_PERSON} ORDER BY w.first) AS next
  FROM whole AS w WHERE w.reached IS NULL OR w.after > w.reached
) AS w WHERE w.first = 1 OR w.after > length(w.token) OR w.before >= w.first OR w.next <= w.after
"""

#: One row per header: the column its values are, by most units whose person is clear.
_VOTES = """
WITH clear AS (
  SELECT unit, min(system) AS system, min(table_name) AS table_name, min(record_key) AS record_key
  FROM (SELECT r.*, RANK() OVER (PARTITION BY unit ORDER BY score DESC) AS nth FROM object_scores AS r)
    AS ranked
  WHERE nth = 1 GROUP BY unit HAVING count(*) = 1
), filled AS (
  SELECT t.object_no, t.header, count(DISTINCT t.unit) AS units FROM object_tokens AS t
  JOIN clear AS c ON c.unit = t.unit WHERE NOT t.is_inside AND t.header <> '' GROUP BY t.object_no, t.header
), votes AS (
  SELECT t.object_no, t.header, s.field, count(DISTINCT t.unit) AS units, max(s.is_equal) AS is_equal,
         max(length(s.token)) AS longest
  FROM object_support AS s
  JOIN clear AS c ON c.unit = s.unit AND c.system = s.system AND c.table_name = s.table_name
   AND c.record_key = s.record_key
  JOIN object_tokens AS t ON t.unit = s.unit AND t.cell = s.cell AND t.token = s.token
  WHERE NOT t.is_inside AND t.header <> '' GROUP BY t.object_no, t.header, s.field
), ranked AS (
  SELECT v.*, f.units AS filled,
         ROW_NUMBER() OVER (PARTITION BY v.object_no, v.header
                            ORDER BY CASE WHEN d.field IS NOT NULL THEN 0 ELSE 1 END,
                                     v.is_equal DESC, v.units DESC, v.field) AS nth
  FROM votes AS v JOIN filled AS f ON f.object_no = v.object_no AND f.header = v.header
  LEFT JOIN object_told AS d ON d.header = v.header AND d.field = v.field
)
SELECT object_no, header, field FROM ranked WHERE nth = 1 AND units * 2 >= filled
"""

#: One row per unit x person whose values stand in it. ``settled``: one person, shown by what is theirs alone
#: or by several values, and by most of those that could speak.
_OWNERS = """
WITH kept AS (
  SELECT unit, system, table_name, record_key, min(alike) AS alike, count(DISTINCT cell) AS cells
  FROM object_best GROUP BY unit, system, table_name, record_key
), known AS (
  SELECT t.unit, count(DISTINCT t.cell) AS cells FROM object_tokens AS t
  JOIN object_votes AS v ON v.object_no = t.object_no AND v.header = t.header
  WHERE NOT t.is_inside AND NOT contains(t.token, '?') GROUP BY t.unit
), anchored AS (
  SELECT DISTINCT unit, system, table_name, record_key FROM object_claims
)
SELECT k.unit, k.system, k.table_name, k.record_key,
       RANK() OVER (PARTITION BY k.unit ORDER BY r.score DESC) AS nth,
       CASE WHEN k.alike > 1 THEN 1 ELSE 0 END AS is_tied,
       CASE WHEN k.alike > 1 THEN 2
            WHEN r.is_cell = 1 AND COALESCE(n.cells, 0) >= 2 AND k.cells * 2 < n.cells THEN 2
            WHEN r.is_cell = 1 AND COALESCE(n.cells, 0) >= 2 AND k.cells < 2 THEN 3
            WHEN r.is_own = 1 THEN 4
            WHEN r.cells >= 2 AND r.score >= 1.5 * r.rarest THEN 4
            ELSE 3 END AS grade
FROM kept AS k
JOIN object_scores AS r ON r.unit = k.unit AND r.system = k.system AND r.table_name = k.table_name
 AND r.record_key = k.record_key
JOIN anchored AS a ON a.unit = k.unit AND a.system = k.system AND a.table_name = k.table_name
 AND a.record_key = k.record_key
LEFT JOIN known AS n ON n.unit = k.unit
"""

#: One row per value x person x field: values that are a person's, and what else stands in a person's unit.
_VALUES = """
WITH fields AS (
  SELECT b.unit, b.cell, b.token, b.system, b.table_name, b.record_key, s.field,
         ROW_NUMBER() OVER (
             PARTITION BY b.unit, b.cell, b.token, b.system, b.table_name, b.record_key
             ORDER BY CASE WHEN v.field IS NOT NULL THEN 0 ELSE 1 END, s.is_equal DESC, s.weight DESC, s.field
         ) AS nth
  FROM object_best AS b
  JOIN object_support AS s ON s.unit = b.unit AND s.cell = b.cell AND s.token = b.token
   AND s.system = b.system AND s.table_name = b.table_name AND s.record_key = b.record_key
  JOIN object_tokens AS t ON t.unit = b.unit AND t.cell = b.cell AND t.token = b.token
  LEFT JOIN object_votes AS v ON v.object_no = t.object_no AND v.header = t.header AND v.field = s.field
), spoken AS (
  SELECT DISTINCT unit, cell FROM object_best
)
SELECT t.object_no, o.system, o.table_name, o.record_key, f.field, o.grade, t.part_no, t.byte_first,
       t.byte_last
FROM fields AS f
JOIN object_owners AS o ON o.unit = f.unit AND o.system = f.system AND o.table_name = f.table_name
 AND o.record_key = f.record_key
JOIN object_tokens AS t ON t.unit = f.unit AND t.cell = f.cell AND t.token = f.token
WHERE f.nth = 1
UNION
SELECT t.object_no, o.system, o.table_name, o.record_key, p.field, o.grade, t.part_no, t.byte_first,
       t.byte_last
FROM object_pieces AS p
JOIN object_owners AS o ON o.unit = p.unit AND o.system = p.system AND o.table_name = p.table_name
 AND o.record_key = p.record_key
JOIN object_tokens AS t ON t.unit = p.unit AND t.cell = p.cell AND t.token = p.token
UNION ALL
SELECT t.object_no, o.system, o.table_name, o.record_key,
       COALESCE(v.field, n.pattern || '.' || t.header) AS field, o.grade, t.part_no, t.byte_first, t.byte_last
FROM object_tokens AS t
JOIN object_owners AS o ON o.unit = t.unit AND o.nth = 1
JOIN object_names AS n ON n.object_no = t.object_no
LEFT JOIN object_votes AS v ON v.object_no = t.object_no AND v.header = t.header
LEFT JOIN spoken AS s ON s.unit = t.unit AND s.cell = t.cell
WHERE s.cell IS NULL AND NOT t.is_inside AND t.header <> ''
"""

#: One row per object x value that speaks for nobody, and that too many share to be compared one by one: it is
#: one of theirs, and nothing says whose.
_CROWDS = f"""
SELECT DISTINCT t.object_no, t.part_no, t.byte_first, t.byte_last, h.field, h.token
FROM object_heard AS t
JOIN (SELECT DISTINCT field, token FROM object_hits WHERE sharing > {_MOST_SHARING}) AS h ON h.token = t.token
JOIN object_fields AS f ON f.field = h.field AND f.distinct_share >= {_LEAST_DISTINCT}
LEFT JOIN object_best AS b ON b.cell = t.cell AND b.token = t.token
WHERE b.cell IS NULL AND regexp_matches(t.token, '{_CJK}{{2}}')
"""

_STATIONS = (
    ("object_hits", _HITS),
    ("object_heard", _HEARD),
    ("object_numbered", _NUMBERED),
    ("object_claims", _CLAIMS),
    ("object_candidates", _CANDIDATES),
    ("object_support", _SUPPORT),
    ("object_scores", _SCORES),
    ("object_best", _BEST),
    ("object_pieces", _PIECES),
    ("object_votes", _VOTES),
    ("object_owners", _OWNERS),
    ("object_values", _VALUES),
    ("object_crowds", _CROWDS),
)
