"""Tables of few rows: how they are written without asking the engine, and which of them it holds in memory.

Most tables of a run are small, and each query opens each Parquet file anew: for a case of some thousand
lines that is most of its time. A table that no query names costs nothing. What is held stays kept in its file
as well; the engine may spill it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_ROWS = 2_000
#: Rows times unpacked bytes: no table takes more memory than this, even if all its rows share one text.
_MOST_BYTES = 64_000_000
#: The least of tables takes the engine some 200 kB, which it does not give back.
MOST_HELD = 1_000
_WORD = re.compile(r"\w+")
_PLAIN = frozenset({pa.int64(), pa.int32(), pa.float64(), pa.bool_(), pa.string()})


class Sightings:
    """Tells the engine of a table when a query first names it: a small one to hold, another to open."""

    def __init__(self, see: Callable[[str, str], None], path: Callable[[str], Path]) -> None:
        """``see`` makes a name a ``VIEW`` of its file or a ``TABLE`` of what is in it; ``path``: its file."""
        self._see = see
        self._path = path
        self._seen: set[str] = set()
        self._held: set[str] = set()
        #: Those that no query has named yet, by the name as the engine compares it.
        self._left: dict[str, str] = {}

    def add(self, name: str) -> None:
        """Take a table that was written: one that views may stand on already is seen at once."""
        if name in self._seen or not _WORD.fullmatch(name):
            self._show(name)
        else:
            self._left[name.lower()] = name

    def drop(self, name: str) -> None:
        """Take back a table: the engine has one of its own of that name."""
        self._left.pop(name.lower(), None)
        self._held.discard(name)
        self._seen.add(name)

    def meet(self, sql: str) -> None:
        """Make every table that a query may name known to the engine."""
        for word in sorted(self._left.keys() & set(_WORD.findall(sql.lower()))):
            self._show(self._left.pop(word))

    def _show(self, name: str) -> None:
        room = name in self._held or len(self._held) < MOST_HELD
        held = room and is_small_file(self._path(name))
        self._see(name, "TABLE" if held else "VIEW")
        (self._held.add if held else self._held.discard)(name)
        self._seen.add(name)


def is_small_file(path: Path) -> bool:
    """Tell whether a table's rows are few and take little memory once unpacked."""
    if not path.is_file():
        return False
    told = pq.read_metadata(path)
    if told.num_rows > _ROWS:
        return False
    packed = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
    return bool(packed * told.num_rows <= _MOST_BYTES)


def write_few(path: Path, rows: pa.Table, order: Sequence[str]) -> bool:
    """Write a table of few rows of plain types, sorted; return False, and write nothing, if it is another."""
    if rows.num_rows > _ROWS or not _PLAIN.issuperset(rows.schema.types):
        return False
    ordered = rows.sort_by([(name, "ascending") for name in order]) if order and rows.num_rows > 1 else rows
    pq.write_table(ordered.combine_chunks(), path, compression="zstd", store_schema=False)
    return True
