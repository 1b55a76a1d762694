"""What a printer's machines ask of a letter: envelope and window, the inserter's marks, the post's code.

A long envelope no. 3 (長形3号: 120 x 235 mm, used lying) has a window of 45 x 90 mm that begins 20 mm from
the left and 12 mm from the top, unless another is told; for a square envelope no. 2 (角形2号: 240 x 332 mm,
the sheet in it not folded) no window is usual, so it has to be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ashiato.letters.notices.accepting import CampaignError
from ashiato.letters.notices.postal_bars import BARS, BLANK, HEIGHT, PITCH

SHEET_WIDTH, SHEET_HEIGHT = 210.0, 297.0
#: Left of it is the margin of the text, right of it the sender's block; nothing else of ours may stand there.
_TEXT_LEFT, _SENDER_LEFT = 22.0, 124.0
#: The least room of an address, in mm, in which the post's code fits too; what it keeps from the upper edge.
_LEAST_WIDTH, _LEAST_HEIGHT, _EDGE = 60.0, 20.0, 0.5
#: The text of page 1 needs what is left below the window.
_MOST_BOTTOM = 140.0


@dataclass(frozen=True)
class Opening:
    """A window: where it begins from the envelope's left and upper edge, and its size, in mm."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Envelope:
    """An envelope as it lies before the reader, in mm; ``folded``: how high the sheet in it is."""

    name: str
    width: float
    height: float
    folded: float
    window: Opening


@dataclass(frozen=True)
class Marks:
    """The inserter's marks at the left edge, in mm; ``bits``: how many count the letters of a batch."""

    left: float = 5.0
    top: float = 120.0
    pitch: float = 4.0
    length: float = 10.5
    thickness: float = 0.5
    bits: int = 3


LONG_3 = Envelope("長形3号窓", 235.0, 120.0, SHEET_HEIGHT / 3, Opening(20.0, 12.0, 90.0, 45.0))
#: Envelopes by name: width, height, height of the sheet in it, and a window where there is a usual one.
_KNOWN: Mapping[str, tuple[float, float, float, Opening | None]] = {
    LONG_3.name: (LONG_3.width, LONG_3.height, LONG_3.folded, LONG_3.window),
    "角形2号窓": (240.0, 332.0, SHEET_HEIGHT, None),
}


@dataclass(frozen=True)
class Profile:
    """One printer's measures. ``barcode``: the post's code stands under the name where a town is sure."""

    envelope: Envelope = LONG_3
    marks: Marks = field(default_factory=Marks)
    barcode: bool = False

    @property
    def block(self) -> Opening:
        """Where an address stands on the sheet: what the window shows however the sheet slides."""
        window, envelope = self.envelope.window, self.envelope
        across, down = envelope.width - SHEET_WIDTH, envelope.height - envelope.folded
        return Opening(window.left, window.top + _EDGE, window.width - across, window.height - down - _EDGE)

    @property
    def free_right(self) -> float:
        """Up to here from the sheet's left, and down to ``free_bottom``, nothing else may be printed."""
        return self.envelope.window.left + self.envelope.window.width

    @property
    def free_bottom(self) -> float:
        """See ``free_right``."""
        return self.envelope.window.top + self.envelope.window.height

    @property
    def pitch(self) -> float:
        """From bar to bar of the post's code, in mm: as wide as the block lets it be."""
        room = self.block.width - 2 * BLANK
        return min(PITCH, int(100 * room / (BARS - 0.5)) / 100)

    @property
    def bars_height(self) -> float:
        """How much of the block the post's code takes, with what is kept white above and below it."""
        return HEIGHT + 2 * BLANK if self.barcode else 0.0


#: What is printed where a printer said nothing else.
USUAL = Profile()


def profile_of(said: Mapping[str, Any]) -> Profile:
    """Return the measures of an operator's file: ``envelope``, ``window``, ``marks``, ``barcode``.

    Raises: CampaignError: no address can stand in this window, or something would be printed over something.
    """
    name = said.get("envelope", LONG_3.name)
    if name not in _KNOWN:
        raise _refusal(f"no envelope is called `{name}`", f"known are {', '.join(_KNOWN)}")
    width, height, folded, usual = _KNOWN[name]
    window = Opening(**said["window"]) if "window" in said else usual
    if window is None:
        what = f"of {name} no window is usual"
        raise _refusal(what, "measure yours, and write `window:` with left, top, width and height in mm")
    marks = replace(Marks(), **said.get("marks", {}))
    profile = Profile(Envelope(name, width, height, folded, window), marks, said.get("barcode", False))
    for what, fix in _faults(profile):
        raise _refusal(what, fix)
    return profile


def _refusal(what: str, fix: str) -> CampaignError:
    return CampaignError(f"letters: {what}.", fix=fix)


def _faults(profile: Profile) -> Iterator[tuple[str, str]]:
    yield from _window_faults(profile)
    yield from _marks_faults(profile)


def _window_faults(profile: Profile) -> Iterator[tuple[str, str]]:
    window, block, envelope = profile.envelope.window, profile.block, profile.envelope
    if window.left < 0 or window.top < 0 or profile.free_right > envelope.width:
        yield "the window reaches beyond the envelope", f"{envelope.name} is {envelope.width:g} mm wide"
    if profile.free_bottom > min(envelope.folded, _MOST_BOTTOM):
        most = min(envelope.folded, _MOST_BOTTOM)
        yield "the window reaches too far down the sheet", f"it may end {most:g} mm from the top"
    if profile.free_right > _SENDER_LEFT:
        yield "the window would show the sender's block", f"it may end {_SENDER_LEFT:g} mm from the left"
    if block.width < _LEAST_WIDTH or block.height < _LEAST_HEIGHT:
        what = f"however the sheet slides the window shows {block.width:g} x {block.height:g} mm"
        yield what, f"an address needs {_LEAST_WIDTH:g} x {_LEAST_HEIGHT:g} mm: take a larger window"


def _marks_faults(profile: Profile) -> Iterator[tuple[str, str]]:
    marks = profile.marks
    if not 0 <= marks.left <= marks.left + marks.length <= _TEXT_LEFT - 1:
        yield "marks stand over the text", f"they may reach {_TEXT_LEFT - 1:g} mm from the left"
    last = marks.top + marks.pitch * (marks.bits + 2)
    if marks.top < profile.free_bottom or last > SHEET_HEIGHT - 5:
        yield (
            "marks stand in the window or beyond the sheet",
            (f"from {profile.free_bottom:g} to {SHEET_HEIGHT - 5:g} mm from the top there is room"),
        )
    if not 0 < marks.thickness < marks.pitch / 2:
        yield "marks run into each other", "their thickness is less than half of their pitch"
