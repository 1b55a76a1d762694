"""Members of zip and tar archives as streams, by their position; names inside are labels and never paths.

Sources: PKWARE APPNOTE 6.3.10 (zip), POSIX pax and GNU tar, read 2026-11-22.
"""

from __future__ import annotations

import calendar
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from ashiato.engine.unpacking import (
    BOUND,
    CODECS,
    Bound,
    Chunks,
    ChunkStream,
    TruncatedContent,
    chunks_of_path,
    find_codec,
    inflate_bare,
    peek,
    unpack,
)

MEMBERS_MOST = 100_000
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1
_STORED, _DEFLATED, _BZIP2, _ZSTD = 0, 8, 12, 93
_DOCUMENT_PARTS = frozenset({"[Content_Types].xml", "META-INF/MANIFEST.MF", "mimetype"})


@dataclass(frozen=True)
class Member:
    """One file inside an archive; ``chunks`` is its content, to be read before the next member."""

    name: str
    position: int
    modified_us: int | None
    chunks: Chunks


@dataclass(frozen=True)
class Unread:
    """One member that holds no content of its own, with the reason: a link, a device, a folder's oddity."""

    name: str
    reason: str


def is_tar(head: bytes) -> bool:
    """Tell whether these first 512 bytes are a POSIX or GNU tar header."""
    return head[257:262] == b"ustar"


def is_zip(path: Path) -> bool:
    """Tell whether the file is a zip archive, and not an office document or a Java archive."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return bool(names) and not _DOCUMENT_PARTS & set(names)


def iterate_zip(path: Path, bound: Bound = BOUND) -> Iterator[Member | Unread]:
    """Yield the members in the order of the central directory."""
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for position, info in enumerate(archive.infolist()):
            if not info.filename:
                yield Unread(f"member {position}", "it has no name")
                continue
            if info.is_dir():
                continue
            if _is_link(info):
                yield Unread(info.filename, "a link; links are not followed")
                continue
            yield Member(info.filename, position, _zip_time(info), _zip_chunks(file, info, bound))


def iterate_tar(chunks: Chunks, name: str) -> Iterator[Member | Unread]:
    """Yield the members in the order of the archive; one that breaks off yields what it had."""
    stream = ChunkStream(chunks, loud=False)
    try:
        with tarfile.open(fileobj=cast("BinaryIO", stream), mode="r|", errorlevel=0) as archive:
            for position, info in enumerate(archive):
                if info.isreg():
                    inside = _tar_chunks(archive, info, stream)
                    yield Member(info.name, position, int(info.mtime * 1_000_000), inside)
                elif not info.isdir():
                    yield Unread(info.name, "a link or a device; neither is followed")
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        yield Unread(name, f"the archive is damaged: {stream.broken or error}")
        return
    if stream.broken is not None:
        yield Unread(name, f"the archive breaks off: {stream.broken.what}")


def _tar_chunks(archive: tarfile.TarFile, info: tarfile.TarInfo, stream: ChunkStream) -> Chunks:
    file = archive.extractfile(info)
    if file is None:
        return
    try:
        while piece := file.read(1 << 16):
            yield piece
    except (tarfile.TarError, EOFError) as error:
        raise stream.broken or TruncatedContent("the archive breaks off inside this member") from error


def _zip_chunks(file: BinaryIO, info: zipfile.ZipInfo, bound: Bound) -> Chunks:
    if info.flag_bits & _ENCRYPTED:
        raise TruncatedContent("it is encrypted: unpack it yourself and add what is inside")
    stored = _stored_chunks(file, info)
    check = 0
    for piece in _unpacked_by_method(stored, info.compress_type, bound):
        check = zlib.crc32(piece, check)
        yield piece
    if check != info.CRC:
        raise TruncatedContent("its checksum does not fit: the archive is damaged")


def _unpacked_by_method(stored: Chunks, method: int, bound: Bound) -> Chunks:
    if method == _STORED:
        return stored
    if method == _DEFLATED:
        return inflate_bare(stored, bound)
    for codec in CODECS:
        if (codec.name, method) in (("bz2", _BZIP2), ("zst", _ZSTD)):
            return unpack(stored, codec.make, bound)
    raise TruncatedContent(f"it is compressed by method {method}, which cannot be read")


def _stored_chunks(file: BinaryIO, info: zipfile.ZipInfo) -> Chunks:
    if info.header_offset < 0:
        raise TruncatedContent("its place in the archive is damaged")
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
        raise TruncatedContent("its place in the archive is damaged")
    _, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
    file.seek(name_bytes + extra_bytes, 1)
    left = info.compress_size
    while left > 0:
        piece = file.read(min(left, 1 << 16))
        if not piece:
            raise TruncatedContent("the archive breaks off inside this member")
        left -= len(piece)
        yield piece


def _is_link(info: zipfile.ZipInfo) -> bool:
    return (info.external_attr >> 16) & 0o170000 == 0o120000


def _zip_time(info: zipfile.ZipInfo) -> int | None:
    """A zip's own time has no zone; it is read as UTC, and only tells versions of a file apart."""
    try:
        return calendar.timegm((*info.date_time, 0, 0, 0)) * 1_000_000
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True)
class Opened:
    """A stream with the outer compression taken off, and the names of what was taken off."""

    label: str
    head: bytes
    chunks: Chunks


def open_outer(chunks: Chunks, bound: Bound = BOUND) -> Opened:
    """Take one layer of compression off, when there is one."""
    head, whole = peek(chunks)
    codec = find_codec(head)
    if codec is None:
        return Opened("none", head, whole)
    inner_head, inner = peek(unpack(whole, codec.make, bound))
    return Opened(codec.name, inner_head, inner)


def open_member(path: Path, label: str, position: int, bound: Bound = BOUND) -> Chunks:
    """Yield one member's content; ``label`` is the compression as sealed (``tar.gz+gz``)."""
    outer, _, inner = label.partition("+")
    for member in _iterate(path, outer, bound):
        if isinstance(member, Member) and member.position == position:
            yield from open_outer(member.chunks, bound).chunks if inner else member.chunks
            return
    raise TruncatedContent("the archive breaks off before this member")


def _iterate(path: Path, outer: str, bound: Bound) -> Iterator[Member | Unread]:
    if outer == "zip":
        return iterate_zip(path, bound)
    return iterate_tar(open_outer(chunks_of_path(path), bound).chunks, path.name)
