"""Logged statements of which no log holds some values, unbound or masked: solved from their requests.

Where the data map writes the route's statement, its names say which value of the request stood where. Where
it does not, and the request has just one value that varies, that value is tried, with the doubt named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from ashiato.engine.exposures.binds import parse_binds
from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.masks import BIND_MISSING, MASKED, find_masks, is_mask, may_mask, with_literals
from ashiato.engine.exposures.shapes import NotUnderstoodError, shape_statement
from ashiato.engine.exposures.web_replies.asked import (
    Asked,
    asked_values,
    pages_only,
    places_of,
    varying_values,
)
from ashiato.engine.routes import RouteBook

_BIND = re.compile(r"\$[0-9]+")
_PLACE = re.compile(r"'?\{(\w+)\}'?")
_BLANKS = re.compile(r"\s+")
_Written = dict[int, list[tuple[str, list[str]]]]


def solve_binds(executions: Iterable[Execution], book: RouteBook, dialect: str) -> list[Execution]:
    """Return the executions, those of which values are missing with what their requests say of them."""
    written = {
        number: [(_plain(sql, _PLACE), _PLACE.findall(sql)) for sql in route.statements]
        for number, route in enumerate(book.routes)
    }
    return [_told(execution, book, written, dialect) for execution in executions]


def _told(execution: Execution, book: RouteBook, written: _Written, dialect: str) -> Execution:
    code = _lack(execution, dialect)
    if code is None:
        return execution
    masks = find_masks(execution.text, dialect)
    if not masks:
        return _solved(execution, code, book, written)
    if _BIND.search(execution.text) or any(mask.many for mask in masks):
        return replace(execution, note=code)
    marked = with_literals(execution.text, masks, [f"${place}" for place, _ in enumerate(masks, start=1)])
    solved = _solved(replace(execution, text=marked), code, book, written)
    values = parse_binds(solved.binds)
    if len(values) != len(masks):
        return replace(execution, note=code)
    literals = [_quoted(value or "", dialect) for value in values.values()]
    return replace(execution, text=with_literals(execution.text, masks, literals), note=solved.note)


def _lack(execution: Execution, dialect: str) -> str | None:
    """Return why values of an execution are missing, or None; asked only where something hints at it."""
    text, binds = execution.text, execution.binds
    unbound = binds is None and _BIND.search(text)
    if execution.is_cut or not (unbound or may_mask(text) or may_mask(binds or "")):
        return None
    try:
        shape_statement(text, binds, dialect)
    except NotUnderstoodError as error:
        missing = str(error) in (MASKED, BIND_MISSING)
        return (MASKED if binds is not None else str(error)) if missing else None
    return None


def _solved(execution: Execution, code: str, book: RouteBook, written: _Written) -> Execution:
    path, _, query = (execution.target or "").partition("?")
    asked = {place: value for place, value in asked_values(path, query).items() if not is_mask(value)}
    known = _by_route(execution, book, written, asked)
    if known is not None:
        return replace(execution, binds=_as_binds(known))
    values = varying_values(path, query)
    holes = sorted(set(_BIND.findall(execution.text)))
    if len(values) == 1 and len(holes) == 1:
        ((place, value),) = values.items()
        if not pages_only(place) and not is_mask(value):
            return replace(execution, binds=_as_binds([value]), note=code)
    return replace(execution, note=code)


def _by_route(
    execution: Execution,
    book: RouteBook,
    written: _Written,
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


def _quoted(value: str, dialect: str) -> str:
    return exp.Literal.string(value).sql(dialect)
