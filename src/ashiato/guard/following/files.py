"""Follow a log file through renaming, copying, emptying and compressing: each line once, in order.

A line without its end is waited for, for as long as its file is the one being written. What a file lost
before it could be read (emptied without a copy, deleted) is counted as a gap and told, never hidden.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ashiato.guard.following.generations import (
    BROKEN,
    Generation,
    find_generation,
    first_written_since,
    list_generations,
    open_generation,
)
from ashiato.guard.following.places import HEAD_BYTES, TAIL_BYTES, Place, digest_of

PIECE_BYTES = 1 << 20
#: Longer lines are stepped over, as by the engine's reading stage.
LINE_BYTES = 8 << 20
#: So long a file that was moved away has to be quiet, with lines in its successor, to be left.
QUIET_NS = 1_000_000_000


@dataclass(frozen=True)
class Piece:
    """Whole lines, each with its newline; the first has this number. ``ended``: the file ends with them."""

    content: bytes
    number: int
    ended: bool


class FileFollower:
    """One log file by its path, with its place in it; the caller keeps the place."""

    def __init__(
        self,
        live: Path,
        place: Place,
        *,
        line_bytes: int = LINE_BYTES,
        quiet_ns: int = QUIET_NS,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """Follow the log at ``live`` from a place that was kept, or made by :func:`place_at_end`."""
        self._live = live
        self._place = place
        self._line_bytes = line_bytes
        self._quiet_ns = quiet_ns
        self._clock_ns = clock_ns
        self._stream: BinaryIO | None = None
        self._generation: Generation | None = None
        self._buffer = b""
        self._head = self._tail = b""
        self._modified_ns = place.read_ns
        self._gaps = 0
        self._long_lines = 0

    @property
    def place(self) -> Place:
        """Where the next line begins, with what is known of the content before it."""
        if not self._head:
            return self._place
        return replace(self._place, head=digest_of(self._head), tail=digest_of(self._tail))

    @property
    def path(self) -> Path:
        """The file that is being read, the live one before any was opened."""
        return self._generation.path if self._generation else self._live

    def take_gaps(self) -> int:
        """Return how often content was gone before it could surely be read, since last asked."""
        gaps, self._gaps = self._gaps, 0
        return gaps

    def take_long_lines(self) -> int:
        """Return how many lines were stepped over since last asked."""
        lines, self._long_lines = self._long_lines, 0
        return lines

    def waiting_bytes(self) -> int:
        """Return how many bytes of the open file were not taken yet; of a compressed one, those at hand."""
        if self._stream is None or self._generation is None or self._generation.is_compressed:
            return len(self._buffer)
        return max(0, os.fstat(self._stream.fileno()).st_size - self._place.offset)

    def first_bytes(self, size: int) -> bytes:
        """Return how the file being read begins, to tell its format; empty when none is open."""
        if self._generation is None:
            return b""
        try:
            with open_generation(self._generation) as stream:
                return stream.read(size)
        except BROKEN:
            return b""

    def read(self) -> Piece | None:
        """Return the lines from the place on, None when there are none now; :meth:`take` moves the place."""
        if self._stream is None and not self._find():
            return None
        at_end = self._fill()
        if self._is_replaced():
            return self.read() if self._find() else None
        self._place = replace(self._place, read_ns=self._modified_ns)
        if self._place.within_long or self._is_too_long():
            return self._step_over(at_end=at_end)
        return self._cut(ended=at_end and self._is_finished())

    def take(self, lines: int, size: int) -> None:
        """Move the place behind so many lines of the piece, of so many bytes."""
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        self._head = (self._head + taken)[:HEAD_BYTES] if len(self._head) < HEAD_BYTES else self._head
        self._tail = (self._tail + taken)[-TAIL_BYTES:]
        place = self._place
        offset, before = place.offset + len(taken), None if taken else place.before
        self._place = replace(place, offset=offset, number=place.number + lines, before=before)

    def close(self) -> None:
        """Let go of the open file."""
        if self._stream is not None:
            self._stream.close()
        self._stream, self._generation, self._buffer = None, None, b""

    def _fill(self) -> bool:
        """Read on; return whether the file has no more bytes now."""
        if self._stream is None or len(self._buffer) > self._line_bytes:
            return False
        try:
            self._modified_ns = os.fstat(self._stream.fileno()).st_mtime_ns
            fresh = self._stream.read(PIECE_BYTES)
        except BROKEN:
            # A compressed file that is still being written, or damaged: what was read of it stays.
            fresh = b""
        self._buffer += fresh
        return not fresh

    def _is_replaced(self) -> bool:
        """Tell whether the bytes before the place are no longer there, so that what was read is void."""
        if self._stream is None or self._generation is None or self._generation.is_compressed:
            return False
        descriptor, offset = self._stream.fileno(), self._place.offset
        if offset == 0:
            return self._is_overtaken()
        if os.fstat(descriptor).st_size < offset + len(self._buffer):
            return True
        return os.pread(descriptor, len(self._tail), offset - len(self._tail)) != self._tail

    def _is_overtaken(self) -> bool:
        """Tell, of a file of which nothing was taken, whether its first lines were set aside meanwhile."""
        if self._modified_ns == self._place.read_ns or self._generation is None:
            return False
        generations = list_generations(self._live)
        here = self._place_in(generations)
        return here is not None and generations[here].inode != self._generation.inode

    def _place_in(self, generations: list[Generation]) -> int | None:
        """Return which file to read from the place on; None when the content before it is gone."""
        if self._place.offset:
            return find_generation(generations, self.place)
        before = self._place.before
        here = find_generation(generations, before) if before else None
        if here is not None and here + 1 < len(generations):
            return here + 1
        return first_written_since(generations, self._place.read_ns) if generations else None

    def _is_too_long(self) -> bool:
        return len(self._buffer) > self._line_bytes and b"\n" not in self._buffer

    def _step_over(self, *, at_end: bool) -> Piece | None:
        """Leave out a line that is too long, a piece at a time."""
        stop = self._buffer.find(b"\n") + 1
        ends = stop > 0 or (at_end and self._is_finished())
        self._long_lines += ends
        self.take(int(ends), stop or len(self._buffer))
        self._place = replace(self._place, within_long=not ends)
        return None if at_end and not ends else self.read()

    def _cut(self, *, ended: bool) -> Piece | None:
        """The whole lines at hand; at a finished file's end its last one too, then the next file's."""
        stop = self._buffer.rfind(b"\n") + 1
        if ended and stop < len(self._buffer):
            return Piece(self._buffer + b"\n", self._place.number, ended=True)
        if stop:
            return Piece(self._buffer[:stop], self._place.number, ended)
        return self.read() if ended and self._go_on() else None

    def _is_finished(self) -> bool:
        """Tell whether nothing will be added to the open file: it was moved, and its successor is in use."""
        if self._stream is None or self._generation is None:
            return False
        if self._generation.is_compressed:
            return True
        opened = os.fstat(self._stream.fileno())
        try:
            if self._live.stat().st_ino == opened.st_ino:
                return False
        except OSError:
            return False
        is_quiet = abs(self._clock_ns() - opened.st_mtime_ns) >= self._quiet_ns
        return is_quiet and self._has_successor()

    def _has_successor(self) -> bool:
        generations = list_generations(self._live)
        here = self._index_in(generations)
        later = generations if here is None else generations[here + 1 :]
        return any(_has_content(each) for each in later)

    def _index_in(self, generations: list[Generation]) -> int | None:
        """Return which of the files is the open one: by its inode, else by its content."""
        if self._stream is not None:
            inode = os.fstat(self._stream.fileno()).st_ino
            same = [number for number, each in enumerate(generations) if each.inode == inode]
            if same:
                return same[0]
        return find_generation(generations, self.place) if self._place.offset else None

    def _go_on(self) -> bool:
        """Open the file that came after the open one."""
        generations = list_generations(self._live)
        here = self._index_in(generations)
        if here is None:
            here = first_written_since(generations, self._place.read_ns) - 1
            self._gaps += 1
        before = self.place if self._place.offset else self._place.before
        fresh = Place(before=replace(before, before=None) if before else None)
        return here + 1 < len(generations) and self._open(generations[here + 1], fresh)

    def _find(self) -> bool:
        """Open the file that holds the place; where none does, the oldest one written since."""
        self.close()
        generations = list_generations(self._live)
        if not generations:
            return False
        here = self._place_in(generations)
        if here is not None:
            return self._open(generations[here], self._place)
        self._gaps += 1
        return self._open(generations[first_written_since(generations, self._place.read_ns)], Place())

    def _open(self, generation: Generation, place: Place) -> bool:
        self.close()
        try:
            stream = open_generation(generation)
            head, tail = _around(stream, place)
        except BROKEN:
            return False
        self._stream, self._generation, self._head, self._tail = stream, generation, head, tail
        self._place = replace(place, inode=generation.inode, read_ns=generation.modified_ns)
        return True


def place_at_end(live: Path) -> Place:
    """Return the place behind a log's last whole line: what is written from now on is new."""
    now = Place(read_ns=time.time_ns())
    try:
        with live.open("rb") as stream:
            size, lines = _count_lines(stream)
            place = replace(now, offset=size, number=lines + 1, inode=os.fstat(stream.fileno()).st_ino)
            head, tail = _around(stream, place)
    except OSError:
        return now
    return replace(place, head=digest_of(head), tail=digest_of(tail))


def _count_lines(stream: BinaryIO) -> tuple[int, int]:
    size = lines = read = 0
    while block := stream.read(PIECE_BYTES):
        lines += block.count(b"\n")
        if b"\n" in block:
            size = read + block.rfind(b"\n") + 1
        read += len(block)
    return size, lines


def _around(stream: BinaryIO, place: Place) -> tuple[bytes, bytes]:
    """The first and last bytes before a place; leaves the stream at the place."""
    stream.seek(0)
    head = stream.read(min(HEAD_BYTES, place.offset))
    stream.seek(place.offset - min(TAIL_BYTES, place.offset))
    tail = stream.read(min(TAIL_BYTES, place.offset))
    stream.seek(place.offset)
    return head, tail


def _has_content(generation: Generation) -> bool:
    try:
        return generation.path.stat().st_size > 0
    except OSError:
        return False
