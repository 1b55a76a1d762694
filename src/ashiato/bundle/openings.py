"""What a code opens: a proof that it is ours, and with the contact it was sent to, one's own fields.

A code has 11 free digits, so of its hash alone it could be guessed. What lies in the public store is a keyed
hash (``fingerprint_of``), and a record under the output of an OPRF of code and contact together
(``opening_input``); both keys are files of the public process, never in its store.

A record is ``MARK`` bytes by which it is found, the masked grades, and ``SEAL`` bytes by which a change
shows. Its key is used for one text only, so a mask of the same length is enough.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MARK, SEAL = 12, 8
FINGERPRINT = 16
_SEAL_KEY = 32
_EACH = 4
#: A grade as two bits: 0 is not told.
GRADES = (0, 2, 3, 4)


@dataclass(frozen=True)
class Opening:
    """What finds and opens one record."""

    output: bytes

    def mark(self) -> bytes:
        """Return by what the record is found."""
        return self._stretched(MARK)

    def close(self, payload: bytes) -> bytes:
        """Return the record of a payload."""
        return self.mark() + self._masked(payload) + self._sealed(payload)

    def open(self, record: bytes) -> bytes | None:
        """Return the payload; None where the record is another's or was changed."""
        if not hmac.compare_digest(record[:MARK], self.mark()):
            return None
        payload = self._masked(record[MARK:-SEAL])
        return payload if hmac.compare_digest(self._sealed(payload), record[-SEAL:]) else None

    def find(self, records: bytes, size: int) -> bytes | None:
        """Return the payload of the one record of these that it opens; every record is looked at."""
        found = [self.open(records[start : start + size]) for start in range(0, len(records), size)]
        return next((each for each in found if each is not None), None)

    def _masked(self, payload: bytes) -> bytes:
        mask = self._stretched(MARK + _SEAL_KEY + len(payload))[MARK + _SEAL_KEY :]
        return bytes(left ^ right for left, right in zip(payload, mask, strict=True))

    def _sealed(self, payload: bytes) -> bytes:
        key = self._stretched(MARK + _SEAL_KEY)[MARK:]
        return hmac.digest(key, payload, hashlib.sha256)[:SEAL]

    def _stretched(self, length: int) -> bytes:
        blocks = -(-length // hashlib.sha512().digest_size)
        return b"".join(
            hmac.digest(self.output, f"own fields {number}".encode(), hashlib.sha512)
            for number in range(blocks)
        )[:length]


def fingerprint_of(pepper: bytes, code: str) -> bytes:
    """Return by what the public store knows a code."""
    return hmac.digest(pepper, b"code\0" + code.encode(), hashlib.sha256)[:FINGERPRINT]


def canary_mark(pepper: bytes, fingerprint: bytes) -> str:
    """Return by what the public process knows that a code stands on no message."""
    return hmac.digest(pepper, b"canary\0" + fingerprint, hashlib.sha256)[:8].hex()


def opening_input(code: str, contact: str) -> bytes:
    """Return what the OPRF is asked: the code and the contact (``plain_contact``) it was sent to."""
    return b"\0".join((b"own fields", code.encode(), contact.encode()))


def bucket_of(asked: bytes, bits: int) -> int:
    """Return in which of ``2**bits`` buckets a record lies: the first bits of SHA-256."""
    return int.from_bytes(hashlib.sha256(asked).digest()[:2], "big") >> (16 - bits)


def pack_grades(edition: int, grades: Sequence[int]) -> bytes:
    """Return which edition of a notice told this, and a grade (0, or 2 to 4) per field, two bits each."""
    packed = bytearray(-(-len(grades) // _EACH))
    for place, grade in enumerate(grades):
        packed[place // _EACH] |= GRADES.index(grade) << 2 * (place % _EACH)
    return bytes([min(edition, 255)]) + bytes(packed)


def unpack_grades(payload: bytes, count: int) -> Iterator[int]:
    """Yield the grade of each of ``count`` fields."""
    for place in range(count):
        yield GRADES[payload[1 + place // _EACH] >> 2 * (place % _EACH) & 3]


def size_of(fields: int) -> int:
    """Return the bytes of a record that tells of so many fields."""
    return MARK + 1 + -(-fields // _EACH) + SEAL
