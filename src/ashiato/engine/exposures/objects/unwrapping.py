"""Takes compression and archives off an object, and says which bytes inside went out.

Nothing goes to disk. A compressed file is decoded as far as its first bytes went without a gap; of an
archive a member counts as far as its own bytes did. Each path's stretches are carried along together.
"""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from ashiato.engine.exposures.objects.cells import UnreadableError
from ashiato.engine.exposures.objects.coverage import leading, within
from ashiato.engine.exposures.stretches import Stretches
from ashiato.engine.unpacking import Bound, TruncatedContent, find_codec, unpack

#: No more than this is held of one file, unpacked or not, and of all members of an object together.
MOST_BYTES = 256 << 20
_BOUND = Bound(times=300, free_bytes=32 << 20)
_DEEPEST = 4
_MOST_MEMBERS = 10_000
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1
_DOCUMENTS = frozenset({"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"})


@dataclass(frozen=True)
class Leaf:
    """One file with nothing packed around it: its name inside the object, its bytes, what went out of it.

    ``known`` and ``perhaps`` hold one entry per path. ``fault`` says why it cannot be read, if so.
    """

    name: str
    content: bytes
    known: tuple[Stretches, ...]
    perhaps: tuple[Stretches, ...]
    fault: str | None = None


class Budget:
    """How many bytes may still be unpacked of one object, and how many members looked at."""

    def __init__(self) -> None:
        """Begin with all of it."""
        self.bytes = MOST_BYTES
        self.members = _MOST_MEMBERS

    def take(self, size: int) -> None:
        """Count unpacked bytes. Raises: UnreadableError: too many."""
        self.bytes -= size
        if self.bytes < 0:
            raise UnreadableError("unpacks-to-too-much")


def leaves_of(leaf: Leaf, budget: Budget, depth: int = 0) -> Iterator[Leaf]:
    """Yield the files inside, each with its stretches; a file nothing can be taken off is itself."""
    if depth > _DEEPEST:
        yield Leaf(leaf.name, b"", leaf.known, leaf.perhaps, "nested-too-deeply")
        return
    try:
        codec = find_codec(leaf.content[:512])
        if codec is not None:
            yield from leaves_of(_unpacked(leaf, budget), budget, depth + 1)
        elif _is_archive(leaf.content):
            yield from _zip_members(leaf, budget, depth)
        elif leaf.content[257:262] == b"ustar":
            yield from _tar_members(leaf, budget, depth)
        else:
            yield leaf
    except UnreadableError as error:
        yield Leaf(leaf.name, b"", leaf.known, leaf.perhaps, str(error))


def zip_parts(leaf: Leaf, budget: Budget) -> Iterator[Leaf]:
    """Yield the members of a zip container, as they are."""
    with _opened(leaf.content) as archive:
        for info in archive.infolist():
            budget.members -= 1
            if budget.members < 0:
                raise UnreadableError("too-many-members")
            if not info.is_dir():
                yield _member(leaf, info, budget)


def is_container(content: bytes) -> bool:
    """Tell whether this is a zip file, archive or document."""
    return content.startswith(b"PK\x03\x04")


def names_in(content: bytes) -> set[str]:
    """Return the names of a zip container's members, none when it is damaged."""
    try:
        with _opened(content) as archive:
            return set(archive.namelist()[:_MOST_MEMBERS])
    except UnreadableError:
        return set()


def _is_archive(content: bytes) -> bool:
    return is_container(content) and not names_in(content) & _DOCUMENTS


def _opened(content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableError("damaged-archive") from error


def _zip_members(leaf: Leaf, budget: Budget, depth: int) -> Iterator[Leaf]:
    for part in zip_parts(leaf, budget):
        yield from leaves_of(part, budget, depth + 1) if part.fault is None else (part,)


def _member(leaf: Leaf, info: zipfile.ZipInfo, budget: Budget) -> Leaf:
    name = f"{leaf.name}/{info.filename}" if leaf.name else info.filename
    try:
        first, raw = _stored(leaf.content, info)
        content = _content_of(raw, info, budget)
    except UnreadableError as error:
        return Leaf(name, b"", leaf.known, leaf.perhaps, str(error))
    ways = [
        tuple(within(each, first, first + len(raw)) for each in way) for way in (leaf.known, leaf.perhaps)
    ]
    if info.compress_type != zipfile.ZIP_STORED:
        ways = [tuple(_decoded(raw, len(content), each) for each in way) for way in ways]
    return Leaf(name, content, ways[0], ways[1])


def _content_of(raw: bytes, info: zipfile.ZipInfo, budget: Budget) -> bytes:
    if info.flag_bits & _ENCRYPTED:
        raise UnreadableError("encrypted")
    if info.compress_type == zipfile.ZIP_DEFLATED:
        return _inflated(raw, budget)
    if info.compress_type != zipfile.ZIP_STORED:
        raise UnreadableError("packed-in-an-unknown-way")
    budget.take(len(raw))
    return raw


def _stored(content: bytes, info: zipfile.ZipInfo) -> tuple[int, bytes]:
    """Where a member's packed bytes stand, and the bytes."""
    header = content[info.header_offset : info.header_offset + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
        raise UnreadableError("damaged-archive")
    _, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
    first = info.header_offset + _LOCAL_HEADER.size + name_bytes + extra_bytes
    return first, content[first : first + info.compress_size]


def _inflated(raw: bytes, budget: Budget) -> bytes:
    unit = zlib.decompressobj(-15)
    most = min(budget.bytes, max(_BOUND.free_bytes, _BOUND.times * len(raw)))
    try:
        content = unit.decompress(raw, most)
    except zlib.error as error:
        raise UnreadableError("damaged-archive") from error
    if unit.unconsumed_tail:
        raise UnreadableError("unpacks-to-too-much")
    budget.take(len(content))
    return content


def _decoded(raw: bytes, size: int, sent: Stretches) -> Stretches:
    """What of a deflated member can be read from the bytes of it that went out."""
    there = leading(sent)
    if there >= len(raw):
        return ((0, size),) if size else ()
    try:
        made = len(zlib.decompressobj(-15).decompress(raw[:there]))
    except zlib.error:
        return ()
    return ((0, made),) if made else ()


def _unpacked(leaf: Leaf, budget: Budget) -> Leaf:
    content, fault = _decompressed(leaf.content, budget)
    if not content:
        raise UnreadableError(fault or "empty")
    sizes: dict[int, int] = {len(leaf.content): len(content)}
    ways = []
    for stretches in (leaf.known, leaf.perhaps):
        made = []
        for each in stretches:
            there = leading(each)
            if there not in sizes:
                sizes[there] = len(_decompressed(leaf.content[:there], None)[0])
            made.append(((0, sizes[there]),) if sizes[there] else ())
        ways.append(tuple(made))
    return Leaf(leaf.name, content, ways[0], ways[1])


def _decompressed(raw: bytes, budget: Budget | None) -> tuple[bytes, str | None]:
    """The bytes inside, as far as they can be read, and why they end before their end."""
    codec = find_codec(raw[:512])
    pieces: list[bytes] = []
    if codec is None:
        return b"", None
    try:
        for piece in unpack((raw,), codec.make, _BOUND):
            pieces.append(piece)
            if budget is not None:
                budget.take(len(piece))
    except TruncatedContent as error:
        if "times its size" in str(error):
            raise UnreadableError("unpacks-to-too-much") from error
        return b"".join(pieces), "damaged-archive"
    return b"".join(pieces), None


def _tar_members(leaf: Leaf, budget: Budget, depth: int) -> Iterator[Leaf]:
    try:
        with tarfile.open(fileobj=io.BytesIO(leaf.content), mode="r:") as archive:
            members = [info for info in archive if info.isreg()][:_MOST_MEMBERS]
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise UnreadableError("damaged-archive") from error
    for info in members:
        first, last = info.offset_data, info.offset_data + info.size
        budget.take(info.size)
        known, perhaps = (
            tuple(within(each, first, last) for each in ways) for ways in (leaf.known, leaf.perhaps)
        )
        name = f"{leaf.name}/{info.name}" if leaf.name else info.name
        yield from leaves_of(Leaf(name, leaf.content[first:last], known, perhaps), budget, depth + 1)
