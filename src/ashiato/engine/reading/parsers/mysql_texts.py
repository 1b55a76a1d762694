"""Statements in MySQL's own text logs: where a quoted part ends, and which entries a statement cut short.

These logs write statements as they came, line ends and all, so a statement may hold lines that look like
the log's own. An entry begins at each of them; where the statement before stands open within quotes and
would be whole with what follows, nothing in the log says which of the two is true: it may be cut.

Source: MySQL 8.0 manual, "String Literals", "Comments" (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections import deque

# Comments and quoted parts; one that is not closed runs to the end and has no ``end``.
_PIECE = re.compile(
    r"""
      '(?:[^'\\]|\\.|'')*+(?P<single>')?
    | "(?:[^"\\]|\\.|"")*+(?P<double>")?
    | `[^`]*+(?P<tick>`)?
    | (?:\#|--(?=[\s\x00-\x1f]|$))[^\n]*
    | /\*.*?(?:\*/|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENERS = {"'": "single", '"': "double", "`": "tick"}
# Longer ones are held to be cut rather than looked through.
_MOST_CHARS = 20_000


def is_open(text: str) -> bool:
    """Tell whether a statement ends within quotes."""
    last = next(iter(deque(_PIECE.finditer(text), maxlen=1)), None)
    return last is not None and last[0][0] in _OPENERS and last[_OPENERS[last[0][0]]] is None


def _is_dotted(text: str) -> bool:
    """Tell whether a text in single quotes is followed by a dot: no server runs that, though a parser may."""
    return any(piece["single"] and text.startswith(".", piece.end()) for piece in _PIECE.finditer(text))


def may_go_on(text: str, after: str) -> bool:
    """Tell whether a statement that stands open would be whole with the entry after it."""
    whole = f"{text}\n{after}"
    if is_open(whole) or _is_dotted(whole):
        return False
    if len(whole) > _MOST_CHARS:
        return True
    import sqlglot  # noqa: PLC0415 - a quarter of a second to load, for logs that have such a statement

    try:
        return len([tree for tree in sqlglot.parse(whole, read="mysql") if tree is not None]) == 1
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError):
        return False
