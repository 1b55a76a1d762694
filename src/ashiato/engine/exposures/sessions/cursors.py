"""Cursors: which rows of its query a FETCH brings, by what was fetched and passed over before.

Rows are counted from 1; 0 is before the first. Where the query ended before a FETCH was satisfied, the cursor
stands behind its last row, which the log need not tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sqlglot import exp
from sqlglot.errors import SqlglotError

from ashiato.engine.exposures.sessions.pieces import NAME, plain_name
from ashiato.engine.exposures.windows import limits_of

_FETCH = re.compile(
    rf"\s*(?P<way>.*?)\s*(?:\b(?:from|in)\b)?\s*(?P<name>{NAME})\s*;?\s*$", re.IGNORECASE | re.DOTALL
)
_BACK = frozenset({"prior", "backward"})


@dataclass(frozen=True)
class Cursor:
    """An open cursor: its query, when it was opened, where it stands.

    ``low`` and ``high``: the lowest and highest row it may stand on, ``high`` None where nothing tells;
    ``high`` is its place unless the query ended before (``vague``: or for other reasons).
    """

    query: str
    start_us: int
    held: bool
    low: int = 0
    high: int | None = 0
    vague: bool = False


@dataclass(frozen=True)
class Window:
    """Rows ``first`` to ``last`` (None: to the end) of a query; ``exact`` False: some of them."""

    first: int
    last: int | None
    exact: bool = True

    @property
    def empty(self) -> bool:
        """Whether no row is in it."""
        return self.last is not None and self.last < self.first


def fetched_from(rest: str) -> tuple[str, list[str]] | None:
    """Return the cursor's name and the words of direction of a FETCH or MOVE."""
    found = _FETCH.match(rest)
    return (plain_name(found["name"]), found["way"].lower().split()) if found else None


def fetch(cursor: Cursor, way: list[str], rows: int | None) -> tuple[Window, Cursor]:
    """Return what a FETCH brings and where the cursor stands after; ``rows``: how many the log says came."""
    if way and way[0] in ("first", "last", "absolute", "relative"):
        return _jump(cursor, way)
    back = bool(way) and way[0] in _BACK
    counts = [word for word in way if word not in ("forward", "backward", "next", "prior")]
    if counts == ["all"]:
        return _backward(cursor, None) if back else _forward(cursor, None, rows)
    count = _number(counts[0]) if counts else 1
    if count is None:
        return _anywhere(cursor)
    back, count = (not back, -count) if count < 0 else (back, count)
    if count == 0:
        return _relative(cursor, 0)
    return _backward(cursor, count) if back else _forward(cursor, count, rows)


def _forward(cursor: Cursor, count: int | None, rows: int | None) -> tuple[Window, Cursor]:
    if cursor.high is None:
        empty = Window(1, 0) if not cursor.vague else Window(cursor.low + 1, None, exact=False)
        return empty, cursor
    first = (cursor.low if cursor.vague else cursor.high) + 1
    window = Window(first, None if count is None else cursor.high + count, exact=not cursor.vague)
    # It may stand behind the last row already, unless this fetch brought rows.
    low = first if rows else max(1, cursor.low)
    if rows is not None and not cursor.vague and (count is None or rows < count):
        return window, replace(cursor, low=low + rows, high=first + rows)
    if count is None:
        return window, replace(cursor, low=low, high=None)
    sure = rows is not None and not cursor.vague
    return window, replace(cursor, low=window.last if sure and window.last else low, high=window.last)


def _backward(cursor: Cursor, count: int | None) -> tuple[Window, Cursor]:
    last = None if cursor.high is None else cursor.high - 1
    if count is None:
        return Window(1, last, exact=not cursor.vague), replace(cursor, low=0, high=0, vague=False)
    sure = cursor.low == cursor.high
    low, high = max(0, cursor.low - count), None if cursor.high is None else max(0, cursor.high - count)
    window = Window(max(1, low), last, exact=sure)
    return window, replace(cursor, low=low, high=high, vague=cursor.vague or not sure)


def _jump(cursor: Cursor, way: list[str]) -> tuple[Window, Cursor]:
    number = 1 if way[0] == "first" else _number(way[1]) if len(way) > 1 else None
    if way[0] == "last" or number is None or (way[0] == "absolute" and number < 0):
        return _anywhere(cursor)
    if way[0] == "relative":
        return _relative(cursor, number)
    return Window(max(1, number), number), replace(cursor, low=min(1, number), high=number, vague=False)


def _relative(cursor: Cursor, number: int) -> tuple[Window, Cursor]:
    low = max(0, cursor.low + number) if number <= 0 else max(1, cursor.low)
    high = None if cursor.high is None else max(0, cursor.high + number)
    sure = cursor.low == cursor.high or (number > 0 and not cursor.vague and high is not None)
    window = Window(high if sure and high is not None else max(1, low), high, exact=sure)
    if window.first == 0:
        window = Window(1, 0)
    return window, replace(cursor, low=low, high=high, vague=cursor.vague or not sure)


def _anywhere(cursor: Cursor) -> tuple[Window, Cursor]:
    return Window(1, None, exact=False), replace(cursor, low=0, high=None, vague=True)


def _number(word: str) -> int | None:
    sign, digits = (-1, word[1:]) if word.startswith("-") else (1, word.lstrip("+"))
    return sign * int(digits) if digits.isdigit() and len(digits) < 18 else None


def window_text(query: str, window: Window, dialect: str) -> tuple[str, bool]:
    """Return the statement for a window of a query, and whether it says just that."""
    text = query.rstrip("; \n\t\r")
    if window.first == 1 and window.last is None:
        return text, window.exact
    try:
        tree: exp.Expr = exp.maybe_parse(text, dialect=dialect)
    except SqlglotError:
        return text, False
    if not isinstance(tree, exp.Query):
        return text, False
    limit, offset = limits_of(tree)
    skipped, kept = _whole(offset), _whole(limit)
    if (skipped is None and offset is not None) or (kept is None and limit is not None):
        return text, False
    made = tree.copy()
    made.set("locks", None)
    made.set("offset", None)
    made.set("limit", None)
    ends = [n for n in (window.last, kept) if n is not None]
    count = max(0, min(ends) - window.first + 1) if ends else None
    paged = made.offset((skipped or 0) + window.first - 1, copy=False)
    return (paged.limit(count, copy=False) if count is not None else paged).sql(dialect), window.exact


def _whole(value: exp.Expr | None) -> int | None:
    """Return a bound as a number, None where it is none."""
    return int(value.this) if isinstance(value, exp.Literal) and str(value.this).isdigit() else None
