"""Windows event logs (EVTX): binary records in place of lines, each with its own number and byte range.

The file is a row of chunks of 64 KiB, each whole in itself. They are found here and read some at a time, so
memory is bounded; the ``evtx`` package decodes them, and each record becomes a line of JSON. A record's
number is its EventRecordID where these ascend through the file, else (collected or merged logs) the number
that the file itself gives it. What cannot be decoded is a line of its own that no format reads; a damaged
chunk, which has no number, counts below nought.

Source: libevtx "Windows XML Event Log (EVTX) format", read 2026-11-22.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import evtx
import numpy as np

from ashiato.engine.reading.blocks import Block, LongLine, Pieces, read_fully
from ashiato.engine.sealed import TruncatedContent

MAGIC = b"ElfFile\x00"
#: What sets an event's number apart from the number of a line in ``source_format``.
EVENTS = "-evtx"
_CHUNK, _CHUNK_BYTES, _HEADER_BYTES, _FIRST_RECORD = b"ElfChnk\x00", 65536, 4096, 512
_CHUNKS_TOGETHER = 32
_RECORD = struct.Struct("<4sIQ")
_NUMBER = re.compile(r'"EventRecordID":\s*"?(\d{1,18})\b')
#: What stands in place of a record that could not be decoded, or of a chunk.
_NOT_DECODED, _DAMAGED = b"(record not decoded)", b"(damaged chunk)"


@dataclass(frozen=True)
class Found:
    """A record as the chunk has it: the file's number of it, and its byte range."""

    number: int
    byte_first: int
    byte_last: int


@dataclass(frozen=True)
class Line:
    """One record as a line: its number, its byte range and its JSON."""

    number: int
    byte_first: int
    byte_last: int
    text: bytes


class EventReader:
    """Yields a log's records as blocks, like a reader of lines."""

    def __init__(self, opener: Callable[[], BinaryIO]) -> None:
        """``opener`` opens the unpacked file; it is read twice, first for the numbers alone."""
        self._open = opener
        self.lines = 0
        self.cut_off: TruncatedContent | None = None

    def __iter__(self) -> Iterator[Block | LongLine]:
        """Yield blocks in the order of the records' numbers within each stretch of the file."""
        names_itself = self._ascends()
        for lines in self._stretches(names_itself=names_itself):
            if lines:
                self.lines += len(lines)
                yield _block_of(lines)

    def give_back(self, block: Block, kept: int) -> None:
        """Do nothing: records are whole, so nothing is handed back."""

    def _ascends(self) -> bool:
        before = 0
        for lines in self._stretches(names_itself=True):
            for line in lines:
                if line.number > 0 and line.number <= before:
                    return False
                before = max(before, line.number)
        return True

    def _stretches(self, *, names_itself: bool) -> Iterator[list[Line]]:
        seen: set[int] = set()
        self.cut_off = None
        with self._open() as stream:
            header = self._take(stream, _HEADER_BYTES)
            base = _HEADER_BYTES
            while content := self._take(stream, _CHUNK_BYTES * _CHUNKS_TOGETHER):
                yield _lines_of(header, content, base, seen, names_itself=names_itself)
                base += len(content)

    def _take(self, stream: Pieces, size: int) -> bytes:
        if self.cut_off is not None:
            return b""
        taken, self.cut_off = read_fully(stream, size)
        return taken


def _lines_of(header: bytes, content: bytes, base: int, seen: set[int], *, names_itself: bool) -> list[Line]:
    lines: list[Line] = []
    for at in range(0, len(content), _CHUNK_BYTES):
        chunk = content[at : at + _CHUNK_BYTES]
        if not chunk.strip(b"\x00"):
            continue
        found = [each for each in _records_in(chunk, base + at) if each.number not in seen]
        seen.update(each.number for each in found)
        if not found:
            number = -((base + at) // _CHUNK_BYTES) - 1
            lines.append(Line(number, base + at, base + at + len(chunk), _DAMAGED))
            continue
        texts = _decoded(header, chunk)
        lines += [_line_of(each, texts.get(each.number), names_itself=names_itself) for each in found]
    return sorted(lines, key=lambda line: line.number)


def _line_of(found: Found, text: str | None, *, names_itself: bool) -> Line:
    told = _NUMBER.search(text) if text is not None and names_itself else None
    number = int(told[1]) if told else found.number
    written = _NOT_DECODED if text is None else text.replace("\n", " ").encode("utf-8", "replace")
    return Line(number, found.byte_first, found.byte_last, written)


def _records_in(chunk: bytes, base: int) -> Iterator[Found]:
    """Yield the records whose beginning, size and end agree."""
    if not chunk.startswith(_CHUNK):
        return
    place = _FIRST_RECORD
    while place + _RECORD.size <= len(chunk):
        mark, size, number = _RECORD.unpack_from(chunk, place)
        end = place + size
        if mark != b"**\x00\x00" or size < _RECORD.size + 4 or end > len(chunk) or number >= 1 << 62:
            return
        if struct.unpack_from("<I", chunk, end - 4)[0] != size:
            return
        yield Found(number, base + place, base + end)
        place = end


def _decoded(header: bytes, chunk: bytes) -> dict[int, str]:
    """The JSON of a chunk's records, by the file's number; those that fail are left out."""
    alone = bytearray(header[:_HEADER_BYTES].ljust(_HEADER_BYTES, b"\x00"))
    struct.pack_into("<QQ", alone, 8, 0, 0)
    struct.pack_into("<H", alone, 42, 1)
    struct.pack_into("<I", alone, 124, zlib.crc32(bytes(alone[:120])))
    content = io.BytesIO(bytes(alone) + chunk.ljust(_CHUNK_BYTES, b"\x00"))
    texts: dict[int, str] = {}
    try:
        records = iter(evtx.PyEvtxParser(content).records_json())
    except (RuntimeError, OSError, ValueError):
        return texts
    # A record that fails raises, and the next call goes on behind it.
    for _ in range(_CHUNK_BYTES // _RECORD.size):
        try:
            record = next(records)
        except StopIteration:
            break
        except (RuntimeError, OSError, ValueError):
            continue
        if record is not None:
            texts[int(record["event_record_id"])] = str(record["data"])
    return texts


def _block_of(lines: list[Line]) -> Block:
    ends = np.cumsum([len(line.text) + 1 for line in lines], dtype=np.int64)
    starts = np.concatenate(([0], ends[:-1])).astype(np.int64)
    content = b"".join(line.text + b"\n" for line in lines)
    numbers = np.array([line.number for line in lines], np.int64)
    first = np.array([line.byte_first for line in lines], np.int64)
    last = np.array([line.byte_last for line in lines], np.int64)
    return Block(
        content, starts, ends - 1, numbers, 0, ended=True, size=len(content), elsewhere=(first, last)
    )
