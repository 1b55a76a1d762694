"""Check codes: 12 digits on every message, by which a person or a desk finds out that it is genuine.

Eleven digits come from an HMAC over the notice's reference under the case's key, so that nobody without the
key can make one; the twelfth is a check digit (H. M. Damm, 2004) that catches every single wrong digit and
every swap of two neighbours. A code says that a message is ours and nothing of its reader: it is read aloud,
printed on paper and guessed at (five million codes make one in 20,000 guesses right), so whoever answers to
one limits tries and shows no personal data for it alone.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Iterator, MutableSet
from dataclasses import dataclass

DIGITS = 12
_PAYLOAD = DIGITS - 1
_KEY_BYTES = 16
_SEPARATORS = frozenset("-‐‑‒–—―−ー－ \t\u3000.・")
#: A totally anti-symmetric quasigroup of order 10 with zeros on its diagonal (Damm 2004, page 111).
_QUASIGROUP = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


@dataclass(frozen=True)
class Allotted:
    """A code given to a notice. ``counter``: how many codes of its own were taken before."""

    reference: str
    code: str
    counter: int


def code_of(key: bytes, reference: str, counter: int = 0) -> str:
    """Return the code of a reference under a key (at least 16 bytes); ValueError for a shorter one."""
    if len(key) < _KEY_BYTES:
        raise ValueError(f"a key of {len(key)} bytes: a code needs {_KEY_BYTES} at least")
    said = f"check code\0{counter}\0{reference}".encode("utf-8", "surrogatepass")
    number = int.from_bytes(hmac.digest(key, said, hashlib.sha256)) % 10**_PAYLOAD
    digits = f"{number:0{_PAYLOAD}}"
    return digits + str(check_digit(digits))


def allot_codes(key: bytes, references: Iterable[str], taken: MutableSet[str]) -> Iterator[Allotted]:
    """Yield a code for each reference, in order, none of which is in ``taken``; adds them to it."""
    for reference in references:
        counter = 0
        while (code := code_of(key, reference, counter)) in taken:
            counter += 1
        taken.add(code)
        yield Allotted(reference, code, counter)


def check_digit(digits: str) -> int:
    """Return the digit that makes ``digits`` whole: what ends the walk through the quasigroup at 0."""
    state = 0
    for digit in digits:
        state = _QUASIGROUP[state][int(digit)]
    return state


def is_whole(code: str) -> bool:
    """Whether these are 12 digits whose check digit is right."""
    return len(code) == DIGITS and code.isascii() and code.isdigit() and check_digit(code) == 0


def grouped(code: str) -> str:
    """Write a code as it is read aloud: ``1234-5678-9012``."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(typed: str) -> str:
    """Return what a person typed without its separators, full-width digits as plain ones; not yet checked."""
    plain = unicodedata.normalize("NFKC", typed[:200])
    return "".join(char for char in plain if char not in _SEPARATORS)
