"""From values in objects to exposures: what went out, how surely, and whose; and what could not be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import pyarrow as pa

from ashiato.datamap.model import Objects
from ashiato.engine.exposures.objects.asked import ObjectName
from ashiato.engine.exposures.objects.coverage import length_of
from ashiato.engine.exposures.objects.gathering import Asked, Asking
from ashiato.engine.store import Row, Station, Store
from ashiato.engine.tables import OBJECTS, RECOVERED

_WHY = "reads files beside the tables"
_NUMBERS = re.compile(r"[0-9a-f]{8,}|\d+")
_NAMES = pa.schema(
    [("object_no", pa.int64()), ("bucket", pa.string()), ("label", pa.string()), ("pattern", pa.string())]
)
_UNREAD = pa.schema([("object_no", pa.int64()), ("path", pa.string()), ("table_name", pa.string())])
#: Headers under which people are named, in forms of either language.
_PERSONAL = (
    "氏名|名前|契約者|顧客名|会員名|フリガナ|ふりがな|カナ|名義|電話|携帯|メール|^e-?mail|^(full|first|last|family|given|user)?_?-?name$"
    "|(^|[._ -])(phone|tel|mobile|e-?mail|surname|kana)([._ -]|$)"
)

_EXPOSED = """
SELECT DISTINCT v.system, v.table_name, v.record_key, s.path, unnest(string_split(v.field, ';')) AS field,
       CASE WHEN s.reason IN ('', 'drift') THEN 'L3' ELSE 'L2' END AS rung,
       LEAST(v.grade, s.grade) AS grade,
       CASE WHEN s.first <= v.byte_first AND v.byte_last <= s.last THEN NULL ELSE 'part' END AS part,
       CASE WHEN v.grade < 4 AND s.reason <> '' THEN s.reason || ';whose'
            WHEN v.grade < 4 THEN 'whose' ELSE s.reason END AS reasons
FROM object_values AS v
JOIN object_sent AS s ON s.part_no = v.part_no AND s.first < v.byte_last AND s.last > v.byte_first
"""

#: One row per record of those who share a name that nothing told apart, and that too many share to try.
_CROWDED = """
SELECT DISTINCT h.system, h.table_name, h.record_key, s.path, unnest(string_split(c.field, ';')) AS field,
       CASE WHEN s.reason IN ('', 'drift') THEN 'L3' ELSE 'L2' END AS rung, LEAST(2, s.grade) AS grade,
       CASE WHEN s.first <= c.byte_first AND c.byte_last <= s.last THEN NULL ELSE 'part' END AS part,
       CASE WHEN s.reason <> '' THEN s.reason || ';whose' ELSE 'whose' END AS reasons
FROM object_crowds AS c
JOIN object_hits AS h ON h.field = c.field AND h.token = c.token
JOIN object_sent AS s ON s.part_no = c.part_no AND s.first < c.byte_last AND s.last > c.byte_first
"""

#: One row per unit that names a person whom no table of people holds.
_STRANGERS = f"""
WITH owned AS (SELECT unit, max(grade + is_tied) AS grade FROM object_owners GROUP BY unit),
naming AS (
  SELECT DISTINCT t.unit FROM object_tokens AS t
  LEFT JOIN object_votes AS v ON v.object_no = t.object_no AND v.header = t.header
  LEFT JOIN object_fields AS f ON f.field = v.field
  WHERE (NOT t.is_inside AND t.header <> ''
         AND (f.distinct_share >= 0.2 OR regexp_matches(lower(t.header), '{_PERSONAL}')))
     OR regexp_full_match(t.token, '[a-z0-9._+]+@[a-z0-9]+([.][a-z0-9]+)+')
)
SELECT u.unit, u.object_no, u.place FROM object_units AS u
JOIN naming AS n ON n.unit = u.unit
LEFT JOIN owned AS o ON o.unit = u.unit
WHERE COALESCE(o.grade, 0) < 3
"""

_STRANGERS_EXPOSED = """
SELECT DISTINCT n.bucket AS system, n.label AS table_name, w.place AS record_key, s.path,
       COALESCE(v.field, n.pattern || '.' || CASE WHEN t.header = '' THEN 'text' ELSE t.header END) AS field,
       CASE WHEN s.reason IN ('', 'drift') THEN 'L3' ELSE 'L2' END AS rung, s.grade,
       CASE WHEN s.first <= t.byte_first AND t.byte_last <= s.last THEN NULL ELSE 'part' END AS part,
       CASE WHEN s.reason <> '' THEN s.reason || ';not-in-master' ELSE 'not-in-master' END AS reasons
FROM object_strangers AS w
JOIN object_names AS n ON n.object_no = w.object_no
JOIN object_tokens AS t ON t.unit = w.unit AND NOT t.is_inside
JOIN object_sent AS s ON s.part_no = t.part_no AND s.first < t.byte_last AND s.last > t.byte_first
LEFT JOIN object_votes AS v ON v.object_no = t.object_no AND v.header = t.header
"""

#: One row per record that could be in a file nobody can read, by where the file stands.
_PERHAPS = """
SELECT m.system, m.table_name, m.record_key, u.path, n.pattern || '.*' AS field, 'L2' AS rung, 2 AS grade,
       NULL AS part, 'parse-failed' AS reasons
FROM object_unread AS u
JOIN object_names AS n ON n.object_no = u.object_no
JOIN (SELECT DISTINCT system, table_name, record_key FROM object_people) AS m ON m.table_name = u.table_name
"""

_SHOWN = """
SELECT DISTINCT e.system, e.table_name, e.record_key, e.path, a.event_id, 'object' AS shows
FROM object_reached AS e JOIN object_asks AS a ON a.object_no = e.object_no AND a.path = e.path
"""
_BY_OBJECT = """
SELECT DISTINCT v.system, v.table_name, v.record_key, v.object_no, s.path FROM object_values AS v
JOIN object_sent AS s ON s.part_no = v.part_no AND s.first < v.byte_last AND s.last > v.byte_first
UNION
SELECT h.system, h.table_name, h.record_key, c.object_no, s.path FROM object_crowds AS c
JOIN object_hits AS h ON h.field = c.field AND h.token = c.token
JOIN object_sent AS s ON s.part_no = c.part_no AND s.first < c.byte_last AND s.last > c.byte_first
UNION
SELECT n.bucket, n.label, w.place, w.object_no, s.path FROM object_strangers AS w
JOIN object_names AS n ON n.object_no = w.object_no
JOIN object_tokens AS t ON t.unit = w.unit AND NOT t.is_inside
JOIN object_sent AS s ON s.part_no = t.part_no AND s.first < t.byte_last AND s.last > t.byte_first
UNION
SELECT m.system, m.table_name, m.record_key, u.object_no, u.path FROM object_unread AS u
JOIN (SELECT DISTINCT system, table_name, record_key FROM object_people) AS m ON m.table_name = u.table_name
"""
_MASTER = """
SELECT DISTINCT system, table_name, record_key, 'not-in-master' AS persona, CAST(NULL AS VARCHAR) AS client
FROM object_strangers_exposed
"""
_COUNTS = """
SELECT object_no, path, count(*) FROM object_reached GROUP BY object_no, path
"""
_TABLES = """
SELECT DISTINCT n.pattern, o.table_name FROM object_owners AS o
JOIN object_units AS u ON u.unit = o.unit JOIN object_names AS n ON n.object_no = u.object_no
WHERE o.grade >= 3 ORDER BY ALL
"""


def place_of(name: ObjectName, places: Sequence[Objects]) -> Objects | None:
    """Return what the data map says of an object, by its bucket and key."""
    return next(
        (p for p in places if p.bucket in (None, name.bucket) and fnmatchcase(name.key, p.keys.lstrip("/"))),
        None,
    )


def pattern_of(name: ObjectName, places: Sequence[Objects]) -> str:
    """Return the pattern for objects like this one: the data map's, else its key without numbers."""
    place = place_of(name, places)
    return place.keys if place else _NUMBERS.sub("*", name.key)


def write_names(store: Store, objects: Sequence[Asked], places: Sequence[Objects]) -> None:
    """Write ``object_names``: how outputs call each object, and the pattern its fields are named by."""
    rows = [(o.number, o.name.bucket, o.name.label, pattern_of(o.name, places)) for o in objects]
    store.write_as("object_names", _table_of(rows, _NAMES))


def write_answers(store: Store, objects: Sequence[Asked], places: Sequence[Objects]) -> None:
    """Write the relations ``objects_*`` that are merged with those of other kinds, and ``objects``."""
    store.run(Station("object_strangers", _STRANGERS, notyet=_WHY))
    store.run(Station("object_strangers_exposed", _STRANGERS_EXPOSED, notyet=_WHY))
    store.write_as("object_unread", _table_of(_unread_rows(store, objects, places), _UNREAD))
    named = f"{_EXPOSED} UNION ALL {_CROWDED}"
    every = f"{named} UNION ALL SELECT * FROM object_strangers_exposed UNION ALL {_PERHAPS}"
    store.run(Station("objects_exposures", every, notyet=_WHY))
    store.run(Station("object_reached", _BY_OBJECT, notyet=_WHY))
    store.run(Station("objects_proofs", _SHOWN, notyet=_WHY))
    store.run(Station("objects_master", _MASTER, notyet=_WHY))
    nothing = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in RECOVERED.columns.items())
    store.run(Station("objects_recovered", f"SELECT {nothing} WHERE FALSE", notyet=_WHY))
    counts = {(number, path): records for number, path, records in store.rows(_COUNTS)}
    store.write(OBJECTS, [_row(asked, asking, counts) for asked in objects for asking in asked.askings])


def _unread_rows(store: Store, objects: Sequence[Asked], places: Sequence[Objects]) -> list[Row]:
    """The people tables that may be in a file that was not read whole: as told, else as its like holds."""
    learned: dict[str, list[str]] = {}
    for pattern, table in store.rows(_TABLES):
        learned.setdefault(pattern, []).append(table)
    rows: list[Row] = []
    for asked in objects:
        place = place_of(asked.name, places)
        told = None if place is None else place.holds
        tables = learned.get(pattern_of(asked.name, places), []) if told is None else told
        for asking in asked.askings if asked.faults else ():
            if asking.sent.known or asking.sent.perhaps:
                rows += [(asked.number, asking.path, table) for table in tables]
    return rows


def _row(asked: Asked, asking: Asking, counts: Mapping[tuple[int, str], int]) -> Row:
    content = ",".join([*sorted(asked.kinds), *(f"not read: {fault}" for fault in sorted(asked.faults))])
    return (
        asking.path,
        asked.name.bucket,
        asked.name.key,
        asked.name.version,
        state_of(asked, asking),
        len(asking.requests),
        asked.size,
        length_of(asking.sent.known),
        content or None,
        asked.copy.evidence_id if asked.copy else None,
        counts.get((asked.number, asking.path), 0),
        min(each.event_id for each in asking.requests),
    )


def state_of(asked: Asked, asking: Asking) -> str:
    """Return what went out: ``whole``, ``part``, ``perhaps``; for nothing, ``described`` or ``refused``."""
    sent = length_of(asking.sent.known)
    if sent and sent >= asked.size:
        return "whole"
    if sent:
        return "part"
    if asking.sent.perhaps or any(each.asked.sent != 0 for each in asking.reads):
        return "perhaps"
    return "described" if any(each.activity == "describe" for each in asking.requests) else "refused"


def _table_of(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    columns = [[row[place] for row in rows] for place in range(len(schema))]
    return pa.table([pa.array(c, k) for c, k in zip(columns, schema.types, strict=True)], schema=schema)
