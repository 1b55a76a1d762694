"""Read a case's files one after another, block by block, into the stage's tables."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from ashiato.engine.reading.blocks import SAMPLE_BYTES, Block, LineReader, LongLine
from ashiato.engine.reading.configs import Config, read_config
from ashiato.engine.reading.detection import Choice, Detector, is_config
from ashiato.engine.reading.elements import ARRAY, ElementReader, HeadedStream, begins_array
from ashiato.engine.reading.event_records import EVENTS, MAGIC, EventReader
from ashiato.engine.reading.parser import Parser
from ashiato.engine.reading.reporting import CODED_COLUMNS, UnreadRows, in_line_order, records_of
from ashiato.engine.reading.spans import Ints
from ashiato.engine.reading.turns import parse_in_turn
from ashiato.engine.sealed import read_head
from ashiato.engine.tables import READINGS, RECORDS, UNREAD
from ashiato.engine.workspace import Workspace

_CONFIG_BYTES = 4 << 20
_RECORD_BYTES = 8 << 20
_BLOCKS_AHEAD = 3
#: So many of a block's last lines are asked first whether a record may go on behind them.
_LAST_LINES = 16
_THREADS = 2
Take = Callable[[pa.RecordBatch], None]
Reader = LineReader | ElementReader | EventReader


@dataclass(frozen=True)
class LogFile:
    """One file to read: how it is named, its unpacked size, and how to open it."""

    evidence_id: str
    file: str
    size: int
    open: Callable[[], BinaryIO]
    duplicate_of: str | None = None
    modified_us: int | None = None


@dataclass
class Tally:
    """What was counted in one file."""

    records: int = 0
    record_lines: int = 0
    first_us: int | None = None
    last_us: int | None = None
    backward_steps: int = 0
    _before_us: int | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Count a batch of records, in the order of their lines."""
        if not batch.num_rows:
            return
        self.records += batch.num_rows
        lines = batch.column("line_last").to_numpy() - batch.column("line_first").to_numpy() + 1
        self.record_lines += int(lines.sum())
        times = batch.column("time_us").to_numpy()
        self.first_us = min(int(times.min()), times[0] if self.first_us is None else self.first_us)
        self.last_us = max(int(times.max()), times[0] if self.last_us is None else self.last_us)
        seen = times if self._before_us is None else np.concatenate(([self._before_us], times))
        self.backward_steps += int((np.diff(seen) < 0).sum())
        self._before_us = int(times[-1])


def read_files(files: Sequence[LogFile], workspace: Workspace) -> None:
    """Read the files into ``records``, ``unread`` and ``readings``, in the order of their ids."""
    detector = Detector(workspace.datamap, read_configs(files), workspace.zone)
    ordered = sorted(files, key=lambda file: file.evidence_id)
    total = sum(file.size for file in files)
    done = 0
    readings = []
    with ExitStack() as stack:
        records = stack.enter_context(workspace.store.stream(RECORDS, CODED_COLUMNS))
        unread = stack.enter_context(workspace.store.stream(UNREAD))
        threads = stack.enter_context(ThreadPoolExecutor(_THREADS))
        for file in ordered:
            workspace.tell("reading", done, total)
            reading = FileReading(file, detector, records.write, unread.write, threads)
            readings.append(reading.run())
            done += file.size
    workspace.store.write(READINGS, readings)
    workspace.tell("reading", total, total)


def read_configs(files: Sequence[LogFile]) -> tuple[Config, ...]:
    """What the configuration files among these say of logs."""
    configs = []
    for file in sorted(files, key=lambda each: each.file):
        if is_config(file.file) and file.size <= _CONFIG_BYTES:
            with file.open() as stream:
                text = read_head(stream, _CONFIG_BYTES).decode("utf-8", "replace")
            configs.append(read_config(file.file, text))
    return tuple(configs)


def read_block(
    evidence_id: str, parsers: Sequence[Parser], block: Block
) -> tuple[pa.RecordBatch | None, Ints]:
    """Read a block with each parser in turn; return the records by line and the lines that none read."""
    batches = []
    left = np.arange(len(block), dtype=np.int64)
    for parser, parsed, rest in parse_in_turn(parsers, block):
        batches.append(records_of(evidence_id, block, parser.name, parsed))
        left = rest
    return (in_line_order(batches) if batches else None), left


def count_whole(parsers: Sequence[Parser], block: Block) -> int:
    """Return how many of a block's lines surely form whole records, whichever parser reads them.

    A later parser's record of several lines can be torn only where it ends the block, behind what the
    parsers before it read.
    """
    kept = parsers[0].cut(block)
    for number, parser in enumerate(parsers):
        if number and parser.many_lined and kept:
            tail = _begin_of_tail(parsers[:number], block.pick(slice(0, kept)))
            if tail == kept:
                break
            kept = tail + parser.cut(block.pick(slice(tail, kept)))
    return kept


def _begin_of_tail(parsers: Sequence[Parser], block: Block) -> int:
    """Return where the lines begin that end a block and that none of these parsers reads.

    The last lines tell, as a rule; more are parsed only while all of those stay unread.
    """
    seen = _LAST_LINES
    while True:
        first = max(0, len(block) - seen)
        last = block.compact(np.arange(first, len(block), dtype=np.int64))
        tail = _unread_at_end(parsers, last)
        if tail < len(last) or first == 0:
            return len(block) - tail
        seen *= 8


def _unread_at_end(parsers: Sequence[Parser], block: Block) -> int:
    left = np.arange(len(block), dtype=np.int64)
    for _, _, rest in parse_in_turn(parsers, block):
        left = rest
    # Counted from the end, a line of the tail is as far from it as its place among those left.
    before = np.flatnonzero(len(block) - left != np.arange(len(left), 0, -1))
    return len(left) - (int(before[-1]) + 1 if len(before) else 0)


class FileReading:
    """One file's way from bytes to rows."""

    def __init__(
        self, file: LogFile, detector: Detector, records: Take, unread: Take, threads: ThreadPoolExecutor
    ) -> None:
        """``records`` and ``unread`` take the batches, in line order; ``threads`` parse ahead."""
        self._file = file
        self._threads = threads
        self._detector = detector
        self._take_records = records
        self._take_unread = unread
        self._unread = UnreadRows(file.evidence_id)
        self._tally = Tally()
        self._choice = Choice((), "duplicate", "", "duplicate")
        self._cut_off = False
        self._lines = 0
        self._mark = b""

    def run(self) -> tuple[Any, ...]:
        """Read the file; return its row of ``readings``."""
        with self._file.open() as opened:
            stream = HeadedStream(opened)
            reader, suffix = self._reader_of(stream)
            pieces = iter(reader)
            first: list[Block | LongLine] = []
            for piece in pieces:
                first.append(piece)
                if isinstance(piece, Block):
                    break
            if self._file.duplicate_of is None:
                block = first[-1] if first and isinstance(first[-1], Block) else None
                self._choice = self._choose(block)
                for parser in self._choice.parsers if suffix else ():
                    parser.name += suffix
            if self._choice.parsers or self._choice.reason == "format-unknown":
                self._read_lines(itertools.chain(first, pieces), reader)
            else:
                self._count_lines(itertools.chain(first, pieces), reader)
            self._cut_off = reader.cut_off is not None
        self._take_unread(self._unread.take_batch())
        return self._row()

    def _reader_of(self, stream: HeadedStream) -> tuple[Reader, str]:
        """The reader of what the file holds, and what that adds to the names of formats."""
        if stream.head.startswith(MAGIC):
            return EventReader(self._file.open), EVENTS
        if self._holds_array(stream.head):
            return ElementReader(stream), ARRAY
        return LineReader(stream), ""

    def _holds_array(self, head: bytes) -> bool:
        """Tell whether the file is one JSON array of records that a parser reads, element by element."""
        if self._file.duplicate_of is not None or not begins_array(head):
            return False
        with self._file.open() as stream:
            first = next(iter(ElementReader(stream)), None)
        return isinstance(first, Block) and bool(self._choose(first).parsers)

    def _choose(self, block: Block | None) -> Choice:
        return self._detector.choose(self._file.file, block, self._file.modified_us)

    def _read_lines(self, pieces: Iterator[Block | LongLine], reader: Reader) -> None:
        """Read ahead: while one block's records are written, the next ones are being parsed."""
        waiting: deque[Callable[[], None]] = deque()
        for piece in pieces:
            waiting.append(self._begin(piece, reader))
            if len(waiting) > _BLOCKS_AHEAD:
                waiting.popleft()()
        while waiting:
            waiting.popleft()()
        self._lines = reader.lines

    def _begin(self, piece: Block | LongLine, reader: Reader) -> Callable[[], None]:
        """Start on a piece; return what finishes it, to be called in the order of the pieces."""
        if isinstance(piece, LongLine):
            self._go_on([piece.sample])
            return lambda: self._unread.add_long(piece)
        block = self._whole_records(piece, reader)
        torn = block.ended and reader.cut_off is not None and not block.content.endswith(b"\n")
        sound = replace(block.pick(slice(0, len(block) - torn)), mark=self._mark)
        self._go_on(sound)
        future = self._threads.submit(read_block, self._file.evidence_id, self._choice.parsers, sound)

        def finish() -> None:
            self._keep(sound, *future.result())
            if torn:
                self._unread.add_line(block, len(block) - 1, "cut-off")

        return finish

    def _go_on(self, piece: Block | list[bytes]) -> None:
        """Keep what the blocks to come must know of this one; they may be parsed in any order."""
        if self._choice.parsers and self._choice.parsers[0].is_marked:
            lines = piece.lines() if isinstance(piece, Block) else piece
            self._mark = self._choice.parsers[0].mark(lines) or self._mark

    def _whole_records(self, block: Block, reader: Reader) -> Block:
        if block.ended or not self._choice.parsers:
            return block
        kept = count_whole(self._choice.parsers, block)
        if kept == 0 and len(block.content) > _RECORD_BYTES:
            return block.pick(slice(0, len(block)), ended=True)
        reader.give_back(block, kept)
        return block.pick(slice(0, kept))

    def _keep(self, block: Block, batch: pa.RecordBatch | None, left: Ints) -> None:
        if batch is not None:
            self._tally.add(batch)
            self._take_records(batch)
        if not self._choice.parsers:
            self._unread.add_lines(block, left, self._choice.reason)
        else:
            self._unread.add_lines(block, left, "unparsed", self._choice.parsers[0].is_heading)
        self._take_unread(self._unread.take_batch())

    def _count_lines(self, pieces: Iterator[Block | LongLine], reader: Reader) -> None:
        size, sample = 0, b""
        for piece in pieces:
            if isinstance(piece, LongLine):
                size, sample = piece.byte_last, sample or piece.sample
            else:
                size = int(piece.stops[-1]) + piece.byte_base
                sample = sample or piece.content[:SAMPLE_BYTES]
            self._lines = reader.lines
        self._unread.add_whole(self._lines, size, self._choice.reason, sample)

    def _row(self) -> tuple[Any, ...]:
        choice, tally = self._choice, self._tally
        best = choice.parsers[0] if choice.parsers else None
        return (
            self._file.evidence_id,
            self._file.file,
            best.name if best else None,
            choice.detected_by,
            best.written if best else None,
            choice.zone or None,
            self._lines,
            tally.records,
            tally.record_lines,
            self._unread.blank_lines,
            self._unread.other_lines,
            tally.first_us,
            tally.last_us,
            tally.backward_steps,
            self._cut_off,
        )
