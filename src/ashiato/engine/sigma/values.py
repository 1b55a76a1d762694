"""Says what one value of a rule asks of a field, once pySigma has applied its modifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sigma.types import (
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SpecialChars,
)

from ashiato.engine.sigma.predicates import (
    Atom,
    Keyword,
    Network,
    Node,
    Not,
    Number,
    Or,
    Predicate,
    Present,
    Regex,
    Same,
    Text,
    TimePart,
    Wild,
)

#: The values of each placeholder, as the operator gave them.
Placeholders = Mapping[str, Sequence[str]]
#: The column of a field.
ColumnOf = Callable[[str], str]

_WILD = {SpecialChars.WILDCARD_MULTI: Wild.ANY, SpecialChars.WILDCARD_SINGLE: Wild.ONE}
_REGEX_SIGNS = {Wild.ANY: "*", Wild.ONE: "?"}
# So many texts may one value with placeholders stand for.
_MOST_EXPANDED = 10_000


class UnsupportedError(Exception):
    """A rule asks for what cannot be done exactly; ``key`` is the field or word to look for in the rule."""

    def __init__(self, what: str, key: str) -> None:
        """Keep the word apart so that its line can be found."""
        super().__init__(what)
        self.what = what
        self.key = key


class ValueReader:
    """Turns values into nodes, by the column of each field and the values of each placeholder."""

    def __init__(self, column_of: ColumnOf, placeholders: Placeholders) -> None:
        """Keep both; ``column_of`` raises UnsupportedError for a field it does not know."""
        self._column_of = column_of
        self._placeholders = placeholders

    def node_of(self, field: str | None, value: object) -> Node:
        """Return what a value asks of a field, or of every field where none is named."""
        if isinstance(value, SigmaExpansion):
            return Or(tuple(self.node_of(field, each) for each in value.values))
        if field is None:
            return self._keyword(value)
        if isinstance(value, SigmaNull):
            return Not(self._atom(field, Present()))
        if isinstance(value, SigmaExists):
            there = self._atom(field, Present())
            return there if value.exists else Not(there)
        asked = tuple(self._atom(field, predicate) for predicate in self._predicates(field, value))
        return asked[0] if len(asked) == 1 else Or(asked)

    def _atom(self, field: str, predicate: Predicate) -> Atom:
        return Atom(self._column_of(field), predicate, field)

    def _keyword(self, value: object) -> Node:
        if isinstance(value, SigmaNumber) and not isinstance(value, SigmaTimestampPart):
            value = SigmaString(str(value))
        asked: list[Node] = []
        for predicate in self._predicates("keywords", value):
            if isinstance(predicate, Text):
                around = _joined((Wild.ANY, *predicate.pieces, Wild.ANY))
                asked.append(Keyword(Text(around, predicate.cased)))
            elif isinstance(predicate, Regex):
                asked.append(Keyword(predicate))
            else:
                raise UnsupportedError("a value without a field must be a text or a pattern", "detection")
        return Or(tuple(asked))

    def _predicates(self, field: str, value: object) -> Iterator[Predicate]:
        if isinstance(value, SigmaString):
            cased = isinstance(value, SigmaCasedString)
            for pieces in self._filled(value, field):
                yield Text(_joined(pieces), cased)
        elif isinstance(value, SigmaRegularExpression):
            for pieces in self._filled(value.regexp, field):
                yield Regex(_checked(_pattern_of(pieces, value), field))
        elif isinstance(value, SigmaFieldReference):
            yield Same(self._column_of(value.field), value.starts_with, value.ends_with)
        elif isinstance(value, SigmaCIDRExpression):
            yield Network(str(value.network))
        else:
            yield _measure_of(value, field)

    def _filled(self, text: SigmaString, field: str) -> Iterator[tuple[str | Wild, ...]]:
        """Yield the pieces of a text for each choice of values of its placeholders."""
        choices: list[list[tuple[str | Wild, ...]]] = []
        count = 1
        for part in text.s:
            choices.append(self._choices(part, field))
            count *= len(choices[-1])
        if count > _MOST_EXPANDED:
            raise UnsupportedError(f"placeholders make {count:,} values of one", field)
        for chosen in product(*choices):
            yield tuple(piece for pieces in chosen for piece in pieces)

    def _choices(self, part: object, field: str) -> list[tuple[str | Wild, ...]]:
        if not isinstance(part, Placeholder):
            return [(_piece_of(part),)]
        values = self._placeholders.get(part.name)
        if not values:
            raise UnsupportedError(f"the placeholder %{part.name}% has no values", field)
        return [
            tuple(_WILD[p] if isinstance(p, SpecialChars) else str(p) for p in SigmaString(v).s)
            for v in values
        ]


def _piece_of(part: object) -> str | Wild:
    return _WILD[part] if isinstance(part, SpecialChars) else str(part)


def _measure_of(value: object, field: str) -> Predicate:
    op = "eq"
    if isinstance(value, SigmaCompareExpression):
        op, value = value.op.name.lower(), value.number
    if isinstance(value, SigmaTimestampPart):
        return TimePart(value.timestamp_part.name.lower(), op, Fraction(value.number))
    if isinstance(value, SigmaNumber):
        return Number(op, _fraction_of(value.number, field))
    if isinstance(value, SigmaBool):
        return Text((str(value.boolean).lower(),))
    raise UnsupportedError(f"a value of {type(value).__name__} cannot be compared", field)


def _fraction_of(number: float, field: str) -> Fraction:
    try:
        # What was written, not the binary number beside it.
        return Fraction(repr(number))
    except ValueError as error:
        raise UnsupportedError(f"{number} is not a number to compare with", field) from error


def _joined(pieces: Sequence[str | Wild]) -> tuple[str | Wild, ...]:
    """Return the pieces with neighbouring texts joined and repeated ``*`` once."""
    joined: list[str | Wild] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, str) and isinstance(last, str):
            joined[-1] = last + piece
        elif piece != "" and not (piece is Wild.ANY and last is Wild.ANY):
            joined.append(piece)
    return tuple(joined)


def _pattern_of(pieces: Sequence[str | Wild], value: SigmaRegularExpression) -> str:
    pattern = "".join(_REGEX_SIGNS[p] if isinstance(p, Wild) else p for p in pieces)
    flags = "".join(sorted({"IGNORECASE": "i", "MULTILINE": "m", "DOTALL": "s"}[f.name] for f in value.flags))
    return f"(?{flags}){pattern}" if flags else pattern


def _checked(pattern: str, field: str) -> str:
    """Return the pattern when RE2 can run it, which takes time in line with the text whatever it says."""
    nothing: Any = pa.array([""], pa.string())
    try:
        pc.match_substring_regex(nothing, pattern)
    except (pa.ArrowInvalid, UnicodeEncodeError) as error:
        said = str(error).splitlines()[0][:200]
        raise UnsupportedError(f"the pattern cannot be run in bounded time: {said}", field) from error
    return pattern
