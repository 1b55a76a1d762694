"""What of a path may be a table's key: ``/owners/17`` asks for an owner, ``/owners/batch`` for anybody.

A part that is nobody's key asked for somebody who is gone, where it is written as the table's keys are
written; else it may be a page of its own (``/owners/top10``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pyarrow as pa

from ashiato.engine.exposures.state import StateTable
from ashiato.engine.exposures.web_replies.asked import numbered
from ashiato.engine.store import Station, Store, quote_name, quote_text

_WHOLE_NUMBERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT"})
_NUMBERS = ("DECIMAL", "DOUBLE", "FLOAT")
#: Keys that count up: ``c-00123`` is ``c-9``.
_COUNTED = "regexp_replace({0}, '[0-9]+', '9', 'g')"
#: Keys drawn by chance, of hexadecimal digits, or of letters and digits: as long, and signs at their places.
_HEXADECIMAL = (
    "CASE WHEN regexp_matches({0}, '^[0-9a-f-]+$') THEN regexp_replace({0}, '[0-9a-f]', 'x', 'g') END"
)
_LETTERED = "regexp_replace({0}, '[0-9a-z]', 'z', 'g')"
#: What is shorter may as well be a word with a number: by form.
_SHORTEST = {_COUNTED: 1, _HEXADECIMAL: 8, _LETTERED: 16}
#: Of fewer keys nobody can tell that they were drawn by chance.
_FEWEST_DRAWN = 8


class PathKeys:
    """What may be a key: a part with a digit, written as keys of the table are; what is somebody's key."""

    def __init__(self, store: Store, tables: Iterable[StateTable], parts: Collection[str]) -> None:
        """``parts``: what stands in the paths that will be asked about."""
        keyed = [table for table in tables if len(table.key) == 1]
        written = [table for table in keyed if not _kind_of(table).startswith((*_WHOLE_NUMBERS, *_NUMBERS))]
        self._held = _held(store, keyed, sorted({part for part in parts if not numbered(part)}))
        self._formed = _formed(store, written, sorted(filter(numbered, set(parts))))

    def may_be_key(self, table: StateTable, part: str) -> bool:
        """Tell whether a part of a path may be a key of a table, whose row may be gone since."""
        if not numbered(part):
            return (table.kept_as, part) in self._held
        if _kind_of(table) in _WHOLE_NUMBERS:
            return part.removeprefix("-").isdecimal()
        if _kind_of(table).startswith(_NUMBERS):
            return part.removeprefix("-").replace(".", "", 1).isdecimal()
        return (table.kept_as, part) in self._formed


def _kind_of(table: StateTable) -> str:
    return table.columns[table.key[0]]


def _held(store: Store, tables: list[StateTable], words: list[str]) -> frozenset[tuple[str, str]]:
    """Return which words are keys of which tables."""
    if not words or not tables:
        return frozenset()
    store.write_as("path_words", pa.table({"word": pa.array(words, pa.string())}))
    found = " UNION ALL ".join(
        f"SELECT {quote_text(table.kept_as)} AS kept_as, w.word FROM path_words AS w "
        f"JOIN {table.kept_as} AS s ON {_key_text(table)} = w.word"
        for table in tables
    )
    store.run(Station("path_keys", f"SELECT DISTINCT kept_as, word FROM ({found}) AS found"))
    return frozenset(store.rows("SELECT kept_as, word FROM path_keys"))


def _formed(store: Store, tables: list[StateTable], parts: list[str]) -> frozenset[tuple[str, str]]:
    """Return which parts are written as keys of which tables are."""
    if not parts or not tables:
        return frozenset()
    store.write_as("path_parts", pa.table({"part": pa.array(parts, pa.string())}))
    return frozenset(
        (table.kept_as, part) for table in tables for (part,) in store.rows(_formed_sql(store, table))
    )


def _formed_sql(store: Store, table: StateTable) -> str:
    """Select the parts of one form with some key of a table."""
    keys = f"SELECT DISTINCT lower(trim({_key_text(table)})) AS key FROM {table.kept_as}"
    asked = [
        f"SELECT part FROM path_parts WHERE length(part) >= {_SHORTEST[form]} "
        f"AND {form.format('lower(part)')} IN (SELECT {form.format('key')} FROM ({keys}) AS held)"
        for form in _forms_of(store, keys)
    ]
    return " UNION ".join(asked)


def _forms_of(store: Store, keys: str) -> list[str]:
    """Return the forms in which keys are alike: where each has a form of its own they are drawn by chance."""
    counted, hexadecimal = (form.format("key") for form in (_COUNTED, _HEXADECIMAL))
    counts = f"SELECT count(key), count(DISTINCT {counted}), count({hexadecimal}) FROM ({keys}) AS held"
    ((held, forms, digits),) = store.rows(counts)
    if held < _FEWEST_DRAWN or forms * 2 < held:
        return [_COUNTED]
    # Of many such keys some are all digits, and any number would be written as one of them is.
    return [_HEXADECIMAL if digits == held else _LETTERED]


def _key_text(table: StateTable) -> str:
    return f"CAST({quote_name(table.key[0])} AS VARCHAR)"
