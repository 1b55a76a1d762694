"""Statements by their words and values: which logged ones may be those that a request is known to run."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ashiato.engine.exposures.binds import parse_binds
from ashiato.engine.exposures.masks import is_mask

VALUE = re.compile(r"'(?:[^']|'')*'|\$[0-9]+|\{\w+\}|\bnull\b|\b[0-9]+(?:\.[0-9]+)?\b", re.IGNORECASE)
_BLANK = re.compile(r"(?:\s|/\*.*?\*/)+", re.DOTALL)
_EXPLAINS = re.compile(r"^\s*explain\b(?:\s*\([^()]*\)|\s*\banaly[sz]e\b|\s*\bverbose\b)*\s*", re.IGNORECASE)
#: Numbers of more digits are compared as text: arithmetic would round them.
_MOST_DIGITS = 28

#: Values in the order they stand, None: not known, and may be any.
Values = tuple[str | None, ...]


@dataclass(frozen=True)
class Said:
    """A statement: its words without its values, by which two runs of one are the same, and its values."""

    stem: str
    values: Values

    @property
    def unknown(self) -> int:
        """How many of its values are not known."""
        return self.values.count(None)

    def may_be(self, other: Said) -> bool:
        """Tell whether two may be one run: the same words, and no value known of both that differs."""
        return self.stem == other.stem and all(
            one is None or its is None or one == its
            for one, its in zip(self.values, other.values, strict=True)
        )


@dataclass(frozen=True)
class Want:
    """One run of a statement that a request is known to make: ``stem`` names it, ``ways`` how it may read.

    ``texts``: what it may have run, None among them: anything.
    """

    stem: str
    ways: tuple[Said, ...]
    texts: tuple[str | None, ...]

    def may_be(self, line: Said) -> bool:
        """Tell whether a logged statement may be this run."""
        return any(way.may_be(line) for way in self.ways)

    @property
    def loosely(self) -> tuple[Said, ...]:
        """The ways it may read, those of the same words as one: of which only what they share is known."""
        held: dict[str, Said] = {}
        for way in self.ways:
            other = held.get(way.stem, way)
            values = (one if one == its else None for one, its in zip(way.values, other.values, strict=True))
            held[way.stem] = Said(way.stem, tuple(values))
        return tuple(held.values())


def carried_out(text: str) -> str:
    """Return a statement without the wish to be told how it was carried out."""
    return _EXPLAINS.sub("", text)


def stem_of(text: str) -> str:
    """Return a statement's text without its values."""
    return _BLANK.sub(" ", VALUE.sub("?", carried_out(text))).strip().lower()


def said_by(text: str, binds: str | None = None) -> Said:
    """Return a statement's words and values; of bound ones those that ``binds`` says."""
    bound = parse_binds(binds)

    def known(written: str) -> str | None:
        if written.startswith("{"):
            return None
        if written.startswith("$"):
            number = int(written[1:])
            return _plain(bound[number] or "") if number in bound else None
        return _plain(written[1:-1].replace("''", "'") if written.startswith("'") else written)

    return Said(stem_of(text), tuple(map(known, VALUE.findall(carried_out(text)))))


def _plain(value: str) -> str | None:
    """Return a value as two that mean the same are written; None for one that the log masks."""
    if is_mask(value):
        return None
    number = _number(value)
    if number is not None:
        return str(number)
    return "" if value.lower() == "null" else value.strip().lower()


def _number(value: str) -> Decimal | None:
    """Return the number a value is; None for text, and where it only looks like one (session `9e9999999`)."""
    try:
        number = Decimal(value) if len(value) <= _MOST_DIGITS else None
        return number.normalize() + 0 if number is not None and number.is_finite() else None
    except ArithmeticError:
        return None


def unmet(wants: Iterable[Want], lines: Iterable[Said]) -> tuple[list[Want], list[Said]]:
    """Return the wants that none of the lines stands for, each line for one of them, and those that do.

    What is known best chooses first.
    """
    left, met = sorted(lines, key=lambda line: line.unknown), []
    missing: list[Want] = []
    for want in sorted(wants, key=lambda want: min(way.unknown for way in want.ways)):
        line = next((line for line in left if want.may_be(line)), None)
        if line is None:
            missing.append(want)
        else:
            left.remove(line)
            met.append(line)
    return missing, met


class Spans:
    """Statements that ran between two moments: asked how many may be one run with another, about its time.

    They are held by which of their values are known, so that each question is a look-up.
    """

    def __init__(self, held: Iterable[tuple[Said, int, int]]) -> None:
        """Gather statements, each with the first and last moment it may have run at."""
        self._held: dict[str, dict[tuple[int, ...], list[tuple[Values, int, int]]]] = defaultdict(dict)
        self._sorted: dict[tuple[str, tuple[int, ...], tuple[int, ...]], dict[Values, _Moments]] = {}
        for said, first_us, last_us in held:
            known = _known(said.values)
            self._held[said.stem].setdefault(known, []).append((said.values, first_us, last_us))

    def count(self, said: Said, first_us: int, last_us: int) -> int:
        """Return how many may be one run with this, and ran between these moments."""
        known = _known(said.values)
        return sum(
            moments.count(first_us, last_us)
            for other in self._held.get(said.stem, {})
            if (moments := self._moments(said, other, known)) is not None
        )

    def _moments(self, said: Said, other: tuple[int, ...], known: tuple[int, ...]) -> _Moments | None:
        """Return when those of which ``other`` is known ran, as far as what is known of both is the same."""
        both = tuple(sorted(set(other).intersection(known)))
        if (said.stem, other, both) not in self._sorted:
            gathered: dict[Values, list[tuple[int, int]]] = defaultdict(list)
            for values, *span in self._held[said.stem][other]:
                gathered[_picked(values, both)].append((span[0], span[1]))
            self._sorted[said.stem, other, both] = {at: _Moments(spans) for at, spans in gathered.items()}
        return self._sorted[said.stem, other, both].get(_picked(said.values, both))


class _Moments:
    """When alike statements ran."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._begun = sorted(first for first, _ in spans)
        self._ended = sorted(last for _, last in spans)

    def count(self, first_us: int, last_us: int) -> int:
        """Return how many may have run between two moments."""
        return bisect_right(self._begun, last_us) - bisect_left(self._ended, first_us)


def _known(values: Values) -> tuple[int, ...]:
    return tuple(place for place, value in enumerate(values) if value is not None)


def _picked(values: Values, places: Iterable[int]) -> Values:
    return tuple(values[place] for place in places)


def distinct_texts(wants: Iterable[Want]) -> Iterator[str | None]:
    """Yield what these may have run, each once; anything alone where one of them may be that."""
    texts = dict.fromkeys(text for want in wants for text in want.texts)
    yield from [None] if None in texts else texts
