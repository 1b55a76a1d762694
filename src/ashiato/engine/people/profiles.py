"""What was reached of a record, written once for all records of which the same was reached.

Of millions of records only so many differ in it: fields are numbered, a record's fields of one rank become
bits, and the text is made per pattern of bits instead of per record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from ashiato.engine.store import Station, Store
from ashiato.terms.grades import Grade
from ashiato.terms.reasons import split_reasons

_BITS = 60

_FIELDS = """
SELECT field, part, row_number() OVER (ORDER BY field, part) - 1 AS number
FROM (SELECT DISTINCT field, COALESCE(part, '') AS part FROM exposures) AS held
"""
_REASONS = """
SELECT reasons, row_number() OVER (ORDER BY reasons) - 1 AS number
FROM (SELECT DISTINCT reasons FROM exposures WHERE length(reasons) > 0) AS held
"""

# One row per record: its highest rank, and as text which numbered fields it has at which rank, which reasons.
_PATTERNS = f"""
WITH marks AS (
  SELECT e.system, e.table_name, e.record_key, e.grade * 10 + CAST(substr(e.rung, 2) AS INTEGER) AS rank,
         f.number // {_BITS} AS block,
         bit_or(CAST(1 AS BIGINT) << CAST(f.number % {_BITS} AS INTEGER)) AS bits
  FROM exposures AS e JOIN field_numbers AS f ON f.field = e.field AND f.part = COALESCE(e.part, '')
  GROUP BY e.system, e.table_name, e.record_key, e.grade * 10 + CAST(substr(e.rung, 2) AS INTEGER),
           f.number // {_BITS}
  UNION ALL
  SELECT e.system, e.table_name, e.record_key, 0, r.number // {_BITS},
         bit_or(CAST(1 AS BIGINT) << CAST(r.number % {_BITS} AS INTEGER))
  FROM exposures AS e JOIN reason_numbers AS r ON r.reasons = e.reasons
  GROUP BY e.system, e.table_name, e.record_key, r.number // {_BITS}
)
SELECT system, table_name, record_key, max(rank) // 10 AS grade,
       string_agg(rank || ':' || block || ':' || bits, ',' ORDER BY rank, block) AS pattern
FROM marks GROUP BY system, table_name, record_key
"""


def write_patterns(store: Store) -> None:
    """Write ``record_patterns``, one row per record reached, and ``pattern_texts``, one per pattern."""
    store.run(Station("field_numbers", _FIELDS))
    store.run(Station("reason_numbers", _REASONS))
    store.run(Station("record_patterns", _PATTERNS))
    fields = store.rows("SELECT field, part FROM field_numbers ORDER BY number")
    reasons = [text for (text,) in store.rows("SELECT reasons FROM reason_numbers ORDER BY number")]
    patterns = [
        text for (text,) in store.rows("SELECT DISTINCT pattern FROM record_patterns ORDER BY pattern")
    ]
    held = [_numbered(pattern) for pattern in patterns]
    texts = {
        "pattern": pa.array(patterns, pa.string()),
        "fields": pa.array([_fields_text(marks, fields) for marks in held], pa.string()),
        "reasons": pa.array([_reasons_text(marks, reasons) for marks in held], pa.string()),
    }
    store.write_as("pattern_texts", pa.table(texts))


def _numbered(pattern: str) -> list[tuple[int, int]]:
    """Return a pattern's marks as (rank, number)."""
    marks = []
    for part in pattern.split(","):
        rank, block, bits = map(int, part.split(":"))
        marks += [(rank, block * _BITS + bit) for bit in range(_BITS) if bits >> bit & 1]
    return marks


def _fields_text(marks: Iterable[tuple[int, int]], fields: Sequence[Sequence[str]]) -> str:
    """Write each field at its highest rank: of a part and the whole at one rank, the whole."""
    highest: dict[str, tuple[int, str]] = {}
    for rank, number in marks:
        if rank:
            field, part = fields[number]
            known = highest.get(field)
            if known is None or rank > known[0] or (rank == known[0] and part < known[1]):
                highest[field] = (rank, part)
    return ";".join(
        f"{field}={Grade(rank // 10).word}/L{rank % 10}{':' + part if part else ''}"
        for field, (rank, part) in sorted(highest.items())
    )


def _reasons_text(marks: Iterable[tuple[int, int]], reasons: Sequence[str]) -> str:
    codes = {code for rank, number in marks if not rank for code in split_reasons(reasons[number])}
    return ";".join(sorted(codes))
