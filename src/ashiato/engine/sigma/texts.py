"""Evaluates predicates exactly over the distinct values of a column, all rules' predicates at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.sigma.patterns import Database
from ashiato.engine.sigma.predicates import Regex, Text, Wild

#: Places of values among a column's distinct ones, rising.
Places: TypeAlias = npt.NDArray[np.int64]
_NONE: Places = np.empty(0, np.int64)
#: So few distinct texts are likely to be the next batch's too.
FEW_TEXTS = 1_000
# RE2 takes a vertical tab for no white space, Hyperscan does.
_OTHERWISE_SPACE = "\v"


def lowered(texts: pa.Array) -> pa.Array:
    """Return the texts in Unicode's simple lower case."""
    return (
        pc.ascii_lower(texts)
        if pc.all(pc.string_is_ascii(texts)).as_py() in (True, None)
        else pc.utf8_lower(texts)
    )


def pattern_of(text: Text) -> str:
    """Return the RE2 pattern of a whole text with wildcards."""
    signs = {Wild.ANY: ".*", Wild.ONE: "."}
    body = "".join(signs[p] if isinstance(p, Wild) else _escaped(p) for p in text.pieces)
    return rf"\A(?s:{body})\z"


def _escaped(text: str) -> str:
    return "".join(s if s.isascii() and s.isalnum() else f"\\x{{{ord(s):X}}}" for s in text)


@dataclass(frozen=True)
class _Wanted:
    """A text with wildcards: the literal the database looks for, and how it lies in the whole."""

    predicate: Text
    literal: str
    before: bool
    after: bool
    simple: bool


class TextIndex:
    """All texts and patterns that rules ask of one column."""

    def __init__(self, predicates: Iterable[Text | Regex], *, database: bool | None = None) -> None:
        """Sort what is asked; ``database``: as of ``Database``, with the same result."""
        asked = sorted(set(predicates), key=repr)
        self._patterns = [each for each in asked if isinstance(each, Regex)]
        texts = [each for each in asked if isinstance(each, Text)]
        self._sides = {
            cased: _Side([t for t in texts if t.cased is cased], cased, database) for cased in (False, True)
        }
        numbered = {key: each.pattern for key, each in enumerate(self._patterns)}
        self._database = Database({}, numbered, used=database)
        self._few: Matches | None = None

    def matches(self, texts: pa.Array) -> Matches:
        """Scan distinct texts; what each predicate meets is asked of the result.

        Few texts that are those of the call before are not looked through again.
        """
        if len(texts) > FEW_TEXTS:
            return Matches(self, texts)
        if self._few is None or not self._few.is_of(texts):
            self._few = Matches(self, texts)
        return self._few

    def of_texts(self, texts: pa.Array) -> dict[Text | Regex, Places]:
        """Return where each text predicate that is met at all is met."""
        return {text: at for side in self._sides.values() for text, at in side.met(texts)}

    def of_patterns(self, texts: pa.Array) -> tuple[dict[Text | Regex, Places], set[Text | Regex]]:
        """Return where each pattern is met at all, and the patterns that are still to be evaluated."""
        if not len(texts):
            return {}, set()
        if not self._database.is_worth(len(texts)):
            return {}, set(self._patterns)
        joined = _Joined(texts)
        keys, ends = self._database.find(joined.buffer, len(texts))
        odd = _held(texts, _OTHERWISE_SPACE)
        left: set[Text | Regex] = {self._patterns[key] for key in self._database.left}
        met: dict[Text | Regex, Places] = {}
        for key, here in _parted(keys, ends, len(self._patterns)):
            pattern = self._patterns[key]
            if pattern not in left and (len(here) or len(odd)):
                candidates = np.union1d(joined.around(here), odd)
                met[pattern] = candidates[_searched(texts.take(pa.array(candidates)), pattern.pattern)]
        return met, left


class Matches:
    """What predicates meet among some distinct texts; scanned when first asked, evaluated when needed."""

    def __init__(self, index: TextIndex, texts: pa.Array) -> None:
        """Keep the texts."""
        self._index = index
        self._texts = texts
        self._met: dict[Text | Regex, Places] | None = None
        self._met_patterns: dict[Text | Regex, Places] | None = None
        self._left: set[Text | Regex] = set()

    def is_of(self, texts: pa.Array) -> bool:
        """Tell whether these texts, in this order, are those that were looked through."""
        return bool(self._texts.equals(texts))

    def places(self, predicate: Text | Regex) -> Places:
        """Return the places of the texts that satisfy a predicate."""
        if isinstance(predicate, Text):
            if self._met is None:
                self._met = self._index.of_texts(self._texts)
            return self._met.get(predicate, _NONE)
        if self._met_patterns is None:
            self._met_patterns, self._left = self._index.of_patterns(self._texts)
        if predicate in self._left:
            self._met_patterns[predicate] = np.flatnonzero(_searched(self._texts, predicate.pattern))
            self._left.discard(predicate)
        return self._met_patterns.get(predicate, _NONE)


class _Side:
    """The text predicates of one column that regard case, or that do not."""

    def __init__(self, texts: list[Text], cased: bool, database: bool | None) -> None:
        self._cased = cased
        self._whole: dict[str, list[Text]] = defaultdict(list)
        wanted: dict[str, list[_Wanted]] = defaultdict(list)
        self._direct: list[Text] = []
        for text in texts:
            if not any(isinstance(piece, Wild) for piece in text.pieces):
                self._whole[self._form("".join(map(str, text.pieces)))].append(text)
                continue
            each = _wanted_of(text, self._form)
            if each is None:
                self._direct.append(text)
            else:
                wanted[each.literal].append(each)
        self._wanted = list(wanted.items())
        literals = {key: literal.encode() for key, (literal, _) in enumerate(self._wanted)}
        self._database = Database(literals, {}, used=database)

    def _form(self, text: str) -> str:
        return text if self._cased else str(lowered(pa.array([text], pa.string()))[0])

    def met(self, texts: pa.Array) -> Iterator[tuple[Text, Places]]:
        """Yield the predicates that some text satisfies, with where."""
        if not len(texts) or not (self._whole or self._wanted or self._direct):
            return
        formed = texts if self._cased else lowered(texts)
        yield from self._met_whole(formed)
        for text in self._direct:
            yield text, np.flatnonzero(_searched(formed, pattern_of(text)))
        yield from self._met_literals(formed)

    def _met_whole(self, formed: pa.Array) -> Iterator[tuple[Text, Places]]:
        if not self._whole:
            return
        found = pc.index_in(formed, value_set=pa.array(list(self._whole), pa.string()))
        at = np.flatnonzero(np.asarray(found.is_valid()))
        which = found.take(pa.array(at)).to_numpy(zero_copy_only=False)
        for key, texts in enumerate(self._whole.values()) if len(at) else ():
            here = at[which == key]
            if len(here):
                yield from ((text, here) for text in texts)

    def _met_literals(self, formed: pa.Array) -> Iterator[tuple[Text, Places]]:
        if not self._wanted:
            return
        if not self._database.is_worth(len(formed)):
            for _, several in self._wanted:
                yield from ((each.predicate, self._evaluated(each, formed)) for each in several)
            return
        joined = _Joined(formed)
        keys, ends = self._database.find(joined.buffer, len(formed))
        for key, here in _parted(keys, ends, len(self._wanted)):
            literal, several = self._wanted[key]
            if key in self._database.left:
                for each in several:
                    yield each.predicate, self._evaluated(each, formed)
            elif len(here):
                hits = joined.hits(here, len(literal.encode()))
                for each in several:
                    yield each.predicate, self._confirmed(each, formed, hits)

    def _confirmed(self, each: _Wanted, formed: pa.Array, hits: _Hits) -> Places:
        if each.simple:
            good = np.ones(len(hits.at), np.bool_)
            if not each.before:
                good &= hits.first
            if not each.after:
                good &= hits.last
            return np.unique(hits.at[good])
        candidates = np.unique(hits.at)
        return candidates[self._matched(formed.take(pa.array(candidates)), each.predicate)]

    def _evaluated(self, each: _Wanted, formed: pa.Array) -> Places:
        if not each.simple:
            return np.flatnonzero(self._matched(formed, each.predicate))
        test = _TESTS[each.before, each.after]
        return np.flatnonzero(_flags(test(formed, each.literal)))

    def _matched(self, formed: pa.Array, text: Text) -> npt.NDArray[np.bool_]:
        pieces = tuple(p if isinstance(p, Wild) else self._form(p) for p in text.pieces)
        return _searched(formed, pattern_of(Text(pieces)))


@dataclass(frozen=True)
class _Hits:
    """Hits of a literal inside values: which value, and whether at its beginning or its end."""

    at: Places
    first: npt.NDArray[np.bool_]
    last: npt.NDArray[np.bool_]


class _Joined:
    """Texts joined by line ends, the last one too, so that every value has a line's beginning and end."""

    def __init__(self, texts: pa.Array) -> None:
        ends, end = (pa.scalar(text, pa.large_string()) for text in ("\n", ""))
        lines = pc.binary_join_element_wise(texts.cast(pa.large_string()), end, ends)
        _, offsets, held = lines.buffers()
        size = int(np.frombuffer(offsets, np.int64)[lines.offset + len(lines)])
        self.buffer = held.slice(0, size).to_pybytes() if size else b""
        self._texts = texts

    @cached_property
    def _ends(self) -> Places:
        sizes = pc.binary_length(self._texts).to_numpy(zero_copy_only=False).astype(np.int64) + 1
        return np.cumsum(sizes) - 1

    @cached_property
    def starts(self) -> Places:
        """Where each value begins in the buffer."""
        return np.concatenate((np.zeros(1, np.int64), self._ends[:-1] + 1))

    def hits(self, ends: Places, size: int) -> _Hits:
        """Return the hits of a literal of this size that lie within one value."""
        begins = ends - size
        at = np.searchsorted(self.starts, begins, side="right") - 1
        inside = ends <= self._ends[at]
        begins, ends, at = begins[inside], ends[inside], at[inside]
        return _Hits(at, begins == self.starts[at], ends == self._ends[at])

    def around(self, ends: Places) -> Places:
        """Return the values that a match with such an end may lie in: an empty one may begin there."""
        last = np.searchsorted(self.starts, ends - 1, side="right") - 1
        first = np.searchsorted(self.starts, ends, side="right") - 1
        return np.unique(np.clip(np.concatenate((last, first)), 0, len(self.starts) - 1))


def _parted(keys: Places, ends: Places, count: int) -> Iterator[tuple[int, Places]]:
    """Yield each key with the ends of its hits, none for a key without."""
    order = np.argsort(keys, kind="stable")
    firsts = np.searchsorted(keys[order], np.arange(count + 1))
    ends = ends[order]
    for key in range(count):
        yield key, ends[firsts[key] : firsts[key + 1]]


def _wanted_of(text: Text, form: Callable[[str], str]) -> _Wanted | None:
    literals = [form(piece) for piece in text.pieces if isinstance(piece, str)]
    if not literals:
        return None
    longest = max(literals, key=len)
    pieces = text.pieces
    before, after = pieces[0] is Wild.ANY, pieces[-1] is Wild.ANY
    simple = len(literals) == 1 and Wild.ONE not in pieces
    return _Wanted(text, longest, before, after, simple)


_TESTS = {
    (True, True): pc.match_substring,
    (False, True): pc.starts_with,
    (True, False): pc.ends_with,
}


def _searched(texts: pa.Array, pattern: str) -> npt.NDArray[np.bool_]:
    return _flags(pc.match_substring_regex(texts, pattern))


def _held(texts: pa.Array, sign: str) -> Places:
    return np.flatnonzero(_flags(pc.match_substring(texts, sign)))


def _flags(found: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)
