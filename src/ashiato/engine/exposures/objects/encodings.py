"""Which encoding a text is in: UTF-8, UTF-16, CP932 (Shift_JIS), EUC-JP, and how to read it bytewise.

The multi-byte ones are told apart by which of them makes sense: no invalid bytes, and characters that
Japanese text is made of. Line ends, commas, quotes and tabs are single bytes in all but UTF-16.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

_SAMPLE = 1 << 18
_LEAST_SCORE = 0.3
_LAST_ASCII = 127
_HALF_WIDTH_WORDS = re.compile("[\uff66-\uff9f]{2,}")
_JAPANESE = frozenset(
    {*range(0x3041, 0x30FF), *range(0x4E00, 0x9FA0), *range(0xFF01, 0xFFA0), 0x3000, 0x3001}
)


def encoding_of(content: bytes) -> str | None:
    """Return the encoding of a text file by its content, or None for one that is no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = content[:_SAMPLE]
    if b"\0" in sample:
        return _bare_utf16(sample)
    for cut in range(4):
        try:
            sample[: len(sample) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        else:
            return "utf-8" if _is_text(sample) else None
    return _best_of(sample)


def _is_text(sample: bytes) -> bool:
    codes = np.frombuffer(sample, np.uint8)
    strange = (codes < 32) & ((codes < 8) | (codes > 13)) & (codes != 27)
    return not len(codes) or float(np.mean(strange)) < 0.02


def _bare_utf16(sample: bytes) -> str | None:
    even, odd = sample[0::2], sample[1::2]
    if even.count(0) > 0.3 * len(even) and odd.count(0) < 0.05 * len(odd):
        return "utf-16-be"
    return "utf-16-le" if odd.count(0) > 0.3 * len(odd) and even.count(0) < 0.05 * len(even) else None


def _best_of(sample: bytes) -> str | None:
    if not _is_text(sample):
        return None
    scores = {}
    for name in ("utf-8", "cp932", "euc_jp"):
        text = sample.decode(name, "replace")
        high = sum(1 for char in text if ord(char) > _LAST_ASCII)
        good = sum(1 for char in text if ord(char) in _JAPANESE and not 0xFF61 <= ord(char) < 0xFFA0)
        scores[name] = good / max(1, high) - 3 * text.count("\ufffd") / max(1, high)
    best = max(scores, key=lambda name: scores[name])
    if scores[best] > _LEAST_SCORE:
        return best
    # Half-width kana are single bytes: in words they are CP932, one by one the accents of another script.
    text = sample.decode("cp932", "replace")
    words = sum(len(found) for found in _HALF_WIDTH_WORDS.findall(text))
    high = sum(1 for char in text if ord(char) > _LAST_ASCII)
    return "cp932" if words > high / 2 else "latin-1"


def to_bytewise(content: bytes, encoding: str) -> tuple[bytes, str, npt.NDArray[np.int64] | None]:
    """Return text in an encoding that can be cut bytewise, its name, and the original place of each byte."""
    if not encoding.startswith("utf-16"):
        return content, encoding, None
    mark = 2 if content[:2] in (b"\xff\xfe", b"\xfe\xff") else 0
    order = encoding if mark == 0 else ("utf-16-le" if content[:2] == b"\xff\xfe" else "utf-16-be")
    plain = content[mark:].decode(order, "replace").encode("utf-8", "replace")
    codes = np.frombuffer(plain, np.uint8)
    units = np.where(codes >= 0xF0, 2, np.where((codes & 0xC0) == 0x80, 0, 1))
    places = np.concatenate(([0], np.cumsum(units))) * 2 + mark
    # Inside a character the next one's place would be too far.
    inside = np.append((codes & 0xC0) == 0x80, np.array([False]))
    places[inside] = -1
    return plain, "utf-8", places.astype(np.int64)
