"""Cut a JSON document that is one long array into its elements, each with its number and byte range.

Cloud services deliver logs as ``{"Records": [{...}, {...}]}``, often on a single line. Elements take the
place of lines: numbered from 1, in blocks of bounded size. Nothing is parsed here; strings are stepped
over and brackets counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from ashiato.engine.reading.blocks import (
    BLOCK_BYTES,
    LINE_BYTES,
    SAMPLE_BYTES,
    Block,
    LongLine,
    Pieces,
    read_fully,
)
from ashiato.engine.sealed import TruncatedContent

#: What sets the number of an element of an array apart from the number of a line in ``source_format``.
ARRAY = "-array"
_HEAD_BYTES = 4096
_BEGIN = re.compile(
    rb'\A(?:\xef\xbb\xbf)?\s*(?:\{\s*(?:"[^"\\]{1,40}"\s*:\s*(?:"[^"\\]*"|[\w.+-]+)\s*,\s*)*'
    rb'"(?:Records|records|Events|entries|value)"\s*:\s*\[|\[)\s*(?=\{)'
)
#: Up to and with the next bracket outside of strings.
_BRACKET = re.compile(rb'[^"{}\[\]]*+(?:"(?:[^"\\]|\\.)*+"[^"{}\[\]]*+)*+([{}\[\]])', re.DOTALL)
_OPENING = frozenset(b"{[")


def begins_array(head: bytes) -> bool:
    """Tell whether a file with these first bytes is a JSON document that holds one array of objects."""
    return _BEGIN.match(head) is not None


class HeadedStream:
    """A stream whose first bytes were looked at and are handed out again."""

    def __init__(self, stream: Pieces) -> None:
        """Look at the beginning of ``stream``; one that breaks off there tells so again when it is read."""
        self._stream = stream
        try:
            self.head = stream.read(_HEAD_BYTES)
        except TruncatedContent:
            self.head = b""
        self._waiting = self.head

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""
        if not self._waiting:
            return self._stream.read(size)
        given, self._waiting = self._waiting[:size], self._waiting[size:]
        return given


class ElementReader:
    """Yields the objects of the array in order, as blocks and over-long elements, like a reader of lines."""

    def __init__(self, stream: Pieces) -> None:
        """Read ``stream`` from its beginning."""
        self._stream = stream
        self._held = b""
        self._base = 0
        self._number = 1
        self.cut_off: TruncatedContent | None = None

    @property
    def lines(self) -> int:
        """The elements yielded so far."""
        return self._number - 1

    def __iter__(self) -> Iterator[Block | LongLine]:
        """Yield blocks of elements until the array or the stream ends; what follows the array is left."""
        ended = not self._fill()
        begun = _BEGIN.match(self._held)
        self._drop(begun.end() if begun else 0)
        while True:
            spans, closed = _elements_of(self._held)
            if spans:
                yield self._block(spans)
            if closed or (ended and not self._held.strip()):
                return
            if ended or (not spans and len(self._held) > LINE_BYTES):
                yield self._rest()
                return
            ended = not self._fill()

    def give_back(self, block: Block, kept: int) -> None:
        """Do nothing: elements are whole and every block ends its stretch, so nothing is handed back."""

    def _fill(self) -> bool:
        if self.cut_off is not None:
            return False
        fresh, self.cut_off = read_fully(self._stream, BLOCK_BYTES)
        self._held += fresh
        return bool(fresh)

    def _drop(self, size: int) -> None:
        self._held = self._held[size:]
        self._base += size

    def _block(self, spans: list[tuple[int, int]]) -> Block:
        starts = np.array([first for first, _ in spans], np.int64)
        stops = np.array([last for _, last in spans], np.int64)
        numbers = np.arange(self._number, self._number + len(spans), dtype=np.int64)
        size = int(stops[-1])
        block = Block(self._held[:size], starts, stops, numbers, self._base, ended=True, size=size)
        self._number += len(spans)
        self._drop(size)
        return block

    def _rest(self) -> LongLine:
        """What is no whole element: one too long to be held, or one that breaks off."""
        first, sample = self._base, self._held[:SAMPLE_BYTES]
        self._drop(len(self._held))
        while self._fill():
            self._drop(len(self._held))
        self._number += 1
        return LongLine(self._number - 1, first, self._base, sample)


def _elements_of(held: bytes) -> tuple[list[tuple[int, int]], bool]:
    """The whole objects from here on, and whether the array closed after them."""
    spans: list[tuple[int, int]] = []
    depth = start = place = 0
    # One match after the other: past a string that breaks off, brackets would be read inside strings.
    while found := _BRACKET.match(held, place):
        place = found.end()
        code = held[found.end() - 1]
        if code in _OPENING:
            if depth == 0:
                start = found.end() - 1
            depth += 1
        elif depth == 0:
            return spans, True
        else:
            depth -= 1
            if depth == 0:
                spans.append((start, found.end()))
    return spans, False
