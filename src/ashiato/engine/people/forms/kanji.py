"""Old and new shapes of one kanji, folded by the shipped table ``kanji.txt``."""

from __future__ import annotations

import functools
from importlib import resources


@functools.cache
def kanji_shapes() -> dict[int, str]:
    """Return each shape's code point with the kanji by which it is compared."""
    text = resources.files(__package__).joinpath("kanji.txt").read_text(encoding="utf-8")
    rows = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return {ord(shape): kept for kept, shapes in rows for shape in shapes}


def fold_kanji(text: str) -> str:
    """Return text with each kanji in the shape by which it is compared."""
    return text.translate(kanji_shapes())
