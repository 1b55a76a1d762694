"""Logged statements whose bound values no log holds: solved from the request that ran them.

Where the data map writes the route's statement, its names say which value of the request stood where. Where
it does not, and the request has just one value that varies, that value is tried, with the doubt named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.web_replies.asked import Asked, asked_values, places_of, varying_values
from ashiato.engine.routes import RouteBook

BIND_MISSING = "bind-missing"
_BIND = re.compile(r"\$[0-9]+")
_PLACE = re.compile(r"'?\{(\w+)\}'?")
_BLANKS = re.compile(r"\s+")


def solve_binds(executions: Iterable[Execution], book: RouteBook) -> list[Execution]:
    """Return the executions, those without their bound values with what their requests say of them."""
    written = {
        number: [(_plain(sql, _PLACE), _PLACE.findall(sql)) for sql in route.statements]
        for number, route in enumerate(book.routes)
    }
    return [
        _solved(execution, book, written)
        if execution.binds is None and _BIND.search(execution.text)
        else execution
        for execution in executions
    ]


def _solved(
    execution: Execution, book: RouteBook, written: dict[int, list[tuple[str, list[str]]]]
) -> Execution:
    path, _, query = (execution.target or "").partition("?")
    asked = asked_values(path, query)
    known = _by_route(execution, book, written, asked)
    if known is not None:
        return replace(execution, binds=_as_binds(known))
    values = varying_values(path, query)
    holes = sorted(set(_BIND.findall(execution.text)))
    if len(values) == 1 and len(holes) == 1:
        return replace(execution, binds=_as_binds(values), note=BIND_MISSING)
    return replace(execution, note=BIND_MISSING)


def _by_route(
    execution: Execution,
    book: RouteBook,
    written: dict[int, list[tuple[str, list[str]]]],
    asked: Asked,
) -> list[str] | None:
    """Return the values that the route's own statement names, in the order of its binds."""
    if execution.route is None:
        return None
    places = places_of(book.routes[execution.route].path)
    plain = _plain(execution.text, _BIND)
    for sql, names in written[execution.route]:
        held = [asked.get(places.get(name, f"?{name}")) for name in names]
        if sql == plain and all(value is not None for value in held) and _in_order(execution.text):
            return [value for value in held if value is not None]
    return None


def _in_order(text: str) -> bool:
    holes = _BIND.findall(text)
    return holes == [f"${place}" for place in range(1, len(holes) + 1)]


def _plain(sql: str, holes: re.Pattern[str]) -> str:
    return _BLANKS.sub(" ", holes.sub("?", sql)).strip().rstrip(";").lower()


def _as_binds(values: Iterable[str]) -> str:
    return ", ".join(
        f"${place} = '{value.replace(chr(39), chr(39) * 2)}'" for place, value in enumerate(values, start=1)
    )
