"""Where a follower stands in a log, so surely that a moved, copied or emptied log is told from it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

HEAD_BYTES = 1024
TAIL_BYTES = 256


@dataclass(frozen=True)
class Place:
    """The position behind the last line that was taken, and what is known of the content before it.

    By that the same content is found again under another name. ``number`` is the next line's. ``head`` and
    ``tail`` are hashes of the first and last bytes before ``offset``. ``read_ns`` is when the file was last
    written as of the last look, ``within_long`` that the line at ``offset`` is being stepped over. ``before``
    is the end of the file that was read before this one, while nothing of this one was taken.
    """

    offset: int = 0
    number: int = 1
    inode: int = 0
    head: str = ""
    tail: str = ""
    read_ns: int = 0
    within_long: bool = False
    before: Place | None = None


def place_from(said: dict[str, Any]) -> Place:
    """Return the place of its fields, as ``dataclasses.asdict`` has them."""
    before = said["before"]
    return Place(**{**said, "before": place_from(before) if before else None})


def digest_of(content: bytes) -> str:
    """Return a short hash of bytes, the empty text of none."""
    return hashlib.blake2b(content, digest_size=12).hexdigest() if content else ""
