"""Fingerprints of files: one SHA-256 for proof, and short ones per block to say where a byte changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self

_PIECE_BYTES = 1 << 20
_SMALLEST_BLOCK = 4096
_BLOCKS_MOST = 1024
_SHORT = 16


@dataclass(frozen=True)
class Fingerprint:
    """A file's SHA-256 and size, and the first 16 hex digits of each block's SHA-256."""

    sha256: str
    size_bytes: int
    block_bytes: int
    blocks: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The shape kept in manifests."""
        return {
            "sha256": self.sha256,
            "bytes": self.size_bytes,
            "block_bytes": self.block_bytes,
            "blocks": list(self.blocks),
        }

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> Self:
        """Read the shape kept in manifests."""
        return cls(kept["sha256"], kept["bytes"], kept["block_bytes"], tuple(kept["blocks"]))


@dataclass
class _Hasher:
    """Bytes come in pieces of any size; blocks come out."""

    block_bytes: int
    whole: Any = field(default_factory=hashlib.sha256)
    block: Any = field(default_factory=hashlib.sha256)
    size: int = 0
    blocks: list[str] = field(default_factory=list)

    def add(self, piece: bytes) -> None:
        self.whole.update(piece)
        view = memoryview(piece)
        while view:
            room = self.block_bytes - self.size % self.block_bytes
            part = view[:room]
            self.block.update(part)
            self.size += len(part)
            if self.size % self.block_bytes == 0:
                self._close_block()
            view = view[room:]

    def done(self) -> Fingerprint:
        if self.size % self.block_bytes:
            self._close_block()
        return Fingerprint(self.whole.hexdigest(), self.size, self.block_bytes, tuple(self.blocks))

    def _close_block(self) -> None:
        self.blocks.append(self.block.hexdigest()[:_SHORT])
        self.block = hashlib.sha256()


def block_bytes_for(size_bytes: int) -> int:
    """Return the block size (a power of two from 4 KiB) that gives a file at most about 1,024 blocks."""
    block = _SMALLEST_BLOCK
    while block * _BLOCKS_MOST < size_bytes:
        block *= 2
    return block


def fingerprint_of(path: Path, block_bytes: int | None = None) -> Fingerprint:
    """Read a file once and return its fingerprint."""
    with path.open("rb") as file:
        return fingerprint_stream(file, block_bytes)


def fingerprint_stream(
    file: BinaryIO, block_bytes: int | None = None, pass_on: Callable[[bytes], object] | None = None
) -> Fingerprint:
    """Read an open file to its end, handing each piece on, and return the fingerprint of what was read."""
    size = os.fstat(file.fileno()).st_size
    hasher = _Hasher(block_bytes or block_bytes_for(size))
    while piece := file.read(_PIECE_BYTES):
        hasher.add(piece)
        if pass_on is not None:
            pass_on(piece)
    return hasher.done()


def changed_blocks(sealed: Fingerprint, now: Fingerprint) -> list[tuple[int, int]]:
    """Return the byte ranges (0-based, inclusive) that differ, neighbouring blocks joined."""
    most = max(len(sealed.blocks), len(now.blocks))
    end = max(sealed.size_bytes, now.size_bytes)
    ranges: list[tuple[int, int]] = []
    for place in range(most):
        if sealed.blocks[place : place + 1] == now.blocks[place : place + 1]:
            continue
        first = place * sealed.block_bytes
        last = min(first + sealed.block_bytes, end) - 1
        if ranges and ranges[-1][1] + 1 == first:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    return ranges
