"""Reads what an SQL statement is apart from its values: its shape."""

from __future__ import annotations

import re

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
_LIST = re.compile(r"\? (?:, \? )+")
_LONGEST_READ = 20_000


def tokens_of(text: str) -> list[tuple[str, int, int]]:
    """Return the tokens of a statement with their start and end; whatever the text, all is covered."""
    return [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text[:_LONGEST_READ])]


def shape_of(text: str) -> str:
    """Return the statement with every value as ``?``, value lists shortened, words in small letters.

    Comments stay visible as ``--`` or ``/**/``: an application's own statements seldom carry any. A line
    comment that swallows a quote, as when it cuts off the rest of a pasted-together statement, is ``--'``.
    """
    words = " ".join(_plain(token) for token, _, _ in tokens_of(text))
    return _LIST.sub("?+ ", f"{words} ").rstrip()


def is_literal(piece: str) -> bool:
    """Tell whether a piece is a value rather than a part of the statement's structure."""
    return _plain(piece) == "?"


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
