"""Which bytes of an object went out: what was asked for, what was sent, and what that covers inside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ashiato.engine.exposures.stretches import Stretches, joined

_RANGES = re.compile(r"\s*bytes\s*=\s*(.+)", re.IGNORECASE)
_RANGE = re.compile(r"\s*(\d*)\s*-\s*(\d*)\s*")


@dataclass(frozen=True)
class Asked:
    """One request for an object: the range it asked for, the status and bytes of the reply."""

    range: str | None
    code: int | None
    sent: int | None
    has_failed: bool = False
    may_be_packed: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether the store said no."""
        return self.has_failed or (self.code is not None and not 200 <= self.code < 300)


@dataclass(frozen=True)
class Sent:
    """What one reply carried: the stretches known to have gone out, and those that may have."""

    known: Stretches
    perhaps: Stretches = ()


NOTHING = Sent(())


def stretches_of(text: str, size: int) -> Stretches:
    """Return what a Range header asks of an object of this size; nothing when it cannot be understood."""
    found = _RANGES.fullmatch(text)
    parts = [_RANGE.fullmatch(part) for part in found[1].split(",")] if found else []
    whole: list[tuple[int, int]] = []
    for part in parts:
        if part is None or not (part[1] or part[2]):
            return ()
        if not part[1]:
            whole.append((max(0, size - int(part[2])), size))
        else:
            whole.append((int(part[1]), min(size, int(part[2]) + 1) if part[2] else size))
    return joined(stretch for stretch in whole if stretch[0] < stretch[1])


def length_of(stretches: Stretches) -> int:
    """Return how many bytes these stretches hold."""
    return sum(last - first for first, last in stretches)


def sent_of(asked: Asked, size: int) -> Sent:
    """Return what one reply carried of an object of this size."""
    if asked.is_refused or size == 0 or asked.sent == 0:
        return NOTHING
    wanted = _wanted(asked, size)
    if not wanted:
        # Any stretch of this length may have been asked for.
        return Sent((), ((0, size),))
    is_whole = asked.sent is not None and asked.sent >= length_of(wanted)
    if is_whole:
        return Sent(wanted)
    if asked.sent is None or (asked.may_be_packed and asked.code == 200):
        return Sent((), wanted)
    return Sent(_first_bytes(wanted, asked.sent))


def _wanted(asked: Asked, size: int) -> Stretches:
    """The bytes that were asked for; nothing where the log does not tell."""
    if asked.range is not None and asked.code != 200:
        return stretches_of(asked.range, size)
    if asked.range is None and asked.code == 206 and asked.sent is not None and asked.sent < size:
        return ()
    return ((0, size),)


def _first_bytes(wanted: Stretches, size: int) -> Stretches:
    made = []
    for first, last in wanted:
        if size <= 0:
            break
        made.append((first, min(last, first + size)))
        size -= last - first
    return tuple(made)


def within(stretches: Stretches, first: int, last: int) -> Stretches:
    """Return the part of these stretches in a piece of the object, counted from the piece's beginning."""
    cut = ((max(start, first) - first, min(stop, last) - first) for start, stop in stretches)
    return tuple((start, stop) for start, stop in cut if start < stop)


def leading(stretches: Stretches) -> int:
    """Return how many bytes from the very beginning on are there without a gap."""
    return stretches[0][1] if stretches and stretches[0][0] == 0 else 0
