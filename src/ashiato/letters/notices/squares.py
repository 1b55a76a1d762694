"""QR codes by the million: one for each check code, at the cost of twelve additions.

The bits of a QR code of fixed size, mode and mask depend on its text by additions without carry alone
(ISO/IEC 18004: the error correction is linear, placing and masking are fixed). So the code for any twelve
digits is the code for twelve zeros with the difference that each digit makes put on top; the differences are
taken once from segno, and a test holds sums against segno's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import segno

from ashiato.letters.notices.codes import DIGITS
from ashiato.letters.notices.pixels import line_bytes, png_of


@dataclass(frozen=True)
class Squares:
    """The QR codes of one page's address followed by a check code. ``side``: modules along a side."""

    page: str
    side: int
    white: int
    zeros: int
    changes: tuple[tuple[int, ...], ...]

    def picture(self, code: str) -> bytes:
        """Return the QR code of ``page`` + ``code`` as a PNG: one bit and one pixel a module, no margin."""
        dark = self.zeros
        for place, digit in enumerate(code):
            dark ^= self.changes[place][int(digit)]
        lines = (self.white ^ dark).to_bytes(self.side * line_bytes(self.side))
        return png_of(self.side, self.side, lines)


@lru_cache(maxsize=16)
def squares_of(page: str) -> Squares:
    """Return the QR codes that lead to ``page`` (an address that a code is put behind)."""
    first = segno.make_qr(page + "0" * DIGITS, error="m", mode="byte", boost_error=False)
    side = len(first.matrix)
    zeros = _dark(page, "0" * DIGITS, first)
    changes = tuple(
        tuple(
            zeros ^ _dark(page, "0" * place + str(digit) + "0" * (DIGITS - place - 1), first)
            for digit in range(10)
        )
        for place in range(DIGITS)
    )
    return Squares(page, side, _bits([[1] * side] * side), zeros, changes)


def _dark(page: str, code: str, like: segno.QRCode) -> int:
    made = segno.make_qr(
        page + code, error="m", mode="byte", boost_error=False, version=like.version, mask=like.mask
    )
    return _bits(made.matrix)


def _bits(matrix: object) -> int:
    """Return modules as the scan lines of a PNG in one number: a filter byte of 0, then a bit per module."""
    number = 0
    for row in matrix:  # type: ignore[attr-defined]
        line = "".join(str(module) for module in row)
        width = 8 * line_bytes(len(line))
        number = number << width | int(line, 2) << (width - 8 - len(line))
    return number
