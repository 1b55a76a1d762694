"""Reads what a statement that lists records asks for: which list, from which place, how many at the most."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ashiato.engine.findings.statements import is_literal, is_query, values_compared, with_binds

#: So many records are a list whatever the statement looks for: nobody opens them all.
ROWS = 1000
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


def list_of(pieces: list[str], binds: str | None, given: int | None = None) -> Listed | None:
    """Return what a query lists, or None: it is none, it counts, or it looks up one value.

    ``pieces``: its tokens; ``binds``: the log's list of values; ``given``: how many rows the log tells of.
    Who looks up one value lists if a thousand rows came, or may have: frameworks that want one ask for some
    (Django for 21).
    """
    words = [piece.lower() for piece in pieces]
    if not is_query(pieces) or _counts(words):
        return None
    values = with_binds(pieces, binds)
    place, most = _places(words)
    several = _several(words, values)
    counts = [count for count in (_number(values, most), several or None) if count is not None]
    width = min(counts, default=None)
    lists = place is not None or several > 1 or not _LIKENESS.isdisjoint(words)
    one = len(values_compared(pieces, binds)) == 1
    if one and not lists and (given if given is not None else width or 0) < ROWS:
        return None
    rest = [value for number, value in enumerate(values) if number != place]
    name = hashlib.md5(" ".join(rest).encode(errors="replace"), usedforsecurity=False).hexdigest()
    return Listed(name, _number(values, place), width, several)


def _counts(words: list[str]) -> bool:
    """Tell whether a query gives a count; one that says it beside each row (``OVER``) gives the rows."""
    start = next(number for number, word in enumerate(words) if word != "(")
    if words[start + 1 : start + 3] != ["count", "("]:
        return False
    behind = words[words.index(")", start) + 1 :] if ")" in words[start:] else []
    return behind[:1] != ["over"]


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
