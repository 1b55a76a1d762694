"""Cut a stream into blocks of whole lines, each line with its number and byte range.

Bounded memory whatever the file holds: a block is at most ``BLOCK_BYTES`` and what was carried over,
and a line longer than ``LINE_BYTES`` is stepped over, never held whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ashiato.engine.reading.spans import Bytes, Ints, places_of
from ashiato.engine.sealed import TruncatedContent

BLOCK_BYTES = 8 << 20
LINE_BYTES = 8 << 20
SAMPLE_BYTES = 400
_NEWLINE = 10


@dataclass(frozen=True)
class Block:
    """Lines of one file: ``starts`` and ``stops`` are offsets in ``content``, newlines left out.

    Only the first ``size`` bytes of ``content`` belong to whole lines. ``numbers`` are the physical line
    numbers (1-based) and ``byte_base`` is where ``content`` begins in the unpacked file. ``ended``: no
    line follows in this stretch of the file.

    ``mark``: what the file said before this block that goes on in it
    (:meth:`~ashiato.engine.reading.parser.Parser.mark`). ``elsewhere``: the lines' byte ranges where
    ``content`` is no part of the file (records of a binary log).
    """

    content: bytes
    starts: Ints
    stops: Ints
    numbers: Ints
    byte_base: int
    ended: bool
    size: int
    mark: bytes = b""
    elsewhere: tuple[Ints, Ints] | None = None

    def __len__(self) -> int:
        """The number of lines."""
        return len(self.starts)

    @property
    def codes(self) -> Bytes:
        """The whole lines' bytes to count with."""
        return np.frombuffer(self.content, np.uint8, self.size)

    def line(self, index: int) -> bytes:
        """One line's bytes, without a carriage return."""
        return self.content[self.starts[index] : self.stops[index]].removesuffix(b"\r")

    def lines(self) -> list[bytes]:
        """Every line's bytes, without carriage returns."""
        content = self.content
        spans = zip(self.starts.tolist(), self.stops.tolist(), strict=True)
        return [content[start:stop].removesuffix(b"\r") for start, stop in spans]

    def pick(self, chosen: NDArray[Any] | slice, *, ended: bool | None = None) -> Block:
        """The same content with some of its lines (an index array, a mask, a slice)."""
        return Block(
            self.content,
            self.starts[chosen],
            self.stops[chosen],
            self.numbers[chosen],
            self.byte_base,
            self.ended if ended is None else ended,
            self.size,
            self.mark,
            None if self.elsewhere is None else (self.elsewhere[0][chosen], self.elsewhere[1][chosen]),
        )

    def byte_ranges(self) -> tuple[Ints, Ints]:
        """Where each line begins in the unpacked file, and just past its end."""
        return self.elsewhere or (self.starts + self.byte_base, self.stops + self.byte_base)

    def compact(self, chosen: Ints) -> Block:
        """Some lines with nothing between them, to be parsed; their byte ranges are their own.

        A parser looks through all of a block's content, however few lines it is asked about.
        """
        spans = zip(self.starts[chosen].tolist(), self.stops[chosen].tolist(), strict=True)
        lines = [self.content[start:stop] for start, stop in spans]
        content = b"".join(line + b"\n" for line in lines)
        ends = np.cumsum([len(line) + 1 for line in lines], dtype=np.int64)
        starts = np.concatenate(([0], ends[:-1])).astype(np.int64)
        numbers = self.numbers[chosen]
        return Block(content, starts, ends - 1, numbers, 0, ended=True, size=len(content), mark=self.mark)


@dataclass(frozen=True)
class LongLine:
    """A line beyond ``LINE_BYTES``: where it is and how it begins."""

    number: int
    byte_first: int
    byte_last: int
    sample: bytes


class Pieces(Protocol):
    """A stream that hands out bytes."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""
        ...


def read_fully(stream: Pieces, size: int) -> tuple[bytes, TruncatedContent | None]:
    """Return so many bytes, fewer at the end, and how the stream broke off if it did.

    A decompressing stream hands out little at a time, and all it has before it breaks off.
    """
    parts: list[bytes] = []
    wanted = size
    while wanted > 0:
        try:
            part = stream.read(wanted)
        except TruncatedContent as error:
            return b"".join(parts), error
        if not part:
            break
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts), None


class LineReader:
    """Yields a stream's lines in order, as blocks and over-long lines.

    The consumer may hand lines back (:meth:`give_back`): a record cut by the end of a block is then read
    again with what follows it.
    """

    def __init__(
        self, stream: Pieces, *, block_bytes: int = BLOCK_BYTES, line_bytes: int = LINE_BYTES
    ) -> None:
        """Read ``stream`` from where it stands."""
        self._stream = stream
        self._block_bytes = block_bytes
        self._line_bytes = line_bytes
        self._carry = b""
        self._number = 1
        self._byte = 0
        self.cut_off: TruncatedContent | None = None

    @property
    def lines(self) -> int:
        """The lines yielded so far and not handed back."""
        return self._number - 1

    def __iter__(self) -> Iterator[Block | LongLine]:
        """Yield blocks and over-long lines until the stream ends."""
        ended = False
        while not ended:
            fresh = self._read()
            ended = not fresh
            yield from self._cut(self._carry + fresh, ended=ended)

    def give_back(self, block: Block, kept: int) -> None:
        """Take back the lines of ``block`` after its first ``kept``; only for a block that has not ended."""
        if kept < len(block):
            start = int(block.starts[kept])
            self._carry = block.content[start : self._byte - block.byte_base] + self._carry
            self._byte = block.byte_base + start
            self._number = int(block.numbers[kept])

    def _read(self) -> bytes:
        if self.cut_off is not None:
            return b""
        fresh, self.cut_off = read_fully(self._stream, self._block_bytes)
        return fresh

    def _cut(self, content: bytes, *, ended: bool) -> Iterator[Block | LongLine]:
        self._carry = b""
        whole = len(content) if ended else content.rfind(b"\n") + 1
        if whole == 0 and len(content) > self._line_bytes:
            yield self._step_over(content)
            return
        if whole:
            # What follows will be stepped over as one long line, so no record can run on into it.
            ended = ended or len(content) - whole > self._line_bytes
            yield from self._between_long_lines(content, whole, ended=ended)
        # A consumer that handed lines back already holds them in front of this remainder.
        self._carry += content[whole:]

    def _between_long_lines(self, content: bytes, whole: int, *, ended: bool) -> Iterator[Block | LongLine]:
        block = self._block_of(content, whole, ended=ended)
        self._byte += whole
        self._number += len(block)
        long = np.flatnonzero(block.stops - block.starts > self._line_bytes)
        if not len(long):
            yield block
            return
        first = 0
        for index in long.tolist():
            if index > first:
                yield block.pick(np.arange(first, index), ended=True)
            yield self._long_line(block, index)
            first = index + 1
        if first < len(block):
            yield block.pick(np.arange(first, len(block)))

    def _block_of(self, content: bytes, size: int, *, ended: bool) -> Block:
        newlines = places_of(np.frombuffer(content, np.uint8, size), _NEWLINE)
        stops = newlines if content[size - 1] == _NEWLINE else np.append(newlines, size)
        starts = np.empty(len(stops), np.int64)
        starts[0], starts[1:] = 0, stops[:-1] + 1
        numbers = np.arange(self._number, self._number + len(stops), dtype=np.int64)
        return Block(content, starts, stops, numbers, self._byte, ended, size)

    def _long_line(self, block: Block, index: int) -> LongLine:
        start, stop = int(block.starts[index]), int(block.stops[index])
        sample = block.content[start : start + SAMPLE_BYTES]
        base = block.byte_base
        return LongLine(int(block.numbers[index]), base + start, base + stop, sample)

    def _step_over(self, begun: bytes) -> LongLine:
        number, byte_first, sample = self._number, self._byte, begun[:SAMPLE_BYTES]
        length, rest = len(begun), b""
        while fresh := self._read():
            at = fresh.find(b"\n")
            if at >= 0:
                length, rest = length + at, fresh[at:]
                break
            length += len(fresh)
        self._carry = rest[1:]
        self._byte += length + len(rest[:1])
        self._number += 1
        return LongLine(number, byte_first, byte_first + length, sample)
