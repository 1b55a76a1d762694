"""Ties rows of a transcript to records of the snapshot, by all that is known of each row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pyarrow as pa

from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.exposures.transcripts.rows import AskedRow
from ashiato.engine.store import Station, Store, quote_name

_SMALL = "a transcript's few values beside the snapshot"


@dataclass(frozen=True)
class Tied:
    """Which rows of a state table an asked row can be; ``best``: the one its place in an order speaks for.

    ``by_key``: only the key fits, the other values were others when they were read. ``relation``: the table
    of (row_no, row_ord) that holds all of them.
    """

    table: StateTable
    relation: str
    candidates: int
    best: int | None
    by_key: bool


def find_table(states: Iterable[State], name: str) -> StateTable | None:
    """Return the state table a question means, whatever the case of its name."""
    found = [t for state in states for t in state.tables.values() if t.name.lower() == name.lower()]
    return found[0] if len(found) == 1 else next((t for t in found if t.name == name), None)


def tie_rows(store: Store, states: tuple[State, ...], rows: list[AskedRow]) -> dict[int, Tied]:
    """Return, by the place of a row in ``rows``, the records it can be; rows that fit none are left out."""
    sets: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[int]] = defaultdict(list)
    tables: dict[str, StateTable] = {}
    for number, row in enumerate(rows):
        table = find_table(states, row.table)
        if table is not None:
            tables[table.kept_as] = table
            whole, partly = _columns(table, row.known()), _columns(table, row.partly())
            sets[table.kept_as, tuple(sorted(whole)), tuple(sorted(partly))].append(number)
    tied: dict[int, Tied] = {}
    for place, (key, numbers) in enumerate(sorted(sets.items())):
        table = tables[key[0]]
        search = _Search(table, f"transcript_tied_{place}", *key[1:])
        tied |= _tie(store, search, {number: rows[number] for number in numbers})
    return tied


@dataclass(frozen=True)
class _Search:
    """What of a state table is compared: columns known whole and columns known in part."""

    table: StateTable
    name: str
    whole: tuple[str, ...]
    partly: tuple[str, ...] = ()

    @property
    def names(self) -> dict[str, str]:
        """The names that what was asked has beside each column."""
        return {column: f"c{place}" for place, column in enumerate((*self.whole, *self.partly))}

    def line(self, number: int, row: AskedRow) -> list[object]:
        """Return what is known of one row."""
        known, partly = _columns(self.table, row.known()), _columns(self.table, row.partly())
        return [number, *(known[c] for c in self.whole), *(partly[c] for c in self.partly)]

    def sql(self) -> str:
        """Return the query for the rows that fit."""
        names = self.names
        met = [_equal(c, names[c], self.table.columns[c]) for c in self.whole]
        met += [_alike(c, names[c]) for c in self.partly]
        # A row that changed is one candidate, whichever of its lives fit.
        return (
            f"SELECT a.row_no, max(s._ord) AS row_ord FROM {self.name}_asked AS a "
            f"JOIN {quote_name(self.table.kept_as)} AS s ON {' AND '.join(met)} GROUP BY a.row_no, "
            + ("s._key" if self.table.lived else "s._ord")
        )


def _tie(store: Store, search: _Search, rows: dict[int, AskedRow]) -> dict[int, Tied]:
    found = _look_up(store, search, rows) if search.whole or search.partly else {}
    rest = {number: row for number, row in rows.items() if number not in found}
    key = search.table.key
    if rest and key and set(key) <= set(search.whole):
        by_key = _look_up(store, _Search(search.table, f"{search.name}_key", key), rest)
        found |= {number: replace(tied, by_key=True) for number, tied in by_key.items()}
    return found


def _look_up(store: Store, search: _Search, rows: dict[int, AskedRow]) -> dict[int, Tied]:
    lines = [search.line(number, row) for number, row in rows.items()]
    kinds = [("row_no", pa.int64()), *((made, pa.string()) for made in search.names.values())]
    arrays = [pa.array([line[i] for line in lines], kind) for i, (_, kind) in enumerate(kinds)]
    store.write_as(f"{search.name}_asked", pa.table(arrays, schema=pa.schema(kinds)))
    store.run(Station(search.name, search.sql(), notyet=_SMALL))
    counts = f"SELECT row_no, count(*), min(row_ord) FROM {search.name} GROUP BY row_no ORDER BY row_no"
    found: dict[int, Tied] = {}
    for number, count, first in store.rows(counts):
        best = first if count == 1 else _best(store, search, rows[number], number)
        found[number] = Tied(search.table, search.name, count, best, by_key=False)
    return found


def _equal(column: str, made: str, kind: str) -> str:
    if kind == "VARCHAR":
        return f"s.{quote_name(column)} = a.{made}"
    return f"s.{quote_name(column)} = TRY_CAST(a.{made} AS {kind})"


def _alike(column: str, made: str) -> str:
    return f"CAST(s.{quote_name(column)} AS VARCHAR) LIKE a.{made} ESCAPE '\\'"


def _best(store: Store, search: _Search, row: AskedRow, number: int) -> int | None:
    """Return the candidate that stands where the question counted to, in its order or in the snapshot's."""
    table = search.table
    columns = _columns(table, {column: "" for column, _ in row.order})
    if row.offset is None or len(columns) != len(row.order) or row.selectors:
        return None
    by_name = {column.lower(): column for column in table.columns}
    order = [f"{quote_name(by_name[c.lower()])} {'DESC' if down else 'ASC'}" for c, down in row.order]
    sql = (
        f"SELECT t.row_ord FROM {search.name} AS t WHERE t.row_no = ? AND t.row_ord = (SELECT _ord FROM "
        f"{quote_name(table.kept_as)} ORDER BY {', '.join([*order, '_ord'])} LIMIT 1 OFFSET ?)"
    )
    found = store.rows(sql, [number, row.offset])
    return int(found[0][0]) if found else None


def _columns(table: StateTable, told: dict[str, str]) -> dict[str, str]:
    """Keep what is told of columns that the table has, under the names it has them by."""
    by_name = {column.lower(): column for column in table.columns}
    return {by_name[c.lower()]: value for c, value in told.items() if c.lower() in by_name}
