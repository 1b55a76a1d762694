"""Sets of characters (or numbers): which of them say yes to a question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ashiato.engine.exposures.transcripts.values import CHARACTERS, NULL_PLACE, PLACES

_LOW = 256
#: In a short set, the bit of all codes from 256 on, and the bit of NULL.
_REST, _NULL = 1 << _LOW, 1 << (_LOW + 1)
_ALL_SHORT = (1 << (_LOW + 2)) - 1
_ALL_LONG = np.packbits(np.arange(PLACES) <= NULL_PLACE)
_MOST_TOLD = 64


@dataclass(frozen=True)
class Met:
    """A set of codes: short where all codes from 256 on are alike (one number's bits), else packed bits."""

    short: int | None
    long: np.ndarray | None = None

    def packed(self) -> np.ndarray:
        """Return the set as packed bits over all places."""
        if self.long is not None:
            return self.long
        bits = self.short or 0
        met = np.zeros(PLACES, dtype=bool)
        met[[code for code in range(_LOW) if bits >> code & 1]] = True
        met[_LOW:CHARACTERS] = bool(bits & _REST)
        met[NULL_PLACE] = bool(bits & _NULL)
        return np.packbits(met)


def met_of(places: np.ndarray) -> Met:
    """Return the set of the places that are true."""
    rest = places[_LOW:CHARACTERS]
    if not (rest.all() or not rest.any()):
        return Met(None, np.packbits(places))
    low = sum(1 << int(code) for code in np.flatnonzero(places[:_LOW]))
    return Met(low | (_REST if rest[0] else 0) | (_NULL if places[NULL_PLACE] else 0))


def met_by(codes: Iterable[int]) -> Met:
    """Return the set of these codes."""
    met = np.zeros(PLACES, dtype=bool)
    met[list(codes)] = True
    return met_of(met)


def narrow(answers: Sequence[tuple[Met, bool]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the codes that are left after the answers, the last first, none where they are many.

    Beside them, for each answer that leaves nothing beside those after it, how many were left then (0: many).
    """
    if all(met.short is not None for met, _ in answers):
        return _narrow_short(answers)
    return _narrow_long(answers)


def _narrow_short(answers: Sequence[tuple[Met, bool]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    left, set_aside = _ALL_SHORT, []
    for met, answer in reversed(answers):
        bits = met.short or 0
        allowed = left & (bits if answer else ~bits)
        if allowed:
            left = allowed
        else:
            set_aside.append(len(_short_codes(left)))
    return _short_codes(left), tuple(set_aside)


def _narrow_long(answers: Sequence[tuple[Met, bool]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    left, set_aside = _ALL_LONG, []
    for met, answer in reversed(answers):
        allowed = left & (met.packed() if answer else ~met.packed())
        if allowed.any():
            left = allowed
        else:
            set_aside.append(len(_long_codes(left)))
    return _long_codes(left), tuple(set_aside)


def _short_codes(bits: int) -> tuple[int, ...]:
    if bits & _REST or bits.bit_count() > _MOST_TOLD:
        return ()
    codes = [code for code in range(_LOW) if bits >> code & 1]
    return tuple([*codes, NULL_PLACE] if bits & _NULL else codes)


def _long_codes(left: np.ndarray) -> tuple[int, ...]:
    filled = np.flatnonzero(left)
    if len(filled) > _MOST_TOLD:
        return ()
    codes = [int(byte) * 8 + bit for byte in filled for bit in range(8) if left[byte] >> (7 - bit) & 1]
    return tuple(codes) if len(codes) <= _MOST_TOLD else ()
