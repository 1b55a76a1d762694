"""Text from a table of people made fit to compare: one width, no control characters, no endless values."""

from __future__ import annotations

import re
import unicodedata

#: More than this is no name and no address; the rest of a longer value is not looked at.
MOST_CHARACTERS = 400

# Control characters, soft hyphens, marks of direction, joiners, variation selectors, byte order marks.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e01ef]"
)
_BLANKS = re.compile(r"\s+")
_DASHES = re.compile("[\u2010-\u2015\u2212\u2500\u2501\u30fc\ufe63\ufe58\u02d7\u207b\u208b]")


def clean(text: str) -> str:
    """Return text in one width (NFKC), without what no reader sees, blanks joined, at most so long."""
    seen = text[:MOST_CHARACTERS]
    if seen.isascii() and seen.isprintable() and "  " not in seen:
        return seen.strip()
    seen = _UNSEEN.sub("", seen)
    if not unicodedata.is_normalized("NFKC", seen):
        seen = unicodedata.normalize("NFKC", seen)
    return _BLANKS.sub(" ", seen).strip()


def join_dashes(text: str) -> str:
    """Return text with every stroke that people write for a hyphen (also the long vowel's) as one."""
    return _DASHES.sub("-", text)
