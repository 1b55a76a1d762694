"""The generations of one log: the file being written, and those that rotation set aside.

Rotation renames or copies, numbers or dates, and may compress; which content a file holds is told by the
bytes before a place in it, never by its name alone.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard

from ashiato.guard.following.places import HEAD_BYTES, TAIL_BYTES, Place, digest_of

_COMPRESSION = re.compile(r"\.(gz|bz2|xz|zst)$")
_NUMBER = re.compile(r"[.-](\d{1,4})$")
_SET_ASIDE = re.compile(r"[-._]?\d[-\d_.T]*|[-._]old")
_OPENERS: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.GzipFile,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
    ".zst": zstandard.open,
}
#: What reading a damaged or half-written compressed file may raise.
BROKEN = (OSError, EOFError, lzma.LZMAError, zstandard.ZstdError)


@dataclass(frozen=True)
class Generation:
    """One file of a log: where it is, which inode, when it was last written."""

    path: Path
    inode: int
    modified_ns: int

    @property
    def bare(self) -> str:
        """The name without what compression adds."""
        return _COMPRESSION.sub("", self.path.name)

    @property
    def is_compressed(self) -> bool:
        """Whether its bytes have to be unpacked."""
        return self.bare != self.path.name


def logs_among(paths: Iterable[Path]) -> list[Path]:
    """Return which of some files are logs of their own, not what rotation left of another one."""
    plain = sorted(path for path in paths if not _COMPRESSION.search(path.name))
    return [path for path in plain if not any(_is_left_of(other, path) for other in plain)]


def _is_left_of(live: Path, path: Path) -> bool:
    return live != path and live.parent == path.parent and _is_of(live, path.name)


def list_generations(live: Path) -> list[Generation]:
    """Return a log's files, the oldest first, the one being written last.

    Read until twice the same, as a rotation at work moves files while they are listed.
    """
    before: list[Generation] | None = None
    for _ in range(20):
        now = _listed(live)
        if now == before:
            break
        before = now
    return now


def _listed(live: Path) -> list[Generation]:
    try:
        names = sorted(entry.name for entry in os.scandir(live.parent))
    except OSError:
        return []
    held = [made for name in names if _is_of(live, name) and (made := _generation(live.parent / name))]
    plain = {each.bare for each in held if not each.is_compressed}
    kept = [each for each in held if not each.is_compressed or each.bare not in plain]
    return sorted(kept, key=lambda each: _age(live, each))


def _is_of(live: Path, name: str) -> bool:
    bare = _COMPRESSION.sub("", name)
    if bare == live.name:
        return True
    if bare.startswith(live.name):
        return bool(_SET_ASIDE.fullmatch(bare[len(live.name) :]))
    middle = bare.removeprefix(live.stem).removesuffix(live.suffix)
    return bare == f"{live.stem}{middle}{live.suffix}" and bool(_SET_ASIDE.fullmatch(middle))


def _age(live: Path, each: Generation) -> tuple[int, int, int, str]:
    """Sorts the oldest first: the highest number, else the earliest writing; the live file last."""
    number = _NUMBER.search(each.bare)
    return each.path == live, -int(number[1]) if number else 0, each.modified_ns, each.bare


def _generation(path: Path) -> Generation | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return Generation(path, found.st_ino, found.st_mtime_ns)


def open_generation(generation: Generation) -> BinaryIO:
    """Open a file for reading from its unpacked beginning."""
    opener = _OPENERS[generation.path.suffix] if generation.is_compressed else _open_plain
    return cast("BinaryIO", opener(generation.path))


def _open_plain(path: Path) -> FileIO:
    return path.open("rb", buffering=0)


def holds(stream: BinaryIO, place: Place) -> bool:
    """Tell whether a stream's content before a place is what was read there; leaves it at the place."""
    try:
        stream.seek(0)
        head = _exactly(stream, min(HEAD_BYTES, place.offset))
        stream.seek(place.offset - min(TAIL_BYTES, place.offset))
        tail = _exactly(stream, min(TAIL_BYTES, place.offset))
    except BROKEN:
        return False
    return digest_of(head) == place.head and digest_of(tail) == place.tail and stream.tell() == place.offset


def _exactly(stream: BinaryIO, size: int) -> bytes:
    parts = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def find_generation(generations: list[Generation], place: Place) -> int | None:
    """Return which file holds what was read up to a place; of several the one of the same inode."""
    ranked = sorted(range(len(generations)), key=lambda n: generations[n].inode != place.inode)
    return next((number for number in ranked if _opens_at(generations[number], place)), None)


def _opens_at(generation: Generation, place: Place) -> bool:
    try:
        with closing(open_generation(generation)) as stream:
            return holds(stream, place)
    except BROKEN:
        return False


def first_written_since(generations: list[Generation], moment_ns: int) -> int:
    """Return the oldest file that was written to since a moment; the newest where none was."""
    written = (number for number, each in enumerate(generations) if each.modified_ns >= moment_ns)
    return next(written, len(generations) - 1)
