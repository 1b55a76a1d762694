"""The tables as they were at any time: rows that snapshots or logged writes tell of, folded into their lives.

Writes ``changes`` (one row per stretch in which a column of a row may have been otherwise; ``row_ord`` NULL:
of any row of which nothing of its own is told), ``turns`` (a row's stretches in which the same of it is in
doubt) and ``moves`` (where a row stood in the heap, by time), and makes those tables anew whose rows came,
went or changed in ways that are known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from ashiato.datamap.model import DataTable
from ashiato.engine.exposures.deeds import UPSERTS, Deed, Write
from ashiato.engine.exposures.lives import FIRST_US, LAST_US, Doubt, Life, Seen, Sweeps, fold
from ashiato.engine.exposures.naming import Narrow, narrow
from ashiato.engine.exposures.pieces import canonical_sql
from ashiato.engine.exposures.state import CLUSTERED, TYPING, State, StateTable, state_sql
from ashiato.engine.exposures.sweeping import joined, sweeps_of
from ashiato.engine.store import Station, Store, quote_name, quote_text

#: One row's name within its table: its key, and which of several rows that share it.
_Id = tuple[str, int]
_Told = tuple[Any, ...]
_DOUBTS = ("_no", "column_name", "from_us", "to_us", "filled")
_MOVES = ("_no", "_moved_us", "_until_us", "_later")
#: What may move a row in the heap.
_MOVING = frozenset({Deed.SET, Deed.ANY, *UPSERTS})
# Of so many rows, none empty: no row of the table is, as far as can be told.
_ENOUGH = 20
_NO_CHANGES = (
    "SELECT CAST(NULL AS VARCHAR) AS _table, CAST(NULL AS BIGINT) AS row_ord, CAST(NULL AS VARCHAR) AS "
    "column_name, CAST(NULL AS BIGINT) AS from_us, CAST(NULL AS BIGINT) AS to_us, 0 AS filled WHERE FALSE"
)
_NO_CHOICES = (
    "SELECT CAST(NULL AS VARCHAR) AS _table, CAST(NULL AS BIGINT) AS row_ord, "
    "CAST(NULL AS VARCHAR) AS owner_key WHERE FALSE"
)
_NO_MOVES = (
    "SELECT CAST(NULL AS VARCHAR) AS _table, CAST(NULL AS BIGINT) AS _ord, "
    "CAST(NULL AS BIGINT) AS _moved_us, CAST(NULL AS BIGINT) AS _until_us, 0 AS _later WHERE FALSE"
)

# The stretches between the moments at which something of a row begins or ends to be in doubt; ``row_ord``
# NULL: of any row.
_TURNS = """
SELECT _table, row_ord, at_us AS begun_us,
       lead(at_us, 1, 9000000000000000000) OVER (PARTITION BY _table, row_ord ORDER BY at_us) AS ended_us
FROM (
  SELECT _table, row_ord, from_us AS at_us FROM changes UNION SELECT _table, row_ord, to_us FROM changes
) AS turns
"""


@dataclass
class _Row:
    """One row as the snapshots have it: its pieces, each with its place, times and values."""

    pieces: list[tuple[int, int, int, int | None, dict[str, str | None]]] = field(default_factory=list)

    def seen(self, moments: Sequence[int]) -> list[Seen]:
        """Return what each snapshot has of it."""
        found = []
        for moment in moments:
            held = [piece for piece in self.pieces if piece[1] <= moment <= piece[2]]
            found.append(Seen(moment, held[0][4], held[0][3]) if held else Seen(moment, None))
        return found

    @property
    def place(self) -> int:
        """The place of its newest piece."""
        return max(self.pieces, key=lambda piece: piece[2])[0]


@dataclass
class _Folded:
    """What folding a table's restless rows gave; ``stirred``: rows moved in the heap, untold which."""

    lives: list[tuple[int, str, Life]] = field(default_factory=list)
    doubts: list[_Told] = field(default_factory=list)
    moves: list[_Told] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    choices: list[_Told] = field(default_factory=list)
    moving: bool = False
    stirred: bool = False

    def take_places(self) -> None:
        """Name each row by its place in the table, where each has but one life."""
        places = [place for place, _, _ in self.lives]
        self.doubts = [(places[number], *rest) for number, *rest in self.doubts]
        self.moves = [(places[number], *rest) for number, *rest in self.moves]
        self.choices = [(places[number], *rest) for number, *rest in self.choices]


def write_history(
    store: Store, states: tuple[State, ...], writes: Mapping[str, Sequence[Write]]
) -> tuple[State, ...]:
    """Write ``changes``, ``moves`` and ``owner_choices``; returns the states with the tables made anew.

    ``owner_choices``: one row per row whose owner only told values may have been x such a value.
    ``writes``: by the table's ``kept_as``, in order of time.
    """
    changes, moves, choices, made = [_NO_CHANGES], [_NO_MOVES], [_NO_CHOICES], []
    for state in states:
        tables: dict[str, StateTable] = {}
        for name, table in state.tables.items():
            mapped = state.system.tables.get(name, DataTable(name))
            told = writes.get(table.kept_as, ())
            tables[name] = table
            if told or len(table.seen_us) > 1:
                tables[name] = _Telling(store, state, mapped, table).tell(told, tables, changes, moves)
                choices.append(f"SELECT * FROM choices{table.place}")
        made.append(replace(state, tables=tables))
    store.run(Station("changes", " UNION ALL ".join(changes)))
    store.run(Station("turns", _TURNS))
    store.run(Station("moves", " UNION ALL ".join(moves)))
    store.run(Station("owner_choices", " UNION ALL ".join(choices)))
    return tuple(made)


class _Telling:
    """The folding of one table."""

    def __init__(self, store: Store, state: State, mapped: DataTable, table: StateTable) -> None:
        self._store = store
        self._state = state
        self._mapped = mapped
        self._table = table
        self._name = table.place
        self._raw = f"raw{self._name}"

    def tell(
        self, writes: Sequence[Write], done: Mapping[str, StateTable], changes: list[str], moves: list[str]
    ) -> StateTable:
        """Fold the table's rows, add what is in doubt and what moved, and return the table as it now is."""
        writes = self._canonical(writes)
        told, loose = narrow(self._table, self._state.system.engine, writes)
        sweeps = sweeps_of(loose, self._table, self._mapped)
        keyed: dict[str, list[Write]] = defaultdict(list)
        for write in writes:
            if write.key is not None:
                keyed[write.key].append(write)
        rows = self._restless(keyed, told)
        folded = self._fold(rows, keyed, sweeps, told)
        lived = folded.moving
        if lived:
            self._make_anew(folded, done)
        else:
            folded.take_places()
        self._write(f"doubts{self._name}", _DOUBTS, folded.doubts)
        self._write(f"moving{self._name}", _MOVES, folded.moves)
        self._add(folded, changes, moves, lived=lived)
        of_any_row = self._of_any_row(sweeps)
        changes += map(self._doubt_sql, of_any_row)
        # Rows written that cannot be told stand anywhere in the heap since; where they lie by their key they
        # stay where it says.
        swept = any(write.key is None and write.deed in _MOVING for write in loose)
        moved = (swept or folded.stirred) and self._table.heap != CLUSTERED
        heap = None if moved else self._table.heap
        doubted = {doubt.column for doubt in of_any_row} | {column for _, column, *_ in folded.doubts}
        return replace(self._table, lived=lived, heap=heap, required=self._required(doubted))

    def _required(self, doubted: set[str]) -> frozenset[str]:
        """Return the columns in doubt that none of enough rows leaves empty: they were filled before."""
        names = [name for name in self._table.columns if name in doubted]
        if not names:
            return frozenset()
        filled = ", ".join(f"count(nullif(CAST({quote_name(name)} AS VARCHAR), ''))" for name in names)
        rows, *counts = self._store.rows(f"SELECT count(*), {filled} FROM {self._table.kept_as}")[0]
        held = [name for name, count in zip(names, counts, strict=True) if count == rows >= _ENOUGH]
        return frozenset(held)

    def _canonical(self, writes: Sequence[Write]) -> list[Write]:
        """Write told values as the state has them."""
        kinds = self._table.columns
        asked = sorted(
            {
                (kinds[name], value)
                for write in writes
                for name, value in (*write.told, *write.was, *write.put, *write.held)
                if value is not None and kinds.get(name, "VARCHAR") != "VARCHAR"
            }
        )
        if not asked:
            return list(writes)
        self._write("told_values", ("kind", "value"), asked)
        cases = " ".join(
            f"WHEN {quote_text(kind)} THEN {canonical_sql('value', kind)}"
            for kind in sorted({kind for kind, _ in asked})
        )
        found = self._store.rows(f"SELECT kind, value, CASE kind {cases} END FROM told_values")
        held = {(kind, value): canonical for kind, value, canonical in found}

        def plain(known: tuple[tuple[str, str | None], ...]) -> tuple[tuple[str, str | None], ...]:
            return tuple((name, held.get((kinds.get(name), value), value)) for name, value in known)

        return [
            replace(w, told=plain(w.told), was=plain(w.was), put=plain(w.put), held=plain(w.held))
            for w in writes
        ]

    def _holding(self, told: Narrow) -> str:
        """Return an SQL condition: the row holds what some write says its rows held."""
        tests = ["FALSE"]
        for number, (names, places) in enumerate(sorted(told.by.items())):
            relation, kinds = f"held{self._name}_{number}", self._table.columns
            columns = [f"v{n}" for n in range(len(names))]
            self._write(relation, columns, sorted(places, key=str))
            values = [canonical_sql(f"r.{quote_name(name)}", kinds[name]) for name in names]
            same = [f"h.{c} IS NOT DISTINCT FROM {value}" for c, value in zip(columns, values, strict=True)]
            tests.append(f"EXISTS (SELECT 1 FROM {relation} AS h WHERE {' AND '.join(same)})")
        return " OR ".join(tests)

    def _restless(self, keyed: Iterable[str], told: Narrow) -> dict[_Id, _Row]:
        """Return the rows that writes name or tell of, and those that not every snapshot has alike."""
        self._write("touched_keys", ("_key",), [(key,) for key in sorted(keyed)])
        names = list(self._table.columns)
        values = ", ".join(
            canonical_sql(f"r.{quote_name(n)}", kind) for n, kind in self._table.columns.items()
        )
        moments = self._table.seen_us
        if len(moments) == 1:
            what = f"s._key, s._ord + 1, r._ord, {moments[0]}, {moments[0]}"
            which = "s._key IN (SELECT _key FROM touched_keys)" if self._table.key else "FALSE"
        else:
            what = "r._id, r._nth, r._ord, r._first_us, r._last_us"
            known = "r._id IN (SELECT _key FROM touched_keys) OR" if self._table.key else ""
            which = f"{known} r._first_us > {moments[0]} OR r._last_us < {moments[-1]}"
        sql = (
            f"SELECT {what}, {self._since()}, {values} FROM {self._raw} AS r "
            f"JOIN {self._table.kept_as} AS s ON s._ord = r._ord "
            f"WHERE {which} OR {self._holding(told)} ORDER BY 1, 2, 4"
        )
        rows: dict[_Id, _Row] = defaultdict(_Row)
        for key, nth, place, first_us, last_us, since_us, *held in self._store.rows(sql):
            piece = (place, first_us, last_us, since_us, dict(zip(names, held, strict=True)))
            rows[key, nth].pieces.append(piece)
        return dict(rows)

    def _since(self) -> str:
        """Select when a row was last written, by itself; a second later, for what the clocks differ by."""
        return self._table.since_sql("s", self._state.system.zone)

    def _fold(
        self,
        rows: Mapping[_Id, _Row],
        keyed: Mapping[str, Sequence[Write]],
        sweeps: Sweeps,
        told: Narrow,
    ) -> _Folded:
        folded = _Folded()
        names = list(self._table.columns)
        for (key, _), row in rows.items():
            writes = keyed.get(key, ())
            own = told.of_row(piece[4] for piece in row.pieces)
            folded.stirred |= any(write.deed in _MOVING for write in own)
            swept = joined(sweeps, sweeps_of(own, self._table, self._mapped)) if own else sweeps
            lives, doubts = fold(row.seen(self._table.seen_us), writes, swept, names)
            begun = len(folded.lives)
            values = self._choices(row, own, writes, sweeps)
            folded.choices += [(begun + n, value) for n in range(len(lives)) for value in values]
            folded.lives += [(row.place, key, life) for life in lives]
            folded.doubts += [_doubt_row(begun, doubt) for doubt in doubts]
            for number, life in enumerate(lives):
                folded.moves += _moves_of(begun + number, life, writes, self._table.seen_us[-1])
            folded.places += [piece[0] for piece in row.pieces]
            whole = len(lives) == 1 and (lives[0].from_us, lives[0].to_us) == (FIRST_US, LAST_US)
            folded.moving |= not whole or len(row.pieces) > 1
        return folded

    def _choices(
        self, row: _Row, own: Sequence[Write], keyed: Sequence[Write], sweeps: Sweeps
    ) -> list[str | None]:
        """Return what a row's owner may have been, where writes that say what they found alone changed it."""
        names = self._table.owner[1] if self._table.owner and own else ()
        if len(names) != 1 or names[0] in sweeps.columns or any(names[0] in one.columns for one in keyed):
            return []
        (name,) = names
        found = [dict(write.held).get(name) for write in own if name in write.columns]
        seen = {piece[4].get(name) for piece in row.pieces}
        return sorted(seen.union(found), key=str) if found and None not in found else []

    def _make_anew(self, folded: _Folded, done: Mapping[str, StateTable]) -> None:
        """Make the table of the rows at rest and the lives of the others, in the order of the heap."""
        names = list(self._table.columns)
        lives = [
            (number, place, key, life.from_us, life.to_us, *(life.values.get(name) for name in names))
            for number, (place, key, life) in enumerate(folded.lives)
        ]
        values = [f"v{n}" for n in range(len(names))]
        self._write(f"lives{self._name}", ("_no", "_base", "_own", "_from_us", "_to_us", *values), lives)
        self._write(f"restless{self._name}", ("_place",), [(place,) for place in sorted(folded.places)])
        shown = ", ".join(f"r.{quote_name(name)} AS {quote_name(name)}" for name in names)
        again = ", ".join(f"{v} AS {quote_name(name)}" for v, name in zip(values, names, strict=True))
        order = "_base"
        if self._table.heap in ("insertion", CLUSTERED):
            (key,) = self._table.key
            order = f"TRY_CAST({quote_name(key)} AS {self._table.columns[key]})"
        sql = (
            f"SELECT row_number() OVER (ORDER BY {order}, _own, _from_us) - 1 AS _ord, * FROM ("
            f"SELECT CAST(-1 AS BIGINT) AS _no, r._ord AS _base, s._key AS _own, {FIRST_US} AS _from_us, "
            f"{LAST_US} AS _to_us, 0 AS _restless, {shown} FROM {self._raw} AS r "
            f"JOIN {self._table.kept_as} AS s ON s._ord = r._ord "
            f"LEFT JOIN restless{self._name} AS x ON x._place = r._ord WHERE x._place IS NULL "
            f"UNION ALL SELECT _no, _base, _own, _from_us, _to_us, 1, {again} FROM lives{self._name}) AS rows"
        )
        self._store.run(Station(f"lived{self._name}", sql, notyet=TYPING))
        parents = {name: table for name, table in done.items() if name != self._table.name}
        text = state_sql(
            f"lived{self._name}", self._table.columns, self._table.key, self._mapped, parents, lived=True
        )
        self._store.run(Station(self._table.kept_as, text, notyet=TYPING))

    def _add(self, folded: _Folded, changes: list[str], moves: list[str], *, lived: bool) -> None:
        """Add the doubts and moves of single rows, by the place their life has in the table."""
        kept = quote_text(self._table.kept_as)
        place, tie = "d._no", ""
        if lived:
            place, tie = "l._ord", f" JOIN lived{self._name} AS l ON l._no = d._no"
        changes.append(
            f"SELECT {kept} AS _table, {place} AS row_ord, d.column_name, d.from_us, d.to_us, d.filled "
            f"FROM doubts{self._name} AS d{tie}"
        )
        self._write(f"chosen{self._name}", ("_no", "value"), folded.choices)
        chosen = (
            f"SELECT {kept} AS _table, {place} AS row_ord, d.value AS owner_key FROM chosen{self._name} AS d"
        )
        self._store.run(Station(f"choices{self._name}", f"{chosen}{tie}"))
        moves.append(
            f"SELECT {kept} AS _table, {place} AS _ord, d._moved_us, d._until_us, d._later "
            f"FROM moving{self._name} AS d{tie}"
        )

    def _of_any_row(self, sweeps: Sweeps) -> list[Doubt]:
        """Return what is in doubt of the rows of which nothing of their own is told."""
        names = list(self._table.columns)
        same = dict.fromkeys(names, "-")
        return fold([Seen(moment, same) for moment in self._table.seen_us], (), sweeps, names)[1]

    def _doubt_sql(self, doubt: Doubt) -> str:
        return (
            f"SELECT {quote_text(self._table.kept_as)} AS _table, CAST(NULL AS BIGINT) AS row_ord, "
            f"{quote_text(doubt.column)} AS column_name, CAST({doubt.from_us} AS BIGINT) AS from_us, "
            f"CAST({doubt.to_us} AS BIGINT) AS to_us, {int(doubt.filled)} AS filled"
        )

    def _write(self, name: str, columns: Sequence[str], rows: Sequence[_Told]) -> None:
        kinds = [pa.string() if _is_text(column) else pa.int64() for column in columns]
        arrays = [pa.array([row[i] for row in rows], kind) for i, kind in enumerate(kinds)]
        self._store.write_as(name, pa.table(arrays, names=list(columns)))


def _is_text(column: str) -> bool:
    return column in ("_key", "_own", "column_name", "kind", "value") or column.startswith("v")


def _doubt_row(begun: int, doubt: Doubt) -> _Told:
    return (begun + doubt.life, doubt.column, doubt.from_us, doubt.to_us, int(doubt.filled))


def _moves_of(number: int, life: Life, writes: Sequence[Write], newest_us: int) -> Iterable[_Told]:
    """Yield the stretches of a life between the row's moves in the heap.

    ``_moved_us``: the move before, if there was one; ``_later``: it moves again before the newest snapshot.
    """
    times = sorted({write.time_us for write in writes if write.deed in (Deed.PUT, *_MOVING)})
    for moved_us, until_us in zip([None, *times], [*times, LAST_US], strict=True):
        if (moved_us is None or moved_us < life.to_us) and until_us > life.from_us:
            yield number, moved_us, until_us, int(until_us <= newest_us)
