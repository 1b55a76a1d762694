"""What statements read without saying so: copies staged in other tables, views, functions.

The names that the log and the schema define are followed through time: a hostile statement that reads one is
replayed as the query behind it, a copy as of the moment it was made. Whoever made the copy or the view: its
readers reach the people behind it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from ashiato.engine.exposures.binds import parse_binds
from ashiato.engine.exposures.calls import BY_VALUE, may_call_own
from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.hidden.book import Book
from ashiato.engine.exposures.hidden.definitions import Source, definitions_in
from ashiato.engine.exposures.hidden.expanding import Reading, Way, read_through
from ashiato.engine.exposures.sessions.pieces import put_values, split_statements
from ashiato.engine.exposures.shapes import NotUnderstoodError, Value, shape_statement, with_values
from ashiato.engine.exposures.state import State
from ashiato.engine.exposures.widening import tables_meant
from ashiato.engine.store import Row, Store

HIDDEN = "hidden-read"
_FIRST_PART = -(1 << 41)

_DEFINING = r"""
SELECT event_id, start_us, query_text, query_binds FROM events
WHERE event_kind = 'sql' AND error_code IS NULL AND error_text IS NULL AND regexp_matches(
  query_text, '(?is)\b(create|drop|alter)\b.*\b(table|view|function|procedure)\b|\binto\b.*\b(select|table)\b'
              || '|\bselect\b.*\binto\b'
)
ORDER BY event_id
"""
_TOUCHING = r"""
SELECT lower(query_text) FROM events
WHERE event_kind = 'sql' AND regexp_matches(query_text, '(?i)\b(update|delete|truncate|merge)\b')
  AND regexp_matches(lower(query_text), ?)
"""


# The name that a statement makes or fills.
_MADE = re.compile(r"\b(?:table|view|into)\s+(?:if\s+not\s+exists\s+)?(?:[\w\"]+\.)?\"?(\w+)")


@dataclass
class Reader:
    """Follows the names of one system through time, and writes statements out at each moment."""

    state: State
    dialect: str
    book: Book
    _read: dict[tuple[str, int], Reading | None] = field(default_factory=dict)
    _names: tuple[int, re.Pattern[str] | None] = (-1, None)

    def define(self, text: str, time_us: int | None, *, hostile: bool = True) -> None:
        """Enter what a text defines, itself written out as of its time."""
        for made in definitions_in(text, time_us, self.dialect, self.state.system.default_schema):
            table = self.state.tables.get(made.name)
            if not isinstance(made, Source):
                self.book.note(made)
            elif hostile or not made.adds or table is None or table.person_table is None:
                # What honest statements add to the people's own tables hangs on the people it is of.
                for source in self._through(made):
                    self.book.note(source)

    def _through(self, source: Source) -> list[Source]:
        reading = self.reading_of(source.query) if self.names_one(source.query) else None
        if reading is None:
            return [source]
        # The oldest of the copies a copy was made of is what its rows are like.
        return [
            replace(
                source,
                query=way.text,
                made_us=min([*way.times, *_moment(source)], default=None),
                adds=place > 0 or source.adds,
            )
            for place, way in enumerate(reading.ways)
        ]

    def names_one(self, text: str) -> bool:
        """Tell whether a text may read a name of the book."""
        if self._names[0] != self.book.version:
            names = sorted({*(name.rpartition(".")[2] for name in self.book.sources), *self.book.functions})
            found = "|".join(map(re.escape, names))
            self._names = (
                self.book.version,
                re.compile(rf"\b(?:{found})\b", re.IGNORECASE) if names else None,
            )
        pattern = self._names[1]
        return pattern is not None and pattern.search(text) is not None

    def reads_beyond(self, text: str) -> bool:
        """Tell whether a text may read what it does not name: by a name of the book, or by a function."""
        return may_call_own(text) or self.names_one(text) or BY_VALUE.search(text) is not None

    def reading_of(self, text: str) -> Reading | None:
        """Return a text written out, each kind of it once."""
        at = (text, self.book.version)
        if at not in self._read:
            schema = self.state.system.default_schema
            self._read[at] = read_through(text, self.book, self.state.tables, self.dialect, schema)
        return self._read[at]

    def opened(self, execution: Execution, parts: Iterator[int], touched: str) -> Iterator[Execution]:
        """Yield what an execution read: itself, or the ways to read it written out.

        ``touched``: the words of writes to the book's names, after which a copy is no longer what was copied.
        """
        text, values, binds = self._shaped(execution)
        reading = self.reading_of(text)
        if reading is None:
            yield execution
            return
        doubt = reading.parted or any(name.rpartition(".")[2].lower() in touched for name in reading.names)
        opened = replace(
            execution, binds=binds, usual=False, note=execution.note or (HIDDEN if doubt else "")
        )
        alone = len(reading.ways) == 1 and not reading.bodies
        for way in reading.ways:
            part = opened if alone else _part(opened, parts)
            written = with_values(way.text, values, self.dialect)
            yield replace(part, text=written, start_us=self._time(execution, way))
        for name in sorted(self._named_in(reading)):
            beyond = replace(_part(opened, parts), text=f'SELECT * FROM "{name}"', note=HIDDEN, lent=True)
            yield beyond if self.dialect != "mysql" else replace(beyond, text=f"SELECT * FROM `{name}`")

    def _shaped(self, execution: Execution) -> tuple[str, Sequence[Value], str | None]:
        if BY_VALUE.search(execution.text):
            return execution.text, (), execution.binds
        try:
            shaped = shape_statement(execution.text, execution.binds, self.dialect)
        except NotUnderstoodError:
            return execution.text, (), execution.binds
        return shaped.shape, shaped.values, None

    def _time(self, execution: Execution, way: Way) -> int:
        """Return as of when a statement is read: the side further from the snapshot."""
        if self.state.as_of_us < execution.start_us:
            return execution.start_us
        return min([execution.start_us, *way.times])

    def _named_in(self, reading: Reading) -> set[str]:
        if reading.anything:
            return {name for name, table in self.state.tables.items() if table.person_table}
        return {name for body in reading.bodies for name in tables_meant(body, self.state)}


def open_names(
    store: Store, states: tuple[State, ...], executions: list[Execution], dialects: Mapping[str, str]
) -> list[Execution]:
    """Return the executions, those that read copies, views and functions with what stands behind these."""
    readers = [Reader(state, dialects[state.system.name], Book()) for state in states]
    for reader in readers:
        reader.define(reader.state.schema, None)
    defined = store.rows(_DEFINING)
    names = [state.system.name for state in states]
    hostile = {execution.cites for execution in executions}
    touched = _touched(store, [text for _, _, text, _ in defined])
    parts = iter(range(_FIRST_PART, 0))
    opened: list[Execution] = []
    waiting = deque(defined)
    for execution in sorted(executions, key=lambda one: (one.start_us, one.event_id)):
        while waiting and waiting[0][1] < execution.start_us:
            _define(readers, waiting.popleft(), hostile)
        reader = readers[names.index(execution.database) if execution.database in names else 0]
        reads = reader.reads_beyond(execution.text)
        opened += reader.opened(execution, parts, touched) if reads else [execution]
    return sorted(opened, key=lambda one: one.event_id)


def _define(readers: Sequence[Reader], row: Row, hostile: Collection[int]) -> None:
    event_id, start_us, text, binds = row
    bound = parse_binds(binds)
    values = [_as_literal(bound.get(place)) for place in range(1, max(bound, default=0) + 1)]
    for reader in readers:
        for piece in split_statements(text, reader.dialect):
            written = put_values(piece, values, reader.dialect) if values else piece
            reader.define(written, start_us, hostile=event_id in hostile)


def _as_literal(value: str | None) -> str:
    return "NULL" if value is None else exp.Literal.string(value).sql("postgres")


def _touched(store: Store, texts: Sequence[str]) -> str:
    """Return the words of all updates and deletions of names that the log defines."""
    names = sorted({word for text in texts for word in _MADE.findall(text.lower())})
    if not names:
        return ""
    found = "\\b(" + "|".join(map(re.escape, names)) + ")\\b"
    return "\n".join(text for (text,) in store.rows(_TOUCHING, [found]))


def _part(execution: Execution, parts: Iterator[int]) -> Execution:
    return replace(execution, event_id=next(parts), event=execution.cites, rows=None)


def _moment(source: Source) -> list[int]:
    return [] if source.made_us is None else [source.made_us]


__all__ = ["HIDDEN", "open_names"]
