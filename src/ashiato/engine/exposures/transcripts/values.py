"""What an SQL expression can be: NULL, a number, text, or all characters at once; and how two compare."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ashiato.engine.exposures.transcripts.lifting import HexText

#: Characters asked about: the first three planes hold every character in use for names and addresses.
CHARACTERS = 0x30000
#: What stands in place 0 for characters is the end of the text; the place behind all is NULL.
NULL_PLACE = CHARACTERS
PLACES = CHARACTERS + 8
_LONGEST_TEXT = 10_000

#: An SQL value: None for NULL, a number, text, ``Characters``, or an array of answers, one a character.
Told = Any


class UnknownError(Exception):
    """A condition says something that is not understood here; the question stays unanswered."""


@dataclass(frozen=True)
class Characters:
    """Every character at once, as codes; 0 is the end of the text."""

    codes: np.ndarray


def compare(sign: str, left: Told, right: Told) -> Told:
    """Return how two values that are not NULL compare, text with numbers as MySQL does."""
    if isinstance(left, Characters) or isinstance(right, Characters):
        left, right = as_codes(left), as_codes(right)
    elif isinstance(left, str) != isinstance(right, str):
        left, right = number_of(left), number_of(right)
    return _SIGNS[sign](left, right)


def as_codes(value: Told) -> Told:
    """Return characters as their codes; one character of text too."""
    if isinstance(value, Characters):
        return value.codes
    if isinstance(value, str) and len(value) <= 1:
        return ord(value) if value else 0
    raise UnknownError("text over all")


_SIGNS: dict[str, Callable[[Told, Told], Told]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}


def truth_of(value: Told) -> Told:
    """Return whether a condition is met; NULL is not."""
    if value is None:
        return False
    if isinstance(value, np.ndarray):
        return value.astype(bool)
    return bool(number_of(value)) if isinstance(value, str) else bool(value)


def number_of(value: Told) -> Told:
    """Return a value as the number an engine makes of it; text by the digits it starts with."""
    if isinstance(value, HexText):
        return int.from_bytes(value.encode(), "big") if value else 0
    if isinstance(value, str):
        found = re.match(r"\s*([+-]?\d{1,18}(?:\.\d{1,9})?)", value)
        return 0 if found is None else float(found[1]) if "." in found[1] else int(found[1])
    if isinstance(value, Characters):
        raise UnknownError("number over all")
    return value


def text_of(value: Told) -> str:
    """Return a value as text; raises UnknownError for all characters at once."""
    if isinstance(value, Characters | np.ndarray):
        raise UnknownError("text over all")
    text = str(int(value)) if isinstance(value, bool) else str(value)
    if len(text) > _LONGEST_TEXT:
        raise UnknownError("a long text")
    return text
