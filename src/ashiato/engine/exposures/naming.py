"""Rows that a write does not name, told by what they held (``DELETE .. WHERE member_id = 3``).

Only by columns that nothing else changes: what a row holds there in a snapshot it held when it was written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from ashiato.engine.exposures.deeds import UPSERTS, Deed, Known, Write
from ashiato.engine.exposures.state import StateTable
from ashiato.engine.store import Store, quote_name

_TOLD_BY = frozenset({Deed.TAKEN, Deed.SET})


@dataclass(frozen=True)
class Lasting:
    """The columns in which rows hold what they held, and equal values are written alike.

    ``found`` and ``left``: values, by column, that a write found and made others of (and when), and those it
    made. A write that tells its rows by such a value does not tell them by what they hold in a snapshot:
    they may have come to it since, or gone on from it. What one statement may have done in place of another
    deed (take rows out, empty them) did not also happen to them.
    ``since_us``: until then any row may have become any other; what was written later is told all the same.
    """

    columns: frozenset[str]
    since_us: int | None = None
    found: Mapping[tuple[str, str | None], frozenset[int]] = field(default_factory=dict)
    left: frozenset[tuple[str, str | None]] = frozenset()

    def tells(self, write: Write, name: str, value: str | None) -> bool:
        """Tell whether a write's rows are told by a value that they held."""
        if name not in self.columns or value is None or (name, value) in self.left:
            return False
        if self.since_us is not None and write.unclear[0] <= self.since_us:
            return False
        moments = self.found.get((name, _turned(write).get(name, value)), frozenset())
        return moments <= ({write.time_us} if write.deed is Deed.TAKEN else frozenset())


def lasting_columns(table: StateTable, engine: str, writes: Iterable[Write]) -> Lasting:
    """Return the columns that tell a table's rows, and from when on they do.

    What may have made any row any other's says nothing of writes after it, where every snapshot is later:
    each has the rows as those writes found them.
    """
    held = list(writes)
    stirs = [write for write in held if write.deed in (Deed.ANY, Deed.LEFT, Deed.REPLACED)]
    since_us = max((write.unclear[1] for write in stirs), default=None)
    if since_us is not None and not all(seen_us > since_us for seen_us in table.seen_us):
        return Lasting(frozenset())
    exact = {
        name
        for name, kind in table.columns.items()
        if kind != "VARCHAR" or (engine == "postgresql" and name not in table.marks)
    }
    found: dict[tuple[str, str | None], frozenset[int]] = {}
    left: set[tuple[str, str | None]] = set()
    for write in held:
        if write.deed is Deed.SET or write.deed in UPSERTS:
            turned = _turned(write)
            exact -= write.columns - {name for name, _ in write.held if name in dict(write.told)}
            left |= set(turned.items())
            for part in write.held:
                if part[0] in turned:
                    found[part] = found.get(part, frozenset()) | {write.time_us}
    return Lasting(frozenset(exact), since_us, found, frozenset(left))


def _turned(write: Write) -> dict[str, str | None]:
    """Return what a write made of the values that its rows are told by, where that is another."""
    told = dict(write.told) if write.deed is Deed.SET else {}
    return {name: told[name] for name, value in write.held if name in told and told[name] != value}


def held_by(write: Write, lasting: Lasting) -> Known:
    """Return what the rows of a write held in lasting columns; nothing where it may be any row."""
    if write.key is not None or write.deed not in _TOLD_BY:
        return ()
    return tuple(part for part in write.held if lasting.tells(write, *part))


@dataclass
class Narrow:
    """Writes whose rows are told by what they held: by columns, then by the values there."""

    by: dict[tuple[str, ...], dict[tuple[str | None, ...], list[Write]]] = field(default_factory=dict)

    def add(self, write: Write, held: Known) -> None:
        """Add a write, under what its rows held and under what it made of that."""
        names, values = tuple(name for name, _ in held), tuple(value for _, value in held)
        turned, places = _turned(write), self.by.setdefault(names, {})
        after = tuple(turned.get(name, value) for name, value in held)
        for found in {values, after}:
            places.setdefault(found, []).append(write)

    def of_row(self, pieces: Iterable[Mapping[str, str | None]]) -> list[Write]:
        """Return the writes that may have touched a row that had these values, each once."""
        found: dict[Write, None] = {}
        for piece in pieces:
            for names, places in self.by.items():
                for write in places.get(tuple(piece.get(name) for name in names), ()):
                    found[write] = None
        return list(found)


def narrow(table: StateTable, engine: str, writes: Sequence[Write]) -> tuple[Narrow, list[Write]]:
    """Set apart the writes whose rows are told by what they held; returns them and the others."""
    lasting = lasting_columns(table, engine, writes)
    found, others = Narrow(), []
    for write in writes:
        held = held_by(write, lasting)
        if held:
            found.add(write, held)
        else:
            others.append(write)
    return found, others


@dataclass
class Naming:
    """Finds the rows that writes tell by what they held; ``found``: all writes so far."""

    store: Store
    engine: str
    found: Mapping[str, set[Write]]
    _lasting: dict[tuple[str, int], Lasting] = field(default_factory=dict)

    def _lasts(self, table: StateTable) -> Lasting:
        every = self.found.get(table.kept_as, set())
        at = (table.kept_as, len(every))
        if at not in self._lasting:
            self._lasting[at] = lasting_columns(table, self.engine, every)
        return self._lasting[at]

    def named(self, table: StateTable, writes: Iterable[Write]) -> list[Write]:
        """Return, of writes that touched all rows that held something, those rows' writes one by one."""
        told = [write for write in writes if write.whole and write.key is None]
        if not told or not table.key:
            return []
        lasting = self._lasts(table)
        gathered: dict[tuple[str, ...], list[Write]] = defaultdict(list)
        for write in told:
            if write.held and held_by(write, lasting) == write.held:
                gathered[tuple(name for name, _ in write.held)].append(write)
        return [one for names, held in sorted(gathered.items()) for one in self._rows(table, names, held)]

    def names_all(self, table: StateTable, write: Write) -> bool:
        """Tell whether every row that a write touched is told one by one: none was there but known ones."""
        if not write.whole or held_by(write, self._lasts(table)) != write.held or not table.key:
            return False
        return table.seen_us[0] < write.time_us and not any(
            one.deed in (Deed.PUT, *UPSERTS) and not (one.key is not None and _says(one, write.held))
            for one in self.found.get(table.kept_as, ())
        )

    def _rows(self, table: StateTable, names: tuple[str, ...], writes: Sequence[Write]) -> Iterator[Write]:
        put = [one for one in self.found[table.kept_as] if one.deed is Deed.PUT and one.key is not None]
        seen = _rows_that_held(self.store, table, names, writes)
        for number, write in enumerate(writes):
            keys = seen.get(number, set())
            keys |= {o.key for o in put if o.key and o.time_us <= write.time_us and _holds(o, write.held)}
            for key in sorted(keys):
                yield replace(write, key=key, whole=False)


def _says(put: Write, held: Known) -> bool:
    told = dict(put.told)
    return all(name in told for name, _ in held)


def _holds(put: Write, held: Known) -> bool:
    return set(held) <= set(put.told)


def _rows_that_held(
    store: Store, table: StateTable, names: Sequence[str], writes: Sequence[Write]
) -> dict[int, set[str]]:
    """Return, by a write's place, the keys of rows that a snapshot before it has with what it says."""
    told = [dict(write.held) for write in writes]
    columns = {f"v{n}": pa.array([one[name] for one in told], pa.string()) for n, name in enumerate(names)}
    columns["number"] = pa.array(range(len(writes)), pa.int64())
    columns["time_us"] = pa.array([write.time_us for write in writes], pa.int64())
    store.write_as("held_rows", pa.table(columns))
    same = " AND ".join(
        f"s.{quote_name(name)} = TRY_CAST(w.v{n} AS {table.columns[name]})" for n, name in enumerate(names)
    )
    seen = f"SELECT _ord, {table.seen_us[0]} AS first_us FROM {table.kept_as}"
    if len(table.seen_us) > 1:
        seen = f"SELECT _ord, _first_us AS first_us FROM raw{table.place}"
    found: dict[int, set[str]] = defaultdict(set)
    sql = (
        f"SELECT DISTINCT w.number, s._key FROM held_rows AS w JOIN {table.kept_as} AS s ON {same} "
        f"JOIN ({seen}) AS f ON f._ord = s._ord AND f.first_us < w.time_us ORDER BY 1, 2"
    )
    for number, key in store.rows(sql):
        found[int(number)].add(key)
    return found
