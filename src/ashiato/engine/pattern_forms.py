"""Patterns and dates of other engines, said in our engine's: regular expressions, SIMILAR TO, MySQL's dates.

What cannot be said becomes NULL, and its condition is then answered wider.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

#: What a regular expression may be made of to mean the same in POSIX's advanced form, PCRE, ICU and RE2.
_PIECE = re.compile(
    r"(?P<boundary>\\[mMyYbB]|\[\[:[<>]:\]\])"
    r"|(?P<class>\[\^?\]?(?:\[:[a-z]+:\]|\\.|[^\]\\\[])*\])"
    r"|(?P<escaped>\\(?:[dwsDWS]|[^a-zA-Z0-9]))"
    r"|(?P<group>\(\?:|\(|\))"
    r"|(?P<times>(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})\??)"
    r"|(?P<plain>[.^$|]|[^\\\[\](){}*+?.^$|])",
    re.DOTALL,
)
_BOUNDARIES = {"\\y": r"\b", "\\m": r"\b", "\\M": r"\b", "\\b": r"\b", "\\Y": r"\B", "\\B": r"\B"}
_WORDS = {"\\w": r"[\p{L}\p{M}\p{N}_]", "\\W": r"[^\p{L}\p{M}\p{N}_]", "\\d": r"\p{Nd}", "\\D": r"\P{Nd}"}
_MOST_CHARACTERS = 1_000
_DATE = re.compile(
    r"\s*(\d{4}|\d{2})[^\w\s]+(\d{1,2})[^\w\s]+(\d{1,2})(?!\d)"
    r"(?:[T\s]+(\d{1,2})(?:[^\w\s]+(\d{1,2})(?:[^\w\s]+(\d{1,2})(?:[.](\d+))?)?)?)?"
)
_DATE_DIGITS = re.compile(r"\s*(\d{4}|\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})(?:[.](\d+))?)?(?!\d)")
_MOMENT = re.compile(
    r"\s*(\d{4}-\d{2}-\d{2})[T ]+(\d{2}:\d{2}(?::\d{2}(?:[.]\d+)?)?)\s*"
    r"(?:[zZ]|([-+])(\d{2}):?(\d{2})?(?::\d{2})?)?\s*$"
)
_TURN = 70


def _regex(pattern: str) -> str | None:
    """Return a regular expression as RE2 reads it, or None when it may mean something else there."""
    if len(pattern) > _MOST_CHARACTERS or pattern.startswith(("***", "(?")):
        return None
    pieces = list(_pieces(pattern))
    if not pieces or pieces[-1] is None or not _is_balanced(pieces):
        return None
    return "".join(piece for piece in pieces if piece is not None)


def _pieces(pattern: str) -> Iterator[str | None]:
    """Yield the pieces of a pattern in RE2's words, and None where it holds anything else."""
    at, repeatable = 0, False
    while at < len(pattern):
        found = _PIECE.match(pattern, at)
        kind = found.lastgroup if found else None
        if found is None or (kind == "times" and not repeatable):
            yield None
            return
        at = found.end()
        repeatable = (
            kind in ("class", "escaped") or found[0] == ")" or (kind == "plain" and found[0] not in "^|")
        )
        if kind == "boundary":
            yield _BOUNDARIES.get(found[0], r"\b")
        else:
            yield _WORDS.get(found[0], found[0])


def _is_balanced(pieces: list[str | None]) -> bool:
    depth = 0
    for piece in pieces:
        depth += (piece in ("(", "(?:")) - (piece == ")")
        if depth < 0:
            return False
    return depth == 0


def _similar(pattern: str) -> str | None:
    """Return a pattern of SIMILAR TO as a regular expression over the whole text."""
    made, at = "", 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            at += 1
            made += re.escape(pattern[at : at + 1])
        else:
            made += {"%": ".*", "_": "."}.get(character) or (
                f"\\{character}" if character in ".^$" else character
            )
        at += 1
    plain = _regex(made)
    return None if plain is None else f"^(?:{plain})$"


def _mysql_time(text: str) -> str | None:
    """Return the day and time MySQL reads from a text, as it prints them; None where it reads none."""
    found = _DATE.match(text) or _DATE_DIGITS.match(text)
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups()[:3])
    if len(found[1]) < len("2026"):
        year += 2000 if year < _TURN else 1900
    hour, minute, second = (int(part or 0) for part in found.groups()[3:6])
    fraction = (found[7] or "").ljust(6, "0")[:6]
    return f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{fraction}"


def _moment(text: str) -> str | None:
    """Return a moment as our engine reads it, its offset written out; other texts as they are."""
    found = _MOMENT.match(text)
    if found is None:
        return text
    day, clock, sign, hours, minutes = found.groups()
    offset = f"{sign}{hours}:{minutes or '00'}" if sign else ("+00:00" if text.rstrip()[-1:] in "zZ" else "")
    return f"{day} {clock}{':00' if clock.count(':') == 1 else ''}{offset}"


FORMS: dict[str, Callable[[str], str | None]] = {
    "moment": _moment,
    "regex": _regex,
    "similar": _similar,
    "mysql-time": _mysql_time,
}
