"""Reads what an SQL statement is apart from its values: its shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_TOKEN = re.compile(
    r"""
      [eE]'(?:[^'\\]|''|\\.)*'?          # escape string of PostgreSQL
    | '(?:[^']|'')*'?                    # string; an open one runs to the end
    | \$([A-Za-z_]*)\$.*?(?:\$\1\$|\Z)   # dollar-quoted string
    | "(?:[^"]|"")*"?                    # quoted identifier
    | `[^`]*`?                           # quoted identifier of MySQL
    | --[^\r\n]*                         # comment to the end of the line
    | /\*.*?(?:\*/|\Z)                   # comment
    | [^\W\d][\w$]*                      # word
    | (?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?
    | \$\d+ | :\w+ | \?                  # bind
    | <> | != | <= | >= | \|\| | :: | [^\s]
    """,
    re.VERBOSE | re.DOTALL,
)
# MySQL's escapes and comments; its double quotes hold text.
_MYSQL_TOKEN = re.compile(
    r"""
      '(?:[^'\\]|\\.|'')*'?
    | "(?:[^"\\]|\\.|"")*"?
    | `[^`]*`?
    | (?:\#|--(?=\s|\Z))[^\r\n]*
    | /\*.*?(?:\*/|\Z)
    | [^\W\d][\w$]*
    | 0x[0-9A-Fa-f]+ | (?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?
    | :\w+ | \?
    | <=> | <> | != | <= | >= | \|\| | := | [^\s]
    """,
    re.VERBOSE | re.DOTALL,
)
_LIST = re.compile(r"\? (?:, \? )+")
_LONGEST_READ = 20_000
_BIND = re.compile(r"(\$\d+) = ('(?:[^']|'')*'|[^\s,]+)")
_LONGEST_VALUES = 200
_LONGEST_NUMBER = 15
#: A site's statements are made of few words.
_WORDS_KEPT = 4096


def tokens_of(text: str, *, mysql: bool = False) -> list[tuple[str, int, int]]:
    """Return the tokens of a statement with their start and end; whatever the text, all is covered.

    ``mysql``: its quoting is MySQL's; what stands there in double quotes, or behind ``#``, is told as what it
    is elsewhere.
    """
    pattern = _MYSQL_TOKEN if mysql else _TOKEN
    found = pattern.finditer(text[:_LONGEST_READ])
    return [(_elsewhere(m.group()) if mysql else m.group(), m.start(), m.end()) for m in found]


def _elsewhere(token: str) -> str:
    if token[0] == '"':
        return f"'{token[1:].removesuffix(token[0])}'"
    return f"--{token[1:]}" if token[0] == "#" else token


def shape_of(text: str, *, mysql: bool = False) -> str:
    """Return the statement with every value as ``?``, value lists shortened, words in small letters.

    Comments stay visible as ``--`` or ``/**/``: an application's own statements seldom carry any. A line
    comment that swallows a quote, as when it cuts off the rest of a pasted-together statement, is ``--'``.
    """
    return shape_of_pieces(pieces_of(text, mysql=mysql))


def pieces_of(text: str, *, mysql: bool = False) -> list[str]:
    """Return the tokens of a statement without their places."""
    if mysql:
        return [_elsewhere(m.group()) for m in _MYSQL_TOKEN.finditer(text[:_LONGEST_READ])]
    return [m.group() for m in _TOKEN.finditer(text[:_LONGEST_READ])]


def shape_of_pieces(pieces: list[str]) -> str:
    """Return the shape of a statement that is cut into tokens already."""
    words = " ".join(map(_plain, pieces))
    return _LIST.sub("?+ ", f"{words} ").rstrip()


def values_sought(pieces: list[str], binds: str | None = None) -> tuple[str | None, int | None]:
    """Return the values a query compares for equality (``a = 1``, ``a IN (1, 2)``), and the number if one is.

    ``pieces``: the query's tokens; ``binds``: the log's list of values (``$1 = '5', $2 = 'x'``). None where
    the statement is no query or looks for no value so: a pattern, a range and a page are no record.
    """
    found = values_compared(pieces, binds)
    if not found:
        return None, None
    number = found[0]
    is_number = len(found) == 1 and number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
    return "/".join(found)[:_LONGEST_VALUES], int(number) if is_number else None


def values_compared(pieces: list[str], binds: str | None = None) -> list[str]:
    """Return the values a query compares for equality, one by one; none where it is no query."""
    if not is_query(pieces):
        return []
    bound = dict(_BIND.findall(binds or ""))
    return [bound.get(piece, piece).strip("'") for piece in _sought(pieces)]


def is_query(pieces: list[str]) -> bool:
    """Tell whether a statement reads, be it in brackets."""
    return next((piece for piece in pieces if piece != "("), "").lower() in ("select", "with")


def with_binds(pieces: list[str], binds: str | None) -> list[str]:
    """Return a query's tokens with the log's values in place of ``$1`` and so on."""
    bound = dict(_BIND.findall(binds or ""))
    return [bound.get(piece, piece) for piece in pieces]


def _sought(pieces: list[str]) -> Iterator[str]:
    """Yield the values that stand behind ``word =`` and in the brackets behind IN or ANY."""
    listed = False
    for earlier, before, piece in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if before == "(":
            listed = earlier.lower() in ("in", "any")
        elif piece == ")":
            listed = False
        if (listed or (before == "=" and not is_literal(earlier))) and is_literal(piece):
            yield piece


def is_literal(piece: str) -> bool:
    """Tell whether a piece is a value rather than a part of the statement's structure."""
    return _plain(piece) == "?"


@lru_cache(_WORDS_KEPT)
def _plain(piece: str) -> str:
    first = piece[0]
    if first in "'?" or first.isdigit() or piece[:2] in ("e'", "E'"):
        return "?"
    if (first in "$:" and len(piece) > 1 and piece != "::") or (first == "." and len(piece) > 1):
        return "?"
    if piece.startswith("--"):
        return "--'" if piece.count("'") % 2 else "--"
    if piece.startswith("/*"):
        return "/**/"
    return piece.lower()
