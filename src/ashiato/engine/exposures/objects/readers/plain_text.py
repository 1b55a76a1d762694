"""Running text: paragraphs are units, and a line of a label and a value is a cell under the label."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ashiato.engine.exposures.objects.cells import LONGEST_CELL, Cell

_LABELLED = re.compile(r"\s*([^\s:：=,、。\d]{1,24})(?:\s*[:：=]\s*|[ \u3000\t]+)(\S.*?)\s*")
#: A text this short is of one matter; longer ones are cut at blank lines.
_SHORT_LINES = 40
_LONGEST_UNIT = 60


def read_plain_text(content: bytes, encoding: str) -> Iterator[Cell]:
    """Yield the lines of a text, each as a value under its label, else as running text."""
    lines = content.split(b"\n")
    is_short = len(lines) <= _SHORT_LINES
    unit, in_unit, place = 1, 0, 0
    for raw in lines:
        text = raw.decode(encoding, "replace").strip("\r\ufeff")
        if not text.strip():
            if in_unit and not is_short:
                unit, in_unit = unit + 1, 0
        else:
            yield from cells_of_line(unit, text[:LONGEST_CELL], place, place + len(raw), encoding)
            in_unit += 1
            if in_unit >= _LONGEST_UNIT:
                unit, in_unit = unit + 1, 0
        place += len(raw) + 1


def cells_of_line(unit: int, text: str, first: int, last: int, encoding: str) -> Iterator[Cell]:
    """Yield a line's cell; ``encoding`` says how long its label is in bytes."""
    found = _LABELLED.fullmatch(text)
    if found is None:
        yield Cell(unit, "", text, first, last, is_text=True)
        return
    begins = first + len(text[: found.start(2)].encode(encoding, "replace"))
    yield Cell(unit, found[1], found[2], begins, last, is_text=True)
