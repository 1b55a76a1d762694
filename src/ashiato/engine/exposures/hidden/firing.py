"""What triggers make of logged writes: other writes, and columns that hold something else than was said."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sqlglot import exp

from ashiato.engine.exposures.deeds import UPSERTS, Deed, Known, Logged, Write
from ashiato.engine.exposures.hidden.triggers import Trigger
from ashiato.engine.exposures.hidden.writing import HiddenWrites
from ashiato.engine.exposures.shapes import is_mysql
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.exposures.writes import unsettled, writes_of

#: How often what a trigger writes may fire another.
_FARTHEST = 8
#: Bound values no log gives: what of a row is not known.
_UNKNOWN = 9_000
_ROW = re.compile(
    r"(?:\(\s*(?P<enclosed>new|old)\s*\)|\b(?P<side>new|old)\b)\s*\.\s*(?P<column>\*|[\w\"`]+)", re.IGNORECASE
)
_EVENTS = {
    Deed.SET: {"update"},
    Deed.PUT: {"insert"},
    Deed.TAKEN: {"delete"},
    Deed.ENSURED: {"insert", "update"},
    Deed.OFFERED: {"insert", "update"},
    Deed.REPLACED: {"insert", "delete"},
    Deed.ANY: {"insert", "update", "delete"},
    # The row is written under its other key.
    Deed.LEFT: set[str](),
}
_Values = dict[str, str | None]


@dataclass
class Firing:
    """One system's triggers at work; ``unread``: how often one fired that was not understood, by name."""

    state: State
    dialect: str
    hidden: HiddenWrites
    unread: Counter[str] = field(default_factory=Counter)
    _by_table: dict[str, list[Trigger]] = field(default_factory=dict)
    _done: set[Write] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Gather the triggers by table."""
        held: dict[str, list[Trigger]] = defaultdict(list)
        for trigger in self.hidden.triggers:
            schema, _, name = trigger.table.replace('"', "").replace("`", "").rpartition(".")
            table = self.state.find_written(schema or None, name)
            if table is not None:
                held[table.kept_as].append(trigger)
        self._by_table = dict(held)

    def fire(self, found: dict[str, set[Write]]) -> bool:
        """Add what triggers wrote to the writes of the tables, and return whether that was anything new."""
        tables = {table.kept_as: table for table in self.state.tables.values()}
        is_new = False
        for _ in range(_FARTHEST):
            made: set[Write] = set()
            for kept_as in self._by_table:
                fresh = found.get(kept_as, set()) - self._done
                altered = {self._altered(write, tables[kept_as]) for write in fresh}
                found[kept_as] = (found.get(kept_as, set()) - fresh) | altered
                self._done |= altered
                ordered = sorted(altered, key=lambda write: write.order)
                made.update(one for write in ordered for one in self._fired(write, tables[kept_as]))
            new = {write for write in made if write not in found.get(write.kept_as, ())}
            if not new:
                break
            is_new = True
            for write in new:
                found.setdefault(write.kept_as, set()).add(write)
        return is_new

    def _of_write(self, write: Write) -> Iterator[Trigger]:
        events = _EVENTS[write.deed]
        for trigger in self._by_table.get(write.kept_as, ()):
            met = events & trigger.events
            untouched = trigger.columns and write.columns and not trigger.columns & write.columns
            if met and not (met == {"update"} and untouched):
                yield trigger

    def _altered(self, write: Write, table: StateTable) -> Write:
        """Return a write as it is after the triggers that run before it."""
        for trigger in self._of_write(write):
            if not trigger.early:
                continue
            assigned = trigger.body.assigned
            names = frozenset(table.columns) if assigned is None else assigned.intersection(table.columns)
            write = _otherwise(write, names, table)
            write = unsettled(write) if trigger.body.drops else write
        return write

    def _fired(self, write: Write, table: StateTable) -> Iterator[Write]:
        old, new = _rows_of(write, table)
        begun_us, ended_us = write.unclear
        written = "mysql" if is_mysql(self.dialect) else "postgres"
        for trigger in self._of_write(write):
            self.unread[trigger.name] += not trigger.body.is_read
            for text in trigger.body.statements:
                filled = _filled(text, old, new, written)
                logged = Logged(filled, None, begun_us, None, 0, ended_us, unsure=True)
                yield from writes_of(logged, self.state, self.dialect)
            for name in sorted(trigger.body.tables):
                kept_as = self.state.tables[name].kept_as
                yield Write(kept_as, ended_us, Deed.ANY, begun_us=begun_us)


def _otherwise(write: Write, names: frozenset[str], table: StateTable) -> Write:
    """Return a write whose row holds something else in these columns than was said."""
    if not names or write.deed not in (Deed.SET, Deed.PUT, *UPSERTS):
        return write
    if write.deed is Deed.SET:
        if set(table.key) & names and names != set(table.columns):
            return replace(write, deed=Deed.ANY, key=None, told=(), untold=(), was=(), held=())
        names -= set(table.key)
        return replace(write, told=_without(write.told, names), untold=_with(write.untold, names))
    key = None if set(table.key) & names else write.key
    untold = _with(write.untold, names) if write.deed in UPSERTS else write.untold
    told, put = _without(write.told, names), _without(write.put, names)
    return replace(write, key=key, told=told, put=put, untold=untold)


def _without(known: Known, names: frozenset[str]) -> Known:
    return tuple(part for part in known if part[0] not in names)


def _with(untold: tuple[str, ...], names: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted({*untold, *names}))


def _rows_of(write: Write, table: StateTable) -> tuple[_Values, _Values]:
    """Return what is known of a written row before and after."""
    texts = (write.key or "").split("|") if len(table.key) > 1 else [write.key]
    key: _Values = {}
    if write.key is not None and len(texts) == len(table.key):
        key = dict(zip(table.key, texts, strict=True))
    if write.deed is Deed.PUT or write.deed in UPSERTS:
        return key if write.deed in UPSERTS else {}, key | dict(write.put) | dict(write.told)
    if write.deed is Deed.TAKEN:
        return key | dict(write.told), {}
    if write.deed is Deed.SET:
        held = dict(write.held)
        kept = {name: value for name, value in held.items() if name not in write.columns}
        return held | (dict(write.was) or key), kept | key | dict(write.told)
    return key, key


def _filled(text: str, old: _Values, new: _Values, dialect: str) -> str:
    """Put what is known of the row in place of NEW and OLD, and unknown values in place of the rest."""
    numbers = iter(range(_UNKNOWN, _UNKNOWN + len(text)))

    def put(found: re.Match[str]) -> str:
        side, column = (found["side"] or found["enclosed"]).lower(), found["column"].strip('"`')
        row = new if side == "new" else old
        if column not in row:
            return f"${next(numbers)}"
        value = row[column]
        return "NULL" if value is None else str(exp.Literal.string(value).sql(dialect))

    return _ROW.sub(put, text)
