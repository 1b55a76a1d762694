"""Compressed evidence as streams: never unpacked to disk, bounded in memory, and honest when it breaks off.

Sources: RFC 1952 (gzip), the bzip2 and .xz file formats, RFC 8878 (Zstandard), read 2026-11-22.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

import zstandard

from ashiato.terms.errors import EvidenceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_IN_BYTES = 1 << 16
_OUT_BYTES = 1 << 16
_ZSTD_IN_BYTES = 1 << 11
HEAD_BYTES = 512

Chunks = Generator[bytes, None, None]


class TruncatedContent(EvidenceError):  # noqa: N818 - a state of the evidence, not a mistake
    """The content breaks off: what could be read was handed out, what follows cannot be read."""


@dataclass(frozen=True)
class Bound:
    """How much a file may grow when unpacked: ``times`` its own size, or ``free_bytes`` whichever is more."""

    times: int = 500
    free_bytes: int = 256 << 20

    def allows(self, produced: int, consumed: int) -> bool:
        """Tell whether so many bytes may come out of so many."""
        return produced <= max(self.free_bytes, self.times * consumed)


BOUND = Bound()


class _Unit(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Inflate:
    """zlib's decompressor with the manners of bz2's; ``wbits`` 31 reads gzip, -15 a bare stream."""

    def __init__(self, wbits: int = 31) -> None:
        self._unit = zlib.decompressobj(wbits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._unit.eof

    @property
    def unused_data(self) -> bytes:
        return self._unit.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        out = self._unit.decompress(self._unit.unconsumed_tail + data, max_length)
        self.needs_input = not self._unit.unconsumed_tail and len(out) < max_length
        return out


class _Zstd:
    """Zstandard has no output bound, so it is fed little at a time (2 KiB give at most about 64 MiB)."""

    def __init__(self) -> None:
        self._unit = zstandard.ZstdDecompressor().decompressobj()
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return self._unit.eof

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    @property
    def unused_data(self) -> bytes:
        return self._unit.unused_data + self._waiting

    def decompress(self, data: bytes, max_length: int, /) -> bytes:  # noqa: ARG002 - the shared shape
        data = self._waiting + data
        self._waiting = data[_ZSTD_IN_BYTES:]
        return self._unit.decompress(data[:_ZSTD_IN_BYTES])


@dataclass(frozen=True)
class Codec:
    """One way of compressing: its short name, how its files begin, and what reads them."""

    name: str
    begins: bytes
    make: Callable[[], _Unit]


CODECS = (
    Codec("gz", b"\x1f\x8b\x08", _Inflate),
    Codec("bz2", b"BZh", bz2.BZ2Decompressor),
    Codec("xz", b"\xfd7zXZ\0", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=512 << 20)),
    Codec("zst", b"\x28\xb5\x2f\xfd", _Zstd),
)
_BZ2_BLOCK = b"1AY&SY"
_BZ2_END = b"\x17\x72\x45\x38\x50\x90"


def find_codec(head: bytes) -> Codec | None:
    """Return what a file beginning with these bytes is compressed with; names of files are not trusted."""
    for codec in CODECS:
        if head.startswith(codec.begins) and (codec.name != "bz2" or head[4:10] in (_BZ2_BLOCK, _BZ2_END)):
            return codec
    return None


def chunks_of(file: BinaryIO | io.RawIOBase) -> Chunks:
    """Yield a file from where it stands, in pieces; a read error becomes TruncatedContent."""
    while True:
        try:
            piece = file.read(_IN_BYTES)
        except OSError as error:
            raise TruncatedContent(f"it cannot be read on: {error.strerror or error}") from error
        if not piece:
            return
        yield piece


def chunks_of_path(path: Path) -> Chunks:
    """Yield a file in pieces, closing it at the end or when the stream is dropped."""
    with path.open("rb") as file:
        yield from chunks_of(file)


def peek(chunks: Chunks, size: int = HEAD_BYTES) -> tuple[bytes, Chunks]:
    """Return the first bytes and a stream that still holds them; an early break is told by the stream."""
    held: list[bytes] = []
    broken: TruncatedContent | None = None
    try:
        while sum(map(len, held)) < size:
            held.append(next(chunks))
    except StopIteration:
        pass
    except TruncatedContent as error:
        broken = error
    return b"".join(held)[:size], _rejoined(held, chunks, broken)


def _rejoined(held: list[bytes], chunks: Chunks, broken: TruncatedContent | None) -> Chunks:
    yield from held
    if broken is not None:
        raise broken
    yield from chunks


def unpack(chunks: Iterable[bytes], make: Callable[[], _Unit], bound: Bound = BOUND) -> Chunks:
    """Yield the unpacked bytes, through several joined streams; TruncatedContent where it breaks off."""
    unit = make()
    consumed = produced = 0
    for piece in chunks:
        consumed += len(piece)
        waiting = piece
        while waiting or not unit.needs_input:
            if unit.eof:
                waiting = waiting.lstrip(b"\0")
                if not waiting:
                    break
                unit = make()
            out = _decompressed(unit, waiting)
            waiting = unit.unused_data if unit.eof else b""
            produced += len(out)
            if not bound.allows(produced, consumed):
                raise TruncatedContent(f"it unpacks to more than {bound.times} times its size: stopped there")
            if out:
                yield out
            if unit.eof and not waiting:
                break
    if not unit.eof:
        raise TruncatedContent("the compressed file breaks off before its end")


def inflate_bare(chunks: Iterable[bytes], bound: Bound = BOUND) -> Chunks:
    """Yield the unpacked bytes of a deflate stream without header, as zip members hold it."""
    return unpack(chunks, lambda: _Inflate(-15), bound)


def _decompressed(unit: _Unit, piece: bytes) -> bytes:
    try:
        return unit.decompress(piece, _OUT_BYTES)
    except (zlib.error, OSError, EOFError, lzma.LZMAError, zstandard.ZstdError) as error:
        raise TruncatedContent(f"the compressed file is damaged: {error}") from error


class ChunkStream(io.RawIOBase):
    """Pieces as a file to read from.

    Where the pieces break off, everything before is handed out first; then ``broken`` says why, and a
    loud stream raises TruncatedContent on the next read, a quiet one just ends. Read it directly:
    a BufferedReader around a loud stream would lose what it had gathered when the break came.
    """

    def __init__(self, chunks: Chunks, *, loud: bool = True) -> None:
        """Take over the pieces; they are read once."""
        super().__init__()
        self._chunks = chunks
        self._held = memoryview(b"")
        self._loud = loud
        self.broken: TruncatedContent | None = None

    def readable(self) -> bool:
        """It is for reading only."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return ``size`` bytes (all that is left when negative), fewer only at the end."""
        wanted = -1 if size is None else size
        pieces: list[bytes] = []
        while wanted != 0 and (self._held.nbytes or self._fill()):
            taken = self._held if wanted < 0 else self._held[:wanted]
            self._held = self._held[len(taken) :]
            pieces.append(bytes(taken))
            wanted -= len(taken) if wanted > 0 else 0
        return self._told(b"".join(pieces), size)

    def close(self) -> None:
        """Let go of the pieces, and with them of the file they come from."""
        self._chunks.close()
        super().close()

    def readall(self) -> bytes:
        """Return all that is left."""
        return self.read(-1)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer, as far as there is anything left."""
        target = memoryview(buffer).cast("B")
        got = self.read(len(target))
        target[: len(got)] = got
        return len(got)

    def _told(self, got: bytes, size: int | None) -> bytes:
        if not got and size != 0 and self.broken is not None and self._loud:
            raise self.broken
        return got

    def _fill(self) -> bool:
        if self.broken is not None:
            return False
        try:
            self._held = memoryview(next(self._chunks))
        except StopIteration:
            return False
        except TruncatedContent as error:
            self.broken = error
            return False
        return True
