"""What a check can find wrong, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ashiato.engine.chain import check_links
from ashiato.engine.fingerprints import Fingerprint, changed_blocks, fingerprint_of


class Kind(StrEnum):
    """What sort of trouble it is."""

    ALTERED = "altered"
    MISSING = "missing"
    UNKNOWN = "not in the ledger"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it was: the file (within the case, or absolute), and where inside it.

    Bytes are 0-based and inclusive, lines 1-based and inclusive; both are ranges that hold the change.
    """

    kind: Kind
    file: str
    what: str
    byte_first: int | None = None
    byte_last: int | None = None
    line_first: int | None = None
    line_last: int | None = None

    def __str__(self) -> str:
        """Render as one line: file, place, kind, what."""
        return f"{self.file}{self._place()}: {self.kind}: {self.what}"

    def _place(self) -> str:
        parts = []
        if self.line_first is not None:
            last = f"-{self.line_last}" if self.line_last != self.line_first else ""
            parts.append(f"line {self.line_first}{last}")
        if self.byte_first is not None:
            parts.append(f"bytes {self.byte_first}-{self.byte_last}")
        return f" ({', '.join(parts)})" if parts else ""


def compare_file(path: Path, name: str, sealed: Fingerprint, *, text: bool = False) -> Iterator[Problem]:
    """Yield where a file is not as its fingerprint says; ``text``: give the lines too."""
    if not path.is_file():
        yield Problem(Kind.MISSING, name, "the file is not there")
        return
    try:
        now = fingerprint_of(path, sealed.block_bytes)
    except OSError as error:
        yield Problem(Kind.MISSING, name, f"the file cannot be read: {error.strerror}")
        return
    if now.sha256 == sealed.sha256:
        return
    what = "its bytes are not those that were sealed"
    if now.size_bytes != sealed.size_bytes:
        what = f"it has {now.size_bytes:,} bytes and had {sealed.size_bytes:,}"
    ranges = changed_blocks(sealed, now)
    if not ranges:
        yield Problem(Kind.ALTERED, name, "its recorded hash is not that of its recorded blocks")
    for first, last in ranges:
        lines = _lines_of(path, first, last) if text else (None, None)
        yield Problem(Kind.ALTERED, name, what, first, last, *lines)


def compare_hash(path: Path, name: str, sha256: str) -> Iterator[Problem]:
    """Yield a problem when a small file is missing or has another hash."""
    if not path.is_file():
        yield Problem(Kind.MISSING, name, "the file is not there")
    elif fingerprint_of(path).sha256 != sha256:
        yield Problem(Kind.ALTERED, name, "its bytes are not those that the ledger vouches for")


def compare_chain(path: Path, name: str) -> Iterator[Problem]:
    """Yield each line of a chained file that is not as it was written."""
    for flaw in check_links(path):
        places = (flaw.byte_first, flaw.byte_last, flaw.line, flaw.line)
        yield Problem(Kind.ALTERED, name, f"this line {flaw.what}", *places)


def _lines_of(path: Path, first: int, last: int) -> tuple[int, int]:
    """Return the physical lines that a byte range touches."""
    before = inside = done = 0
    with path.open("rb") as file:
        while done <= last and (piece := file.read(1 << 20)):
            before += piece.count(b"\n", 0, max(0, first - done))
            inside += piece.count(b"\n", max(0, first - done), max(0, last - done))
            done += len(piece)
    return before + 1, before + inside + 1
