"""Which characters the packaged font can print, and how wide; others go to a person, not to the printer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

from fontTools.ttLib import TTFont

from ashiato.letters.notices.unsafe import name_of

_SELECTORS = frozenset((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))


@dataclass(frozen=True)
class _Glyphs:
    """A font's characters with their widths in em, and its pairs of a character and a selector of a form."""

    widths: Mapping[int, float]
    forms: frozenset[tuple[int, int]]


def unprintable_in(text: str) -> Iterator[str]:
    """Yield what cannot be printed as written: ``U+1F600``, or ``U+845B U+E01EF`` for an unknown form."""
    known = _glyphs()
    for number, char in enumerate(text):
        if is_selector(char):
            base = text[number - 1] if number else ""
            if not base or (ord(base), ord(char)) not in known.forms:
                yield " ".join(map(name_of, base + char))
        elif ord(char) not in known.widths:
            yield name_of(char)


def width_of(text: str) -> float:
    """Return how wide a text is set, in em; a character that the font lacks counts as a full one."""
    widths = _glyphs().widths
    return sum(0.0 if is_selector(char) else widths.get(ord(char), 1.0) for char in text)


def is_selector(char: str) -> bool:
    """Whether a character only says in which form the one before it is written."""
    return ord(char) in _SELECTORS


@cache
def _glyphs() -> _Glyphs:
    place = files("noto_cjk_sans_jp_bold").joinpath("NotoSansCJKjp-Bold.otf")
    with as_file(place) as path, TTFont(path, lazy=True) as font:
        cmap, widths, em = font["cmap"], font["hmtx"].metrics, font["head"].unitsPerEm
        forms = {
            (base, selector)
            for part in cmap.tables
            if part.format == 14
            for selector, pairs in part.uvsDict.items()
            for base, _ in pairs
        }
        return _Glyphs(
            {char: widths[glyph][0] / em for char, glyph in cmap.getBestCmap().items()}, frozenset(forms)
        )
