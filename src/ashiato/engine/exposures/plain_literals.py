"""Literals of plainly written statements, found in one pass; what is written oddly is the tokenizer's.

A log holds the same few statements a million times over. The tokenizer takes a third of a millisecond for
each; most are plain enough for one pattern, and ``shapes`` asks the tokenizer once for each shape so found.
Plainer still are those cut into what stands *around* the plainest literals and these: what the former say of
the latter is the same whatever these hold, so that it is asked once for each of them too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

#: Every repeat is possessive or bounded by another character: statements are hostile.
_PLAIN = re.compile(
    r"""
      "[^"]*+" | `[^`]*+`
    | '(?P<text>(?>[^']++|'')*+)'
    | (?<![^\s,(=<>])\$(?P<bind>[0-9]{1,5})(?=[\s,):;]|\Z)
    | (?<![\w.$])(?P<number>[0-9]++(?:\.[0-9]++)?+)(?![\w.])
    """,
    re.VERBOSE,
)
# What may begin a comment, a string of another kind or another kind of quoting.
_ODD = re.compile(r"--|/\*|#|\$|[\w&]'|'\s*[\r\n]\s*'")


# Literals that, whatever they hold, are the same literal in the same surroundings.
_PLAINEST = re.compile(r"""('[^'"`\\$]*'|(?<![\w.$])[0-9]+(?![\w.]))""")


class Literal(NamedTuple):
    """One literal: its span in the statement, what kind it is, and its text (of a bind: its number)."""

    first: int
    last: int
    kind: str
    text: str


def find_plain(text: str, dialect: str) -> list[Literal] | None:
    """Return the literals and binds of a plainly written statement, or None where the tokenizer must tell."""
    if (
        "\\" in text
        or (dialect.startswith("mysql") and '"' in text)
        or (dialect != "postgres" and "$" in text)
    ):
        return None
    literals: list[Literal] = []
    rest: list[str] = []
    at = 0
    for found in _PLAIN.finditer(text):
        kind = found.lastgroup
        rest.append(text[at : found.start()])
        at = found.end()
        rest.append("''" if kind == "text" else " ")
        if kind is not None:
            literals.append(Literal(found.start(), at, kind, found[kind].replace("''", "'")))
    rest.append(text[at:])
    outside = "".join(rest)
    return None if _ODD.search(outside) or "'" in outside.replace("''", "") else literals


def cut_plainest(text: str) -> tuple[tuple[str, ...], list[str]]:
    """Cut a text at its plainest literals: what stands around them, one more than they are, and them."""
    parts = _PLAINEST.split(text)
    return tuple(parts[::2]), parts[1::2]


def put_together(around: Sequence[str], held: Sequence[str]) -> str:
    """Put a text together again."""
    return "".join(chain.from_iterable(zip_longest(around, held, fillvalue="")))
