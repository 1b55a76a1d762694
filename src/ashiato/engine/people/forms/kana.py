"""How a name sounds, in plain letters: kana of any kind and romaji of any school come to the same.

Long vowels, doubled consonants and the two ways to write ji and zu are not told apart: registers, forms and
card machines do not agree on them. A form to compare by, not to print.
Source of the systems folded: Cabinet notice 1 of 1954-12-09 (romaji), its tables 1 and 2.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import jaconv

_KANA = re.compile("[\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe]")
_OTHER = re.compile("[^a-z]")
_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サシスセソ", "z": "ザジズゼゾ",
    "t": "タチツテト", "d": "ダヂヅデド", "n": "ナニヌネノ", "h": "ハヒフヘホ", "b": "バビブベボ",
    "p": "パピプペポ", "m": "マミムメモ", "r": "ラリルレロ",
}  # fmt: skip
_SYLLABLES = {
    kana: consonant + vowel
    for consonant, row in _ROWS.items()
    for kana, vowel in zip(row, "aiueo", strict=True)
}
_LETTERS = str.maketrans({
    **_SYLLABLES, "ヂ": "zi", "ヅ": "zu", "ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ワ": "wa", "ヰ": "i",
    "ヱ": "e", "ヲ": "o", "ン": "n", "ヴ": "b", "ッ": "", "ー": "", "ァ": "A", "ィ": "I", "ゥ": "U",
    "ェ": "E", "ォ": "O", "ャ": "Ya", "ュ": "Yu", "ョ": "Yo", "ヮ": "Wa", "ヵ": "ka", "ヶ": "ke",
})  # fmt: skip
# A small letter takes the vowel before it away: kiYa is kya, huA is ha.
_SMALL = re.compile("[aiueo](?=[AIUEOYW])")
# Hepburn, passport and English ways, longest first, and what they are in the official table; with the letters
# each begins with, since a word is sooner searched for these.
_SCHOOLS = tuple(
    (re.split("[^a-z]", way, maxsplit=1)[0], re.compile(way), form)
    for way, form in (
        ("tch", "tt"), ("sh(?=[auoe])", "sy"), ("sh", "s"), ("ch(?=[auoe])", "ty"), ("ch", "t"),
        ("ts", "t"), ("dzu", "zu"), ("dz", "z"), ("j(?=[auoe])", "zy"), ("j", "z"), ("f", "h"),
        ("v", "b"), ("l", "r"), ("m(?=[bpm])", "n"), ("wo", "o"), ("oh(?![aiueoy])", "o"),
        ("di", "zi"), ("du", "zu"), ("o[uo]", "o"), ("uu", "u"), ("ii", "i"), ("aa", "a"), ("ee", "e"),
        # Card machines and banks have no small kana: シヨウ is ショウ.
        (r"([bghkmnprstz])iy(?=[aou])", r"\1y"),
        (r"([bcdghkmnprstwyz])\1+", r"\1"),
    )
)  # fmt: skip


def sound_of(text: str) -> str | None:
    """Return how a cleaned name sounds, as letters a to z; None where kanji or another script is in it."""
    kana = jaconv.hira2kata(text.casefold()) if _KANA.search(text) else text.casefold()
    letters = _SMALL.sub("", kana.translate(_LETTERS)).lower()
    plain = unicodedata.normalize("NFKD", letters)
    if any(ord(character) > 0x7F and character.isalpha() for character in plain):
        return None
    return _folded(_OTHER.sub("", plain)) or None


@lru_cache(maxsize=1 << 16)
def _folded(letters: str) -> str:
    for sign, way, form in _SCHOOLS:
        if sign in letters:
            letters = way.sub(form, letters)
    return letters
