"""What of a path may be a table's key: ``/owners/17`` asks for an owner, ``/owners/batch`` for anybody."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pyarrow as pa

from ashiato.engine.exposures.state import StateTable
from ashiato.engine.exposures.web_replies.asked import numbered
from ashiato.engine.store import Station, Store, quote_name, quote_text

_WHOLE_NUMBERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT"})


class PathKeys:
    """What may be a key: a part with a digit, as the key's type has it; a word that is somebody's key."""

    def __init__(self, store: Store, tables: Iterable[StateTable], parts: Collection[str]) -> None:
        """``parts``: what stands in the paths that will be asked about."""
        self._words = _words_that_are_keys(
            store,
            [table for table in tables if len(table.key) == 1],
            sorted(part for part in set(parts) if not numbered(part)),
        )

    def may_be_key(self, table: StateTable, part: str) -> bool:
        """Tell whether a part of a path may be a key of a table, whose row may be gone since."""
        if not numbered(part):
            return (table.kept_as, part) in self._words
        return table.columns[table.key[0]] not in _WHOLE_NUMBERS or part.removeprefix("-").isdecimal()


def _words_that_are_keys(
    store: Store, tables: list[StateTable], words: list[str]
) -> frozenset[tuple[str, str]]:
    if not words or not tables:
        return frozenset()
    store.write_as("path_words", pa.table({"word": pa.array(words, pa.string())}))
    found = " UNION ALL ".join(
        f"SELECT {quote_text(table.kept_as)} AS kept_as, w.word FROM path_words AS w "
        f"JOIN {table.kept_as} AS s ON CAST(s.{quote_name(table.key[0])} AS VARCHAR) = w.word"
        for table in tables
    )
    store.run(Station("path_keys", f"SELECT DISTINCT kept_as, word FROM ({found}) AS found"))
    return frozenset(store.rows("SELECT kept_as, word FROM path_keys"))
