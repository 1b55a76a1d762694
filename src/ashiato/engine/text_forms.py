"""Text brought into the form in which another engine compares or sorts it, as a function of ours in SQL.

``text_form(text, how)``: NULL stays NULL. It is computed once for each different text of a batch.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine import pattern_forms

#: The function's name in SQL.
NAME = "text_form"

# Where MariaDB 10.11's weights part from ICU's at the first level, among all characters of the basic
# plane: what the left one equals (utf8mb4_unicode_ci, _unicode_520_ci, _uca1400_ai_ci, seen 2026-11-22).
_GEORGIAN = {0x10D0 + n: 0x10A0 + n for n in range(38)}
_ARABIC = {**dict.fromkeys(range(0x870, 0x883), 0x627), 0x883: 0x621, 0x884: 0x648, 0x887: 0x621}
_LETTERS = {
    **_GEORGIAN, **_ARABIC, 0x885: 0x64A, 0x886: 0x64A, 0x8C9: 0x6CC,
    0x9F4: 0x31, 0x9F5: 0x32, 0x9F6: 0x33, 0x9F7: 0x34, 0x1ACC: 0x47, 0x1ACD: 0x52, 0x1ACE: 0x54,
    0x1DE3: 0x52, 0x2C5F: 0x2C2F, 0xA75A: 0x52, 0xA75B: 0x52, 0xA7C0: 0x41, 0xA7C1: 0x41, 0xA7C2: 0x57,
    0xA7C3: 0x57, 0xA7D1: 0xA7D0, 0xA7D7: 0xA7D6, 0xA7D8: 0x53, 0xA7D9: 0x53, 0xA7F2: 0x43, 0xA7F3: 0x46,
    0xA7F4: 0x51,
}  # fmt: skip
_IGNORED = [
    0x6DE, 0x108D, *range(0x890, 0x892), *range(0x898, 0x8A0), *range(0x8CA, 0x8D3), 0xC3C, 0x180F,
    *range(0x1AC1, 0x1ACC), 0x1DFA,
]  # fmt: skip
_BLANKS = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], 0x20)
_UNICODE = {**_LETTERS, **_BLANKS, **dict.fromkeys(_IGNORED)}
#: What ``utf8mb4_general_ci`` alone holds to be one: sharp s and s, two sigmas, the dotless i.
_GENERAL_TOO = str.maketrans("\u00df\u1e9e\u03f2\u0131", "ss\u03c3i")
#: What MySQL's older collations hold to be one and the same: whatever stands beyond the basic plane.
_BEYOND = "\ufffd"
_LAST_OF_PLANE = 0xFFFF
_BEYOND_EUROPE = 0x2000
_HIRAGANA, _TO_KATAKANA = range(0x3041, 0x3097), 0x60
_SMALL = str.maketrans(
    "\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7\u30ee\u30f5\u30f6",
    "\u30a2\u30a4\u30a6\u30a8\u30aa\u30c4\u30e4\u30e6\u30e8\u30ef\u30ab\u30b1",
)


def _jis(text: str) -> str:
    """Return EUC-JP's bytes in hex, by which the C library sorts Japanese; what it lacks comes first."""
    return "".join(map(_jis_character, text))


@lru_cache(maxsize=1 << 16)
def _jis_character(character: str) -> str:
    try:
        return character.encode("euc_jp").hex()
    except UnicodeEncodeError:
        return f"00{ord(character):06x}"


def _general(text: str) -> str:
    """Return what ``utf8mb4_general_ci`` compares: letters without accents, in capitals, one for one."""
    return _letters(text).rstrip(" ")


def _letters(text: str) -> str:
    """Return the same with the blanks behind it, for patterns."""
    return "".join(map(_general_character, text))


@lru_cache(maxsize=1 << 16)
def _general_character(character: str) -> str:
    if ord(character) > _LAST_OF_PLANE:
        return _BEYOND
    if character in "\u00df\u03f2":
        return "S" if character == "\u00df" else "\u03a3"
    parts = unicodedata.normalize("NFD", character)
    bare = len(parts) > 1 and ord(character) < _BEYOND_EUROPE and not unicodedata.combining(parts[0])
    capital = (parts[0] if bare else character).upper()
    return capital if len(capital) == 1 else character


def _uca(text: str) -> str:
    """Return text of which ICU's first level is what MySQL's newer Unicode collations compare."""
    return text.translate(_UNICODE).rstrip(" ")


def _unicode(text: str) -> str:
    """Return text of which ICU's first level is what ``utf8mb4_unicode_ci`` compares."""
    return "".join(_BEYOND if ord(c) > _LAST_OF_PLANE else c for c in _uca(text))


def _widest(text: str) -> str:
    """Return text of which ICU's first level is alike wherever any of MySQL's collations holds it alike."""
    plain = _unicode(text).lower().translate(_GENERAL_TOO)
    while "ss" in plain:
        plain = plain.replace("ss", "s")
    return plain


def _folded(text: str) -> str:
    """Return text letter by letter without case, accent, width or kind of kana, for patterns."""
    return "".join(map(_folded_character, text))


@lru_cache(maxsize=1 << 16)
def _folded_character(character: str) -> str:
    if ord(character) > _LAST_OF_PLANE:
        return _BEYOND
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    equal = chr(_LETTERS.get(ord(character), ord(character))).translate(_GENERAL_TOO)
    parts = [p for p in unicodedata.normalize("NFKD", equal) if not unicodedata.combining(p)]
    katakana = (chr(ord(p) + _TO_KATAKANA) if ord(p) in _HIRAGANA else p for p in parts)
    return "".join(katakana).translate(_SMALL).casefold()


def _bytes(text: str) -> str:
    """Return a character for each byte of a text."""
    return text.encode().decode("latin-1")


def _code(text: str) -> str:
    """Return the number that the bytes of a text's first character make."""
    return str(int.from_bytes(text[:1].encode()))


FORMS: dict[str, Callable[[str], str | None]] = {
    "bytes": _bytes,
    "code": _code,
    "jis": _jis,
    "general": _general,
    "letters": _letters,
    "unicode": _unicode,
    "uca": _uca,
    "widest": _widest,
    "folded": _folded,
    **pattern_forms.FORMS,
}


def form_all(texts: pa.Array, hows: pa.Array) -> pa.Array:
    """Bring many texts into the form named beside each."""
    form = FORMS[hows[0].as_py()]
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    held = whole.dictionary_encode()
    made = pa.array(
        [None if text is None else form(text) for text in held.dictionary.to_pylist()], pa.string()
    )
    return pc.take(made, held.indices)
