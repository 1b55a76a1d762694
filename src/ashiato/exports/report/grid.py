"""A table of the report: headings, rows of texts made safe, and where the rest of them is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ashiato.exports.cell import show
from ashiato.exports.words import Words

#: A table in the report stops here and names the file that has the rest.
MOST_ROWS = 200


@dataclass(frozen=True)
class Grid:
    """A table: headings, rows of texts, which columns are numbers or code, and where the rest is."""

    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    kinds: str
    more: str = ""


def make_grid(
    words: Words, heads: Sequence[str], rows: Sequence[tuple[str, ...]], kinds: str, rest: str
) -> Grid:
    """Return a table: ``heads`` are keys of words (empty: none), ``rest`` the file with what is left out."""
    over = len(rows) - MOST_ROWS
    more = words.say("more", number=words.number(over), file=rest) if over > 0 else ""
    named = tuple(_head(words, head) for head in heads)
    return Grid(named, [_shown(row) for row in rows[:MOST_ROWS]], kinds, more)


def _head(words: Words, head: str) -> str:
    if not head:
        return ""
    return words.say(head if "." in head else f"report.{head}")


def _shown(row: Iterable[str]) -> tuple[str, ...]:
    return tuple(show(cell) for cell in row)
