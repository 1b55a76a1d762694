"""What is inside a sealed original: one content, or one for each member of an archive, each read once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ashiato.engine.archives import (
    MEMBERS_MOST,
    Member,
    Unread,
    is_tar,
    is_zip,
    iterate_tar,
    iterate_zip,
    open_outer,
)
from ashiato.engine.unpacking import Chunks, TruncatedContent, chunks_of_path

HEAD_BYTES = 1 << 16


@dataclass(frozen=True)
class Content:
    """One content's facts: hash, size and lines of what can be read, and why it breaks off if it does.

    ``first_line`` and ``head`` are short hashes of the first line and of the first 64 KiB, when there
    is as much: two contents of which one begins with the other share them.
    """

    member: str | None
    position: int
    compression: str
    modified_us: int
    sha256: str
    size_bytes: int
    lines: int
    first_line: str | None
    head: str | None
    broken: str | None


def iterate_contents(path: Path, modified_us: int) -> Iterator[Content | Unread]:
    """Yield the contents of an original: itself, unpacked when compressed, or an archive's members.

    An archive without a readable member is one content: its own bytes.
    """
    if is_zip(path):
        yield from _of_members("zip", iterate_zip(path), modified_us)
        return
    opened = open_outer(chunks_of_path(path))
    if not is_tar(opened.head):
        yield _fact_of(opened.chunks, opened.label, modified_us)
        return
    label = "tar" if opened.label == "none" else f"tar.{opened.label}"
    yield from _of_members(label, iterate_tar(opened.chunks, path.name), modified_us)


def raw_content(path: Path, modified_us: int) -> Content:
    """Return the content of an original taken as it is, packed or not."""
    return _fact_of(chunks_of_path(path), "none", modified_us)


def _of_members(
    label: str, members: Iterator[Member | Unread], modified_us: int
) -> Iterator[Content | Unread]:
    for count, member in enumerate(members, 1):
        if count > MEMBERS_MOST:
            yield Unread(member.name, f"the archive has more than {MEMBERS_MOST} members: stopped there")
            return
        if isinstance(member, Unread):
            yield member
            continue
        opened = open_outer(member.chunks)
        inner = label if opened.label == "none" else f"{label}+{opened.label}"
        time_us = modified_us if member.modified_us is None else member.modified_us
        yield _fact_of(opened.chunks, inner, time_us, member)


def _fact_of(chunks: Chunks, compression: str, modified_us: int, member: Member | None = None) -> Content:
    tally = _Tally()
    broken = None
    try:
        for piece in chunks:
            tally.add(piece)
    except TruncatedContent as error:
        broken = error.what
    return Content(
        member=member.name if member else None,
        position=member.position if member else 0,
        compression=compression,
        modified_us=modified_us,
        sha256=tally.whole.hexdigest(),
        size_bytes=tally.size,
        lines=tally.lines,
        first_line=tally.first_line,
        head=tally.head,
        broken=broken,
    )


@dataclass
class _Tally:
    """Counts and hashes bytes as they pass."""

    whole: Any = field(default_factory=hashlib.sha256)
    size: int = 0
    newlines: int = 0
    ends_open: bool = False
    start: bytes = b""

    def add(self, piece: bytes) -> None:
        self.whole.update(piece)
        self.size += len(piece)
        self.newlines += piece.count(b"\n")
        self.ends_open = not piece.endswith(b"\n")
        if len(self.start) < HEAD_BYTES:
            self.start += piece[: HEAD_BYTES - len(self.start)]

    @property
    def lines(self) -> int:
        return self.newlines + self.ends_open

    @property
    def first_line(self) -> str | None:
        line, newline, _ = self.start.partition(b"\n")
        return _short_hash(line) if newline else None

    @property
    def head(self) -> str | None:
        return _short_hash(self.start) if len(self.start) == HEAD_BYTES else None


def _short_hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:16]
