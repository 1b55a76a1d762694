"""How a letter is laid out: sizes by style; places and marks by the printer's profile."""

from __future__ import annotations

from dataclasses import dataclass

from ashiato.letters.notices.glyphs import width_of
from ashiato.letters.notices.matter import Style
from ashiato.letters.notices.postal_bars import BARS, BLANK, HEIGHT
from ashiato.letters.notices.profile import Marks, Profile
from ashiato.letters.notices.window import POINT

#: Height of the frame with the code at the foot of page 1, which ends 20 mm above the sheet's lower edge.
FOOT = 28.0
TEXT_WIDTH = 170.0
#: From what the window may show to the name above the text, in mm.
_TO_NAME = 3.0
_FRAME_TOP = 297.0 - 20.0 - FOOT


@dataclass(frozen=True)
class Look:
    """Type of one style.

    ``size``, ``title``, ``name``, ``sender``, ``hint`` in points; ``leading`` between lines and ``between``
    more between paragraphs in em; ``title_below`` in mm from what the window may show; ``foot``: ``FOOT``.
    """

    size: float
    leading: float
    between: float
    title: float
    name: float
    sender: float
    hint: float
    title_below: float
    foot: float = FOOT


LOOKS = {
    Style.ORDINARY: Look(10.5, 0.75, 0.25, 13.5, 11.5, 8.5, 8.0, 12.0),
    Style.LARGE: Look(18.0, 0.72, 0.3, 21.0, 18.0, 10.0, 9.0, 17.0),
    Style.EASY: Look(12.0, 1.0, 0.5, 15.0, 12.0, 9.5, 8.0, 16.0),
}


def marks_of(letter: int, marks: Marks, *, last: bool) -> tuple[bool, ...]:
    """Return the marks of one sheet, top to bottom.

    Always; last sheet of its letter; the letter's number in its batch, lowest bit first, as far as there are
    bits; one that makes the count even.
    """
    bits = (True, last, *(bool(letter >> place & 1) for place in range(marks.bits)))
    return (*bits, sum(bits) % 2 == 1)


def name_size(name: str, look: Look) -> float:
    """Return the size in points in which a name fits a line of the text, or two lines at the least."""
    return max(min(look.name, TEXT_WIDTH / POINT / width_of(name)), 7.0)


def places_of(profile: Profile) -> dict[str, object]:
    """Return where things stand on a sheet, in mm."""
    block, marks = profile.block, profile.marks
    return {
        "left": block.left,
        "top": block.top,
        "width": block.width,
        "bars": (BLANK, profile.pitch * (BARS - 0.5), HEIGHT),
        "marks": (marks.left, marks.top, marks.pitch, marks.length, marks.thickness),
        "name": profile.free_bottom + _TO_NAME,
        "square": _FRAME_TOP + 3.0,
        "code": _FRAME_TOP + 2.6,
    }
