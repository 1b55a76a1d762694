"""Logs that begin with one another: a file copied before and after it grew must not be read twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ashiato.engine.evidence.contents import HEAD_BYTES
from ashiato.engine.unpacking import Chunks, TruncatedContent


@dataclass(frozen=True)
class Known:
    """A content already sealed or being sealed, and how to read it again."""

    sha256: str
    size_bytes: int
    first_line: str | None
    head: str | None
    open: Callable[[], Chunks]


def list_beginnings(long: Known, others: Iterable[Known]) -> list[str]:
    """Return the SHA-256 of each other content that ``long`` begins with, whole lines at least."""
    shorter = {known.sha256: known for known in others if _may_begin(known, long)}
    wanted = {known.size_bytes for known in shorter.values()}
    hashes = _prefix_hashes(long.open(), sorted(wanted))
    return sorted(sha for sha, known in shorter.items() if hashes.get(known.size_bytes) == sha)


def list_continuations(short: Known, others: Iterable[Known]) -> list[str]:
    """Return the SHA-256 of each other content that begins with ``short``."""
    return sorted({known.sha256 for known in others if list_beginnings(known, [short])})


def _may_begin(short: Known, long: Known) -> bool:
    """Tell from the short hashes alone whether reading is worth while."""
    if short.first_line is None or short.first_line != long.first_line:
        return False
    if short.size_bytes >= long.size_bytes:
        return False
    return short.size_bytes < HEAD_BYTES or short.head == long.head


def _prefix_hashes(chunks: Chunks, sizes: list[int]) -> dict[int, str]:
    """Return the SHA-256 of the first ``size`` bytes for each of the rising sizes."""
    hashes: dict[int, str] = {}
    whole = hashlib.sha256()
    done = 0
    waiting = list(sizes)
    try:
        while waiting:
            piece = memoryview(next(chunks))
            while waiting and done + len(piece) >= waiting[0]:
                part = piece[: waiting[0] - done]
                whole.update(part)
                done, piece = waiting[0], piece[len(part) :]
                hashes[waiting.pop(0)] = whole.hexdigest()
            whole.update(piece)
            done += len(piece)
    except (StopIteration, TruncatedContent):
        pass
    return hashes
