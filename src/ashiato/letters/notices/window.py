"""The address in an envelope's window, as Japanese post has it: post code, lines, name, the post's bar code.

Where the window is, and how far the sheet slides behind it, is the printer's profile; nothing else is printed
where the window may come to lie (the guide has the sum).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ashiato.exports.words import Language
from ashiato.letters.notices.accepting import NoticeError
from ashiato.letters.notices.addressee import envelope_names
from ashiato.letters.notices.glyphs import is_selector, width_of
from ashiato.letters.notices.matter import Address, Recipient
from ashiato.letters.notices.postal_bars import BLANK, bars_of, characters_of, picture_of
from ashiato.letters.notices.postal_words import postal_words
from ashiato.letters.notices.profile import USUAL, Profile

#: Type sizes in points with their pitch in mm: whole lines as long as they can be large, then broken ones.
_SIZES = ((10.5, 4.7), (9.5, 3.9), (8.5, 3.35), (8.0, 2.93))
_TRIES = (*((*size, True) for size in _SIZES[:3]), *((*size, False) for size in _SIZES[1:]))
#: A point in mm.
POINT = 25.4 / 72


@dataclass(frozen=True)
class Window:
    """An address as it is set: size in points, pitch in mm, lines that fit the width.

    ``bars``: the post's code as a picture, ``bars_top`` mm below the block's top; None where there is none.
    """

    size: float
    pitch: float
    post: str
    lines: tuple[str, ...]
    names: tuple[str, ...]
    bars: list[int] | None = None
    bars_top: float = 0.0


def window_of(person: Recipient, language: Language, profile: Profile = USUAL) -> Window:
    """Return the block of a person's address; NoticeError where it does not fit or there is none.

    The post's code is left off where what it says is not sure, or the lines leave no room for it.
    """
    address = person.address
    if address is None:
        raise NoticeError("address: there is none, so no letter can be sent.", fix="choose another channel.")
    names = envelope_names(person, language)
    words = postal_words(address) if profile.barcode else ""
    found = _set(address, names, profile, profile.bars_height) if words else None
    if found is not None:
        top = (1 + len(found.lines) + len(found.names)) * found.pitch + BLANK
        return replace(found, bars=list(picture_of(bars_of(characters_of(words)))), bars_top=top)
    found = _set(address, names, profile, 0.0)
    if found is None:
        raise NoticeError("address: its lines do not fit the window.", fix="shorten it by hand.")
    return found


def _set(address: Address, names: tuple[str, ...], profile: Profile, kept: float) -> Window | None:
    """Return address and names as large as they can be set over what is kept free; None where they cannot."""
    block = profile.block
    for size, pitch, whole in _TRIES:
        fitted = _fit(address, names, block.width / (size * POINT))
        count = sum(map(len, fitted))
        broken = count > len(address.lines) + len(names)
        if (1 + count) * pitch <= block.height - kept and not (whole and broken):
            return Window(size, pitch, post_code(address), *fitted)
    return None


def post_code(address: Address) -> str:
    """Write a post code as mail has it, ``〒160-0000``; empty where there is none."""
    digits = address.post_code.replace("-", "")
    return f"〒{digits[:3]}-{digits[3:]}" if digits else ""


def _fit(address: Address, names: tuple[str, ...], room: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines of address and of names, broken to ``room`` em."""
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
