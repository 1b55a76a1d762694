"""Passwords known to be leaked, in a file of the operator's: asked by a prefix of the hash alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

PREFIX = 5
_LINE = re.compile(rb"([0-9A-F]{40}):(\d{1,12})\r?\n?\Z")
_LONGEST_LINE = 64
_MOST = 5_000


def suffixes_of(path: Path, prefix: str) -> list[bytes]:
    """Return the rest of each hash that begins so, with its count; the sorted file is searched by halves.

    ``prefix``: five hexadecimal digits in capitals. Lines of another form are passed over.
    """
    wanted = prefix.encode()
    found: list[bytes] = []
    with path.open("rb") as file:
        _seek_first(file, wanted, path.stat().st_size)
        while len(found) < _MOST and (line := file.readline(_LONGEST_LINE)):
            said = _LINE.match(line)
            if said and said[1].startswith(wanted):
                found.append(said[1][PREFIX:] + b":" + said[2])
            elif line[:PREFIX] > wanted:
                break
    return found


def _seek_first(file: BinaryIO, wanted: bytes, size: int) -> None:
    """Stand at the beginning of a line before which none begins with ``wanted``."""
    low, high = 0, size
    while high - low > _LONGEST_LINE:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline(_LONGEST_LINE)
        if file.readline(_LONGEST_LINE)[:PREFIX] >= wanted:
            high = middle
        else:
            low = middle
    file.seek(max(0, low - 2 * _LONGEST_LINE))
    if file.tell():
        file.readline(_LONGEST_LINE)
