"""Comma-separated records whose quoted fields may hold commas and line ends, a block at a time.

A field runs to the next comma outside quotes; one that begins and ends with a quote loses both, and
doubled quotes in it become single (PostgreSQL documentation, "Using CSV-Format Log Output").
"""

from __future__ import annotations

import csv
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.blocks import LINE_BYTES, Block
from ashiato.engine.reading.spans import Ints, Truths, cut_out, places_of, text_of, truths_of

# Python would refuse a field beyond 128 KiB; no line is longer than this.
csv.field_size_limit(LINE_BYTES)
_COMMA = ord(",")
_QUOTE = ord('"')


def fields_of(line: str) -> list[str]:
    """One line's fields, unquoted; none where its quotes do not close."""
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return []


def count_fields(text: bytes) -> int:
    """How many fields one record has."""
    return 1 + sum(part.count(b",") for part in text.split(b'"')[::2])


def find_records(block: Block, fits: Callable[[bytes], bool]) -> tuple[Ints, Ints, int]:
    """Group lines into records: (first lines, last lines, lines that surely form whole records).

    A line with an odd number of quotes opens a record that the next such line closes, if what they
    enclose ``fits``; else the quote was torn off, and the line stands alone. So one broken record costs
    itself and not the file.
    """
    quotes = places_of(block.codes, _QUOTE)
    counts = np.searchsorted(quotes, block.stops) - np.searchsorted(quotes, block.starts)
    odd = np.flatnonzero(counts % 2).tolist()
    opened, closed, at = [], [], 0
    while at + 1 < len(odd):
        first, last = odd[at], odd[at + 1]
        if fits(block.content[block.starts[first] : block.stops[last]]):
            opened.append(first)
            closed.append(last)
            at += 1
        at += 1
    whole = odd[at] if at < len(odd) and not block.ended else len(block)
    return *_with_single_lines(opened, closed, whole), whole


def _with_single_lines(opened: list[int], closed: list[int], lines: int) -> tuple[Ints, Ints]:
    last = np.arange(lines, dtype=np.int64)
    begins = np.ones(lines, np.bool_)
    for first, end in zip(opened, closed, strict=True):
        last[first] = end
        begins[first + 1 : end + 1] = False
    first_lines = np.flatnonzero(begins).astype(np.int64)
    return first_lines, last[first_lines]


class FieldTable:
    """The fields of records with one number of fields each, as bounds in the block's content."""

    def __init__(self, block: Block, first: Ints, last: Ints) -> None:
        """Find the commas outside quotes of each record."""
        self._codes = block.codes
        self._starts, self._stops = block.starts[first], block.stops[last]
        quotes = places_of(self._codes, _QUOTE)
        commas = places_of(self._codes, _COMMA)
        record = np.searchsorted(self._starts, commas, side="right") - 1
        inside = (record >= 0) & (commas < self._stops[record])
        commas, record = commas[inside], record[inside]
        before = np.searchsorted(quotes, self._starts)
        outside = (np.searchsorted(quotes, commas) - before[record]) % 2 == 0
        self._commas = commas[outside]
        self._first_comma = np.searchsorted(self._commas, self._starts)
        self.widths = np.searchsorted(self._commas, self._stops) - self._first_comma + 1

    def fits(self, least: int, most: int, filled: int) -> Truths:
        """Which records have so many fields, and something in the one numbered ``filled``."""
        good = (self.widths >= least) & (self.widths <= most)
        at = self._first_comma[good] + filled
        good[good] = self._commas[at] - self._commas[at - 1] > 1
        return np.asarray(good)

    def column(self, rows: Ints, index: int) -> pa.Array:
        """One field of the given records as text, unquoted; an unquoted empty field is nothing."""
        starts, stops = self._starts[rows].copy(), self._stops[rows].copy()
        at = self._first_comma[rows] + index
        if index > 0:
            starts = self._commas[at - 1] + 1
        inner = self.widths[rows] > index + 1
        stops[inner] = self._commas[at[inner]]
        stops -= (self._codes[stops - 1] == 13) & ~inner & (stops > starts)
        return self._unquoted(starts, stops)

    def _unquoted(self, starts: Ints, stops: Ints) -> pa.Array:
        codes = self._codes
        filled = stops > starts
        head, tail = codes[np.minimum(starts, len(codes) - 1)], codes[np.maximum(stops - 1, 0)]
        quoted = (stops - starts > 1) & (head == _QUOTE) & (tail == _QUOTE)
        text = text_of(cut_out(codes, starts + quoted, stops - quoted))
        text = pc.if_else(truths_of(filled), text, pa.scalar(None, pa.string()))
        doubled = pc.and_(truths_of(quoted), pc.match_substring(text, '""'))
        if pc.any(doubled).as_py():
            text = pc.if_else(doubled, pc.replace_substring(text, '""', '"'), text)
        return text
