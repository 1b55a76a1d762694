"""The idea of a parser: some lines of one file in, records out; the cases are in ``parsers/``.

A parser never reports what it could not read: every line in no record is *left over*, and the stage
tries the file's other formats on it or keeps it as unread. So no line is lost or read twice.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.spans import Ints, Truths, numbers_of, truths_of

Columns = dict[str, pa.Array]


NO_LINES = np.zeros(0, np.int64)
_MOST_STRETCHES = 400


@dataclass(frozen=True)
class Parsed:
    """Records of a block: indexes of their first and last lines, ascending, and their columns.

    ``columns`` holds, per column of the table ``records`` that this format fills, one Arrow array with a
    value per record.
    """

    first: Ints
    last: Ints
    columns: Columns = field(default_factory=dict)

    def __len__(self) -> int:
        """The number of records."""
        return len(self.first)

    def at(self, places: Ints) -> Parsed:
        """The same records of a block from which only the lines at these indexes had been given."""
        return Parsed(places[self.first], places[self.last], self.columns)

    def only(self, kept: Truths) -> Parsed:
        """The records of which this is true."""
        columns = {name: array.filter(truths_of(kept)) for name, array in self.columns.items()}
        return Parsed(self.first[kept], self.last[kept], columns)

    def left_over(self, lines: int) -> Ints:
        """The indexes of the lines that stand in no record."""
        if len(self) == lines:
            return NO_LINES
        depth = np.bincount(self.first, minlength=lines + 1)
        depth -= np.bincount(self.last + 1, minlength=lines + 1)
        return np.flatnonzero(np.cumsum(depth[:-1]) == 0).astype(np.int64)


class Parser(ABC):
    """One format of one file, without memory: blocks may be parsed in any order."""

    #: What the column ``source_format`` says of the records.
    name: str
    #: Whether a record may have several lines, so that stray lines cannot be tried one by one.
    many_lined = False
    #: Whether blocks rest on what stood far above them (see :meth:`mark`).
    is_marked = False
    #: The format as configured or inferred, for the reader of the run.
    written: str | None = None

    @abstractmethod
    def parse(self, block: Block) -> Parsed:
        """Return the records that stand in the block; lines in none are left over."""

    def cut(self, block: Block) -> int:
        """Return how many of the block's lines surely form whole records, whatever follows."""
        return len(block)

    def mark(self, lines: Sequence[bytes]) -> bytes:  # noqa: ARG002 - most formats need none
        """Return what these lines say that lines far below may rest on (a time written once), or nothing."""
        return b""

    def is_heading(self, line: bytes) -> bool:  # noqa: ARG002 - most formats have none
        """Tell whether a line in no record only says how the others are written."""
        return False


NOTHING = Parsed(NO_LINES, NO_LINES)


def parse_whatever(parser: Parser, block: Block) -> Parsed:
    """Parse a block; what makes a parser fail costs its lines, which stay unread, never the run."""
    try:
        return parser.parse(block)
    except Exception:  # noqa: BLE001 - log content is hostile, and no parser is without faults
        return NOTHING


def merged(one: Parsed, other: Parsed) -> Parsed:
    """The records of both, by line."""
    if not len(one) or not len(other):
        return one if len(one) else other
    first, last = np.concatenate((one.first, other.first)), np.concatenate((one.last, other.last))
    order = np.argsort(first, kind="stable")
    columns: Columns = {}
    for name in one.columns | other.columns:
        halves = [part.columns.get(name, pa.nulls(len(part))) for part in (one, other)]
        columns[name] = _in_order(_alike(halves), order)
    return Parsed(first[order], last[order], columns)


def _alike(halves: list[pa.Array]) -> list[pa.Array]:
    coded = [half for half in halves if isinstance(half, pa.DictionaryArray)]
    if len(coded) == len(halves) and all(each.dictionary.equals(coded[0].dictionary) for each in coded):
        return halves
    plain = [half.dictionary_decode() if isinstance(half, pa.DictionaryArray) else half for half in halves]
    kind = next(half.type for half in (*plain, plain[0]) if half.type != pa.null())
    return [half.cast(kind) for half in plain]


def _in_order(halves: list[pa.Array], order: Ints) -> pa.Array:
    """The values of both halves, numbered through, in this order: by stretches where they are few."""
    begins = np.concatenate(([0], np.flatnonzero(np.diff(order) != 1) + 1))
    if len(begins) > _MOST_STRETCHES:
        return pa.concat_arrays(halves).take(numbers_of(order))
    lengths = np.diff(np.append(begins, len(order))).tolist()
    split = len(halves[0])
    stretches = []
    for start, length in zip(order[begins].tolist(), lengths, strict=True):
        half, at = (halves[0], start) if start < split else (halves[1], start - split)
        stretches.append(half.slice(at, min(length, len(half) - at)))
        if start < split < start + length:
            stretches.append(halves[1].slice(0, start + length - split))
    return pa.concat_arrays(stretches)


def all_same(text: str, rows: int) -> pa.Array:
    """One text for every row, as a dictionary of one."""
    first = pa.Array.from_buffers(pa.int32(), rows, [None, pa.py_buffer(np.zeros(rows, np.int32))])
    return pa.DictionaryArray.from_arrays(first, _alone(text))


@functools.lru_cache(maxsize=1000)
def _alone(text: str) -> pa.Array:
    return pa.array([text])


def text_array(values: Sequence[str | None]) -> pa.Array:
    """Text as an Arrow array; lone surrogates, which no UTF-8 can carry, become U+FFFD."""
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        return pa.array([None if v is None else _sound(v) for v in values], pa.string())


def columns_of(rows: Sequence[Mapping[str, Any]], types: Mapping[str, pa.DataType]) -> Columns:
    """Turn rows (column -> value) into arrays, leaving out columns that no row fills."""
    columns: Columns = {}
    for name, kind in types.items():
        values = [row.get(name) for row in rows]
        if any(value is not None for value in values):
            columns[name] = text_array(values) if kind == pa.string() else pa.array(values, kind)
    return columns


def _sound(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
