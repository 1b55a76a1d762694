"""The address in an envelope's window, as Japanese post has it: post code, lines, name.

The measures are those of a long envelope no. 3 (長形3号: 120 x 235 mm) used lying, its window of 45 x 90 mm
beginning 20 mm from the left and 12 mm from the top, for an A4 sheet folded in three (210 x 99 mm).
The sheet has 21 mm of play upwards and 25 mm sideways; the block below is what the window shows wherever the
sheet lies, and nothing else is printed where the window may come to lie (the guide has the sum).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ashiato.exports.words import Language
from ashiato.letters.notices.accepting import NoticeError
from ashiato.letters.notices.addressee import envelope_names
from ashiato.letters.notices.glyphs import is_selector, width_of
from ashiato.letters.notices.matter import Address, Recipient

#: Of the sheet, in mm from its left and upper edge: where the block stands, and what must be kept free.
LEFT, TOP, WIDTH, HEIGHT = 20.0, 12.5, 65.0, 23.5
FREE_RIGHT, FREE_BOTTOM = 110.0, 57.0
#: Type sizes in points with their pitch in mm: whole lines as long as they can be large, then broken ones.
_SIZES = ((10.5, 4.7), (9.5, 3.9), (8.5, 3.35), (8.0, 2.93))
_TRIES = (*((*size, True) for size in _SIZES[:3]), *((*size, False) for size in _SIZES[1:]))
#: A point in mm.
POINT = 25.4 / 72


@dataclass(frozen=True)
class Window:
    """An address as it is set: size in points, pitch in mm, lines that fit the width."""

    size: float
    pitch: float
    post: str
    lines: tuple[str, ...]
    names: tuple[str, ...]


def window_of(person: Recipient, language: Language) -> Window:
    """Return the block of a person's address; NoticeError where it does not fit or there is none."""
    address = person.address
    if address is None:
        raise NoticeError("address: there is none, so no letter can be sent.", fix="choose another channel.")
    names = envelope_names(person, language)
    for size, pitch, whole in _TRIES:
        fitted = _fit(address, names, size)
        count = sum(map(len, fitted))
        broken = count > len(address.lines) + len(names)
        if (1 + count) * pitch <= HEIGHT and not (whole and broken):
            return Window(size, pitch, post_code(address), *fitted)
    raise NoticeError("address: its lines do not fit the window.", fix="shorten it by hand.")


def post_code(address: Address) -> str:
    """Write a post code as mail has it, ``〒160-0000``; empty where there is none."""
    digits = address.post_code.replace("-", "")
    return f"〒{digits[:3]}-{digits[3:]}" if digits else ""


def _fit(address: Address, names: tuple[str, ...], size: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines of address and of names, broken to the block's width."""
    room = WIDTH / (size * POINT)
    lines = tuple(part for line in address.lines for part in _broken(line, room))
    return lines, tuple(part for name in names for part in _broken(name, room))


def _broken(line: str, room: float) -> Iterator[str]:
    """Yield a line in parts no wider than ``room`` em, broken at a blank where one stands far enough."""
    while width_of(line) > room:
        at = next(count for count in range(len(line), 0, -1) if width_of(line[:count]) <= room)
        blank = max(line.rfind(" ", 0, at + 1), line.rfind("\u3000", 0, at + 1))
        at = blank if blank > at // 2 else at
        while at > 1 and (unicodedata.combining(line[at]) or is_selector(line[at])):
            at -= 1
        yield line[:at].rstrip()
        line = line[at:].lstrip()
    yield line
