"""Tokens: the folded values of cells, and those that stand inside running text: addresses, numbers, names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from ashiato.engine.exposures.objects.cells import LONGEST_CELL, Cell
from ashiato.engine.exposures.objects.folding import fold, fold_date

# Every repeat is bounded or begins at a border: files are hostile, and the time must not grow as a square.
# Letters are those of addresses alone, for Japanese text stands right beside them without a blank.
_INSIDE = re.compile(
    r"""
      (?<![A-Za-z0-9０-９Ａ-Ｚａ-ｚ.%'_+-])[A-Za-z0-9０-９Ａ-Ｚａ-ｚ.%'_+-]{1,64}[@＠]
      [A-Za-z0-9０-９Ａ-Ｚａ-ｚ-]{1,63}(?:[.．][A-Za-z0-9０-９Ａ-Ｚａ-ｚ-]{1,63})+
    | (?<![\d０-９])(?:\+81[\s-]?|[0０])[\d０-９](?:[-ー－‐()（）\s]?[\d０-９]){7,10}(?![\d０-９])
    | (?<![\d０-９])[\d０-９]{3}[-－‐][\d０-９]{4}(?![\d０-９-])
    | (?:\d{4}|(?:明治|大正|昭和|平成|令和)\s*(?:\d{1,2}|元))\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2}\s*日?
    | (?<![A-Za-z0-9])[A-Za-z]{0,6}[-_]?\d{4,}(?:-\d+)*(?![A-Za-z0-9])
    """,
    re.VERBOSE,
)
_BLANKS = re.compile(r"[ \u3000\t]")
_WORD = re.compile(r"[^\W\d_]+")
_CJK = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff々]")


@dataclass(frozen=True)
class Token:
    """One value as it can be looked up: its folded form and its bytes; ``is_inside``: part of a cell."""

    text: str
    byte_first: int
    byte_last: int
    is_inside: bool


class Names:
    """The beginnings of people's names, so that running text is looked up only where a name may stand."""

    def __init__(self, beginnings: Iterable[tuple[str, int]]) -> None:
        """``beginnings``: the first two characters of folded names, and the names' lengths."""
        held: Mapping[str, set[int]] = defaultdict(set)
        for text, length in beginnings:
            held[text].add(length)
        self._lengths = {text: tuple(sorted(lengths)) for text, lengths in held.items()}

    def find(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Yield what may be a name: its folded form, and its first and last place in the text."""
        places = [place for place, char in enumerate(text) if not _BLANKS.match(char)]
        packed = "".join(text[place] for place in places)
        plain = [fold(char) for char in packed]
        starts = {found.start() for found in _WORD.finditer(text)}
        for at in range(len(plain) - 1):
            lengths = self._lengths.get(plain[at] + plain[at + 1])
            if not lengths or not (_CJK.match(packed[at]) or places[at] in starts):
                continue
            for length in lengths:
                if at + length <= len(plain):
                    yield "".join(plain[at : at + length]), places[at], places[at + length - 1] + 1


def tokens_of(cell: Cell, names: Names, encoding: str | None) -> Iterator[Token]:
    """Yield the tokens of a cell: the cell itself, and what stands inside running text.

    ``encoding``: of text whose bytes are its characters', so that a part of a cell has bytes of its own.
    """
    whole = fold_date(cell.text) or fold(cell.text)
    if whole:
        yield Token(whole, cell.byte_first, cell.byte_last, is_inside=False)
    if not cell.is_text:
        return
    text = cell.text[:LONGEST_CELL]
    found = [(fold_date(each[0]) or fold(each[0]), *each.span()) for each in _INSIDE.finditer(text)]
    found += names.find(text)
    found += _names_from_label(cell.header, text, names)
    places = _byte_places(cell, text, encoding) if found and encoding else None
    for plain, first, last in found:
        if plain and plain != whole:
            yield Token(plain, *_bytes_of(cell, places, first, last), is_inside=True)


def _names_from_label(label: str, text: str, names: Names) -> Iterator[tuple[str, int, int]]:
    """Yield what may be a name and begins in what looks like a label: a family name and a blank do.

    Places are those of the text: what stands in the label alone is put at the text's beginning.
    """
    behind = len(label) + 1
    for plain, first, last in names.find(f"{label} {text}") if label else ():
        if first < len(label):
            yield plain, 0, max(1, last - behind)


def _byte_places(cell: Cell, text: str, encoding: str) -> list[int]:
    """Return the byte at which each character begins, and the one behind the last."""
    sizes = (len(char.encode(encoding, "replace")) for char in text)
    return list(accumulate(sizes, initial=cell.byte_first))


def _bytes_of(cell: Cell, places: list[int] | None, first: int, last: int) -> tuple[int, int]:
    if places is not None and places[last] <= cell.byte_last:
        return places[first], places[last]
    return cell.byte_first, cell.byte_last
