"""Lines that follow one template, taken apart many at a time.

A template's quotes stand at the same ordinal places in every line, and so do the blanks outside them.
Lines for which that does not hold are left to the exact way of their format, which this way must agree
with to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.spans import (
    Bytes,
    Ints,
    Truths,
    cut_out,
    equals_at,
    has_byte,
    have_each,
    places_of,
    replaced,
    spans_of,
    text_of,
)
from ashiato.engine.reading.usual_widths import Token, UsualWords, usual_words_of

_BACKSLASH = ord("\\")
_QUOTE = ord('"')
_DASH = ord("-")
_BLANK = ord(" ")
_TAB = 9
_RETURN = 13


@dataclass(frozen=True)
class Shape:
    """How a value is written outside quotes: the blanks inside it, its usual width or its usual text."""

    blanks: int = 0
    usual: int | bytes | None = None


_PLAIN = Shape()


@dataclass(frozen=True)
class Word:
    """A stretch outside quotes without blanks: at most one value between fixed texts."""

    before: bytes
    value: int | None
    after: bytes
    shape: Shape = _PLAIN


@dataclass(frozen=True)
class Section:
    """What stands between two quotes of a line: fixed text, one whole value, or words."""

    literal: bytes | None = None
    value: int | None = None
    words: tuple[Word, ...] = ()
    usual: UsualWords | None = None


@dataclass(frozen=True)
class Matched:
    """The lines that fit (their indexes in the block) and where each value stands in the content."""

    rows: Ints
    starts: dict[int, Ints]
    stops: dict[int, Ints]
    held: dict[int, pa.Array]
    content: bytes
    codes: Bytes
    is_ascii: bool
    has_escapes: bool

    def text(self, value: int, undo: Callable[[bytes], bytes] | None = None) -> pa.Array:
        """One value of every line as text, after ``undo`` where it has a backslash."""
        starts, stops = self.starts[value], self.stops[value]
        if (stops - starts == 1).all() and (self.codes[starts] == _DASH).all():
            return pa.repeat(pa.scalar("-"), len(starts))
        array = self.held[value] if value in self.held else cut_out(self.content, starts, stops)
        if undo is not None and self.has_escapes and has_byte(array, _BACKSLASH):
            return text_of(replaced(array, pc.match_substring(array, "\\"), undo))
        return array.view(pa.string()) if self.is_ascii else text_of(array)


class Misfit(Exception):  # noqa: N818
    """Some lines do not fit: ``good`` tells which do."""

    def __init__(self, good: Truths) -> None:
        """Keep which lines fit."""
        super().__init__()
        self.good = good


class Template:
    """A line's sections, by number of quote signs passed: even ones are outside quotes."""

    def __init__(self, sections: Sequence[Section], *, escapes: bool) -> None:
        """Sections of a whole line, first and last outside quotes; ``escapes``: values may have them."""
        self._sections = tuple(sections)
        self._escapes = escapes

    def match(self, block: Block) -> Matched:
        """Take apart the lines that fit."""
        codes, content = block.codes, block.content
        quotes = places_of(codes, _QUOTE)
        starts, stops = block.starts, _without_line_ends(codes, block)
        rows = np.flatnonzero(have_each(quotes, len(self._sections) - 1, starts, stops))
        has_escapes = b"\\" in content
        if has_escapes:
            escapes = places_of(codes[:-1], _BACKSLASH)
            # An escaped quote ends no value, which counting quotes cannot know.
            escapes = escapes[codes[escapes + 1] == _QUOTE] if self._escapes else escapes
            rows = rows[have_each(escapes, 0, starts[rows], stops[rows])]
        while True:
            bounds = self._bounds(quotes, starts[rows], stops[rows])
            held: dict[int, pa.Array] = {}
            try:
                spans = self._spans(codes, bounds, held)
            except Misfit as misfit:
                rows = rows[misfit.good]
                continue
            first, last = ({value: span[end] for value, span in spans.items()} for end in (0, 1))
            return Matched(rows, first, last, held, content, codes, content.isascii(), has_escapes)

    def _bounds(self, quotes: Ints, starts: Ints, stops: Ints) -> list[Ints]:
        """Each section's end as one array over the lines, the place before the first section in front."""
        many = len(self._sections) - 1
        if len(quotes) == many * len(starts):
            table = quotes.reshape(len(starts), many)
        else:
            table = quotes[np.searchsorted(quotes, starts)[:, None] + np.arange(many)]
        return [starts - 1, *(np.ascontiguousarray(table[:, i]) for i in range(many)), stops]

    def _spans(
        self, codes: Bytes, bounds: list[Ints], held: dict[int, pa.Array]
    ) -> dict[int, tuple[Ints, Ints]]:
        spans: dict[int, tuple[Ints, Ints]] = {}
        for index, section in enumerate(self._sections):
            starts, stops = bounds[index] + 1, bounds[index + 1]
            if section.value is not None:
                spans[section.value] = (starts, stops)
            elif section.literal is not None:
                length = len(section.literal)
                _require((stops - starts == length) & equals_at(codes, starts, section.literal))
            else:
                usual = section.usual and section.usual.spans(codes, starts, stops, held)
                spans.update(usual or _spans_of_words(codes, starts, stops, section.words))
        return spans


def template_of(
    literals: Sequence[bytes], shapes: Sequence[Shape], *, escapes: bool = False
) -> Template | None:
    """The template of fixed texts with a value between each two; None where it cannot be told apart so.

    ``shapes``: how each value is written when it stands outside quotes.
    """
    sections = []
    for number, parts in enumerate(_parts_between_quotes(literals)):
        section = _section_of(parts, shapes, quoted=number % 2 == 1)
        if section is None:
            return None
        sections.append(section)
    return Template(sections, escapes=escapes) if len(sections) % 2 == 1 else None


def _parts_between_quotes(literals: Sequence[bytes]) -> list[list[bytes | int]]:
    sections: list[list[bytes | int]] = [[]]
    for index, literal in enumerate(literals):
        head, *others = literal.split(b'"')
        sections[-1] += [head] if head else []
        sections += [[other] if other else [] for other in others]
        sections[-1] += [index] if index + 1 < len(literals) else []
    return sections


def _section_of(parts: list[bytes | int], shapes: Sequence[Shape], *, quoted: bool) -> Section | None:
    match parts:
        case []:
            return Section(literal=b"")
        case [bytes(literal)]:
            return Section(literal=literal)
        case [int(value)] if quoted:
            return Section(value=value)
    words = None if quoted else _words_of(parts, shapes)
    return None if words is None else Section(words=words, usual=usual_words_of(_tokens_of(words)))


def _tokens_of(words: tuple[Word, ...]) -> list[Token]:
    tokens: list[Token] = []
    for number, word in enumerate(words):
        tokens += [b" "] if number else []
        tokens.append(word.before)
        if word.value is not None:
            tokens.append((word.value, word.shape.usual))
        tokens.append(word.after)
    return tokens


def _words_of(parts: list[bytes | int], shapes: Sequence[Shape]) -> tuple[Word, ...] | None:
    split: list[list[bytes | int]] = [[]]
    for part in parts:
        if isinstance(part, int):
            split[-1].append(part)
            continue
        head, *others = part.split(b" ")
        split[-1] += [head] if head else []
        split += [[other] if other else [] for other in others]
    words = [_word_of(each, shapes) for each in split]
    return tuple(word for word in words if word) if all(words) else None


def _word_of(parts: list[bytes | int], shapes: Sequence[Shape]) -> Word | None:
    before, after = b"", b""
    values = [part for part in parts if isinstance(part, int)]
    if len(values) > 1:
        return None
    if parts and isinstance(parts[0], bytes):
        before = parts[0]
    if values and isinstance(parts[-1], bytes):
        after = parts[-1]
    return Word(before, values[0], after, shapes[values[0]]) if values else Word(before, None, after)


def _spans_of_words(
    codes: Bytes, starts: Ints, stops: Ints, words: tuple[Word, ...]
) -> dict[int, tuple[Ints, Ints]]:
    many = len(words) - 1 + sum(word.shape.blanks for word in words)
    blanks = _blanks_of(codes, starts, stops, many)
    spans = {}
    first, passed = starts, 0
    for number, word in enumerate(words):
        passed += word.shape.blanks
        last = stops if number == len(words) - 1 else blanks[passed]
        begin, end = first + len(word.before), last - len(word.after)
        fits = end >= begin if word.value is not None else end == begin
        for at, literal in ((first, word.before), (end, word.after)):
            if literal:
                fits = fits & equals_at(codes, np.maximum(at, 0), literal)
        _require(fits)
        if word.value is not None:
            spans[word.value] = (begin, end)
        first, passed = last + 1, passed + 1
    return spans


def _blanks_of(codes: Bytes, starts: Ints, stops: Ints, many: int) -> list[Ints]:
    """The places of the blanks in each stretch, of which there must be ``many``; no control bytes."""
    text, offsets = spans_of(cut_out(codes, starts, stops))
    text = text[: offsets[-1]]
    if (text < _BLANK).any():
        _require(have_each(np.flatnonzero(text < _BLANK), 0, offsets[:-1], offsets[1:]))
    places = places_of(text, _BLANK)
    _require(have_each(places, many, offsets[:-1], offsets[1:]))
    table, moved = places.reshape(len(starts), many), starts - offsets[:-1]
    return [table[:, i] + moved for i in range(many)]


def _without_line_ends(codes: Bytes, block: Block) -> Ints:
    """Where each line's text ends: without a carriage return, then without a few blanks."""
    stops = block.stops
    last = codes[stops - 1]
    if not ((last == _RETURN) | (last == _BLANK) | (last == _TAB)).any():
        return stops
    for one, other in ((_RETURN, _RETURN), (_BLANK, _TAB), (_BLANK, _TAB)):
        last = codes[stops - 1]
        drop = (last == one) | (last == other)
        if drop.any():
            stops = stops - (drop & (stops > block.starts))
    return stops


def _require(good: Truths) -> None:
    if not good.all():
        raise Misfit(good)
