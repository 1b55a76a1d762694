"""What readers of files give: cells, each a value with its place, in units that speak of one person."""

from __future__ import annotations

from dataclasses import dataclass


class UnreadableError(Exception):
    """A file cannot be read as what it looks like; the message is a short code."""


@dataclass(frozen=True)
class Cell:
    """One value: the unit (row, object, paragraph) it stands in, its header, and its bytes in the file.

    ``byte_first`` up to, not including, ``byte_last`` count in the unpacked file that holds it.
    ``is_text``: running text, in which values may stand anywhere.
    """

    unit: int
    header: str
    text: str
    byte_first: int
    byte_last: int
    is_text: bool = False


#: No more cells than this are taken from one object, nor longer ones.
MOST_CELLS = 20_000_000
LONGEST_CELL = 100_000
