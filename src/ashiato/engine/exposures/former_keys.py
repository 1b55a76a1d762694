"""Rows whose key was written: each is the row of the key before, and so are those that hang on it since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from ashiato.engine.exposures.deeds import Deed, Write
from ashiato.engine.exposures.ghost_lives import key_told
from ashiato.engine.exposures.lives import FIRST_US, LAST_US
from ashiato.engine.exposures.state import StateTable
from ashiato.engine.store import Store, quote_name, quote_text

#: Since these a row of a key is another than the one before.
_BEGINS = (Deed.PUT, Deed.REPLACED, Deed.TAKEN)
_SCHEMA = pa.schema(
    [
        ("_table", pa.string()),
        ("key", pa.string()),
        ("former", pa.string()),
        ("since_us", pa.int64()),
        ("until_us", pa.int64()),
    ]
)
#: A table, a key that a row of it was given, that row's first key, and from when and till when it had it.
Given = tuple[str, str, str, int, int]


class FormerKeys:
    """Which row of a table had which key before, as its writes tell."""

    def __init__(self, table: StateTable, writes: Iterable[Write]) -> None:
        """``writes``: in order of time."""
        self._table = table
        self._given: dict[str, list[Write]] = defaultdict(list)
        for write in writes:
            if write.key is not None and (write.was or write.deed in _BEGINS):
                self._given[write.key].append(write)

    def first(self, key: str | None, at_us: int) -> str | None:
        """Return the first key of the row that had a key at a moment, None where no write gave it that."""
        former = None
        while key is not None:
            held = self._given.get(key, ())
            last = next((write for write in reversed(held) if write.time_us <= at_us), None)
            if last is None or not last.was:
                break
            # Of two writes at one moment nothing tells which was first: a key is given back once at the most.
            key, at_us = key_told(last.was, self._table), last.time_us - 1
            former = key
        return former

    def told(self) -> Iterator[Given]:
        """Yield each key that was given to a row of another, until another row has it."""
        for key, held in self._given.items():
            until_us = LAST_US
            for write in reversed(held):
                former = self.first(key, write.time_us) if write.was else None
                if former is not None:
                    yield self._table.kept_as, key, former, write.time_us, until_us
                if write.was or write.deed is not Deed.TAKEN:
                    until_us = write.time_us


def write_former_keys(store: Store, told: Iterable[Given]) -> None:
    """Write ``former_keys``: one row per table x key that was given x the first key of its row x when."""
    arrays = [pa.array(column, kind.type) for column, kind in zip(_columns(told), _SCHEMA, strict=True)]
    store.write_as("former_keys", pa.table(arrays, schema=_SCHEMA))


def _columns(told: Iterable[Given]) -> list[list[object]]:
    rows = sorted(set(told))
    return [[row[place] for row in rows] for place in range(len(_SCHEMA))]


def people_by_key_sql(table: StateTable) -> str:
    """Select whose the rows of a table are by key (``_key``, ``_person``), also by a key given since."""
    return f"SELECT DISTINCT _key, _person FROM {table.kept_as} UNION {people_given_sql(table)}"


def people_given_sql(table: StateTable) -> str:
    """Select whose the rows of a table are that were given a key, by that key."""
    return f"SELECT DISTINCT f.key AS _key, s._person FROM {_given_sql(table)}"


def times_given_sql(table: StateTable) -> str:
    """Select the keys that rows of a table of people known were given (``key``), from when till when."""
    given = _given_sql(table)
    return f"SELECT DISTINCT f.key, f.since_us, f.until_us FROM {given} WHERE s._person IS NOT NULL"


def tables_given_keys(store: Store) -> frozenset[str]:
    """Return the tables whose rows were given keys."""
    return frozenset(name for (name,) in store.rows("SELECT DISTINCT _table FROM former_keys"))


def under_given_keys_sql(table: StateTable, columns: Sequence[str]) -> str:
    """Select the rows of a table that were given a key, with columns of theirs and that key in its place.

    They are there under it at every moment.
    """
    parts = dict(zip(table.key, _parts_of("f.key", len(table.key)), strict=True))
    shown = [
        f"TRY_CAST({parts[name]} AS {table.columns[name]}) AS {quote_name(name)}"
        if name in parts
        else f"s.{quote_name(name)}"
        for name in columns
    ]
    times = [f"CAST({FIRST_US} AS BIGINT) AS _from_us", f"CAST({LAST_US} AS BIGINT) AS _to_us"]
    return f"SELECT DISTINCT {', '.join(['s._ord', *shown, *times])} FROM {_given_sql(table)}"


def _given_sql(table: StateTable) -> str:
    return (
        "(SELECT key, former, since_us, until_us FROM former_keys "
        f"WHERE _table = {quote_text(table.kept_as)}) AS f "
        f"JOIN {table.kept_as} AS s ON s._key = f.former"
    )


def _parts_of(key: str, count: int) -> list[str]:
    """Return the SQL for each part of a key, as they are written joined."""
    return [key] if count == 1 else [f"split_part({key}, '|', {nth})" for nth in range(1, count + 1)]
