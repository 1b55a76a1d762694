"""Reads what a statement that lists records asks for: which list, from which place, how many at the most."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ashiato.engine.findings.statements import is_literal, with_binds

_LONGEST_NUMBER = 15
#: Words by which a statement looks for what is like something, and so for several.
_LIKENESS = frozenset({"like", "ilike", "rlike", "regexp", "similar", "match", "~", "~*", "@@"})
_VALUE = re.compile(r"[^{},\[\]\s]+")


@dataclass(frozen=True)
class Listed:
    """One list asked for.

    ``listing`` stands for the statement whatever page of it is asked for; ``page`` is the place where it
    begins, in rows; ``width`` how many records it can give at the most, None when it says nothing of it;
    ``named`` how many it names one by one.
    """

    listing: str
    page: int | None
    width: int | None
    named: int


def list_of(pieces: list[str], binds: str | None, *, looks_up: bool) -> Listed | None:
    """Return what a query lists, or None: it is none, it counts, or it looks up one value.

    ``pieces``: its tokens; ``binds``: the log's list of values; ``looks_up``: it compares one value for
    equality, so that only its words can show that it lists.
    """
    words = [piece.lower() for piece in pieces]
    if words[:1] not in (["select"], ["with"]) or words[1:3] == ["count", "("]:
        return None
    values = with_binds(pieces, binds)
    place, most = _places(words)
    several = _several(words, values)
    if looks_up and place is None and several < 2 and _LIKENESS.isdisjoint(words):
        return None
    counts = [count for count in (_number(values, most), several or None) if count is not None]
    rest = [value for number, value in enumerate(values) if number != place]
    name = hashlib.md5(" ".join(rest).encode(errors="replace"), usedforsecurity=False).hexdigest()
    return Listed(name, _number(values, place), min(counts, default=None), several)


def _places(words: Sequence[str]) -> tuple[int | None, int | None]:
    """Return where the first row and the number of rows stand, as LIMIT, OFFSET and FETCH say them."""
    place = most = None
    for number, word in enumerate(words):
        if word == "offset":
            place = number + 1
        elif word == "limit":
            pair = words[number + 2 : number + 3] == [","]
            place, most = (number + 1, number + 3) if pair else (place, number + 1)
        elif word == "fetch":
            most = number + 2
    return place, most


def _number(values: Sequence[str], place: int | None) -> int | None:
    text = values[place].strip("'") if place is not None and place < len(values) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def _several(words: Sequence[str], values: Sequence[str]) -> int:
    """Return how many values the longest list behind IN or ANY has."""
    longest = count = 0
    inside = False
    for number, value in enumerate(values):
        if value == "(" and number and words[number - 1] in ("in", "any"):
            inside, count = True, 0
        elif value == ")":
            inside = False
        elif inside and is_literal(value):
            count += len(_VALUE.findall(value.strip("'"))) if value.startswith("'{") else 1
            longest = max(longest, count)
    return longest
