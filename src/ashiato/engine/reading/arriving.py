"""Lines of a log that is still being written, read by the stage's own parsers as they arrive.

The stage reads whole sealed files into tables; a guard reads what was written in the last moments and
wants the records at once. Both choose a file's parsers by the same :class:`Detector`, from how the log
begins, and read blocks with the same :func:`read_block`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from ashiato.datamap.model import DataMap
from ashiato.engine.reading.blocks import Block, LineReader
from ashiato.engine.reading.configs import read_config
from ashiato.engine.reading.detection import Choice, Detector
from ashiato.engine.reading.files import count_whole, read_block


@dataclass(frozen=True)
class Arrived:
    """What was read of some lines: ``records`` as in the table of that name, None where there are none.

    The first ``taken_lines`` lines, of ``taken_bytes`` bytes, need not be given again; those behind them
    may be the beginning of a record that goes on. ``unread`` of them stand in no record, blank lines apart.
    """

    records: pa.RecordBatch | None
    taken_lines: int
    taken_bytes: int
    unread: int


class ArrivingLog:
    """One log whose lines arrive piece by piece, in order."""

    def __init__(self, file: str, detector: Detector) -> None:
        """``file`` is the log's path, by which the data map and configurations may know it."""
        self._file = file
        self._detector = detector
        self._choice: Choice | None = None
        self._newest_us: int | None = None
        self._mark = b""

    @property
    def source_format(self) -> str | None:
        """The name of the format that the lines have, once lines were seen that have a known one."""
        return self._choice.parsers[0].name if self._choice and self._choice.parsers else None

    def learn(self, sample: bytes, newest_us: int | None = None) -> None:
        """Choose the parsers by the log's first lines, of which the last may be torn.

        ``newest_us``: the moment before which its lines lie, by which a time without a year has its own;
        lines of more than a day after it are to be learned anew.
        """
        self._newest_us = newest_us
        block = _block_of(sample[: sample.rfind(b"\n") + 1], 1, ended=True)
        self._choice = self._detector.choose(self._file, block, newest_us) if block is not None else None

    def read(self, lines: bytes, first_number: int, *, ended: bool) -> Arrived:
        """Read whole lines, the first of which has this number; ``ended``: nothing belongs to the last.

        Lines that no parser can read are unread, never an error.
        """
        block = _block_of(lines, first_number, ended=ended)
        if block is None:
            return Arrived(None, 0, 0, 0)
        self._choose_again(lines)
        parsers = self._choice.parsers if self._choice else ()
        kept = len(block) if ended or not parsers else count_whole(parsers, block)
        whole = replace(block.pick(slice(0, kept)), mark=self._mark)
        records, left = read_block("", parsers, whole) if kept and parsers else (None, np.arange(kept))
        if parsers and parsers[0].is_marked:
            self._mark = parsers[0].mark(whole.lines()) or self._mark
        unread = sum(1 for index in left.tolist() if whole.line(index).strip())
        size = int(block.starts[kept]) if kept < len(block) else len(lines)
        return Arrived(records, kept, size, unread)

    def _choose_again(self, lines: bytes) -> None:
        """A log that began empty, or with lines of no known format, is looked at anew with each arrival."""
        if self._choice is None or not self._choice.parsers:
            self.learn(lines, self._newest_us)


class ArrivingLogs:
    """Knows the data map and the servers' configurations, and opens one log after another."""

    def __init__(self, datamap: DataMap, configs: Sequence[tuple[str, str]], zone: ZoneInfo) -> None:
        """``configs``: name and text of each configuration file; ``zone``: of times that name none."""
        self._detector = Detector(datamap, [read_config(file, text) for file, text in configs], zone)

    def open(self, file: str) -> ArrivingLog:
        """Return a log, by its path, of which no line was read yet."""
        return ArrivingLog(file, self._detector)


def _block_of(lines: bytes, first_number: int, *, ended: bool) -> Block | None:
    """The lines as one block, numbered from ``first_number``; None when there are none."""
    if not lines:
        return None
    size = len(lines) + 1
    for piece in LineReader(io.BytesIO(lines), block_bytes=size, line_bytes=size):
        if isinstance(piece, Block):
            numbers = piece.numbers + (first_number - 1)
            return replace(piece, numbers=numbers, ended=ended)
    return None
