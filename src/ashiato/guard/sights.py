"""Whose records a request's reply carried, by the data map: the keys asked for, or how many rows went out.

A *sight* is one person, or one reply that lists people. A reply that lists is known by what was asked for
(so the same page twice counts once) and weighs as many people as it may have carried.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl

from ashiato.datamap.model import DataMap, DataTable, Route
from ashiato.datamap.statements import tables_named
from ashiato.engine.api import RouteBook, is_success
from ashiato.guard.requests import Request

#: A row of names, dates and places in JSON or HTML: rather few, so as not to count too few people.
BYTES_PER_PERSON = 200
#: Hardly any row is larger: what a reply carried at least.
MOST_BYTES_PER_PERSON = 2_000
#: A reply to a request that names nothing is the asker's own page up to this size.
OWN_PAGE_BYTES = 65_536
_MOST_KEYS = 10_000
_HOLE = re.compile(r"\{(\w+)\}")
_LIMIT = re.compile(r"\blimit\s+(\d+)", re.IGNORECASE)
_EQUALS = re.compile(r"(\w+)\s*(?:=|\bin\s*\()\s*'?\{(\w+)\}", re.IGNORECASE)
_UNTOLD = ("_",)


class Sight(NamedTuple):
    """What was seen: a number that stands for it, how many people at most and at least, and the canary's key.

    ``step``: the number in what was asked for (a key, a page), by which order and stride show; or None.
    """

    what: int
    weight: int
    least: int
    step: int | None
    person: tuple[str, str] | None


class Look(NamedTuple):
    """All that one request let its asker see, by the role of its route."""

    role: str
    route: str
    sights: tuple[Sight, ...]


@dataclass(frozen=True)
class _Key:
    """A parameter whose value is the key of a record: ``exact`` where it is a person's own key."""

    name: str
    space: str
    exact: bool


@dataclass(frozen=True)
class _Sighting:
    """How one route shows people: by keys, else by rows, at most so many a reply; None: it shows nobody."""

    route: Route
    pattern: re.Pattern[str]
    keys: tuple[_Key, ...]
    limit: int | None
    is_own: bool


class SightBook:
    """The data map's routes, each with how its replies show people."""

    def __init__(self, datamap: DataMap, replies: dict[str, int]) -> None:
        """``replies``: how many people one reply of a route carries at most, by path, where told."""
        routes = RouteBook(datamap.routes)
        #: Return the number of a request's route, by method and path; None where the map has none.
        self.find = routes.find
        self._sightings = [_sighting(route, datamap, replies) for route in datamap.routes]

    def shows(self, number: int, code: int | None) -> bool:
        """Tell whether a route's replies of this status may show people; no route has a negative number."""
        sighting = None if number < 0 else self._sightings[number]
        return sighting is not None and is_success(sighting.route.answer, code)

    def look(self, number: int, request: Request) -> Look | None:
        """Return whom a reply showed that may show people; None where it showed nobody."""
        sighting = self._sightings[number]
        sights = tuple(_sights(sighting, request)) if sighting else ()
        return Look(sighting.route.role or "", sighting.route.path, sights) if sighting and sights else None


def _sighting(route: Route, datamap: DataMap, replies: dict[str, int]) -> _Sighting | None:
    tables = _tables_of(route, datamap)
    told = replies.get(route.path)
    if told == 0 or route.answer.columns == () or not _shows_people(route, tables, datamap):
        return None
    limits = [int(found[1]) for text in route.statements if (found := _LIMIT.search(text))]
    keys = tuple(_keys(route, tables))
    return _Sighting(
        route=route,
        pattern=re.compile(_HOLE.sub(r"(?P<\1>[^/]+)", _escaped(route.path))),
        keys=keys,
        limit=told if told is not None else max(limits, default=None),
        is_own=bool(keys) or (told is None and not limits),
    )


def _escaped(path: str) -> str:
    return re.escape(path.rstrip("/") or "/").replace(r"\{", "{").replace(r"\}", "}")


def _tables_of(route: Route, datamap: DataMap) -> dict[str, DataTable]:
    """The tables that a route can read: its system's, else every system's."""
    systems = [datamap.systems[route.system]] if route.system in datamap.systems else datamap.systems.values()
    return {name.lower(): table for system in systems for name, table in system.tables.items()}


def _shows_people(route: Route, tables: dict[str, DataTable], datamap: DataMap) -> bool:
    """Tell whether a route's statements read anybody's rows; one whose statements are unknown may."""
    if route.answer.columns is not None:
        named = {column.partition(".")[0].lower() for column in route.answer.columns}
        return any(_is_about_people(tables.get(name)) for name in named)
    engine = datamap.systems[route.system].engine if route.system in datamap.systems else "postgresql"
    read = [tables_named(statement, engine) for statement in route.statements]
    if not read or None in read:
        return True
    return any(_is_about_people(tables.get(name)) for names in read for name in names or ())


def _is_about_people(table: DataTable | None) -> bool:
    return table is None or table.person or table.belongs is not None


def _keys(route: Route, tables: dict[str, DataTable]) -> list[_Key]:
    """The parameters of a route that name a record: by its statements, else by the hole in its path."""
    found = [
        key
        for statement in route.statements
        for column, name in _EQUALS.findall(statement)
        if (key := _key_of(column.lower(), name, _read_by(statement, tables)))
    ]
    holes = _HOLE.findall(route.path)
    if not route.statements and holes:
        before = route.path.split(f"{{{holes[-1]}}}")[0].rstrip("/").rpartition("/")[2].lower()
        table = tables.get(before)
        found.append(_Key(holes[-1], before, exact=table is not None and table.person))
    return list(dict.fromkeys(found))


def _read_by(statement: str, tables: dict[str, DataTable]) -> list[DataTable]:
    """The tables that a statement names; all where it cannot be read."""
    named = tables_named(statement, "postgresql")
    return [table for name, table in tables.items() if named is None or name in named]


def _key_of(column: str, name: str, tables: list[DataTable]) -> _Key | None:
    """What a column that equals a parameter is the key of: a person's row, or one that hangs on a person."""
    for table in tables:
        if table.person and table.key == (column,):
            return _Key(name, table.name, exact=True)
    for table in tables:
        if table.belongs and table.belongs.columns == (column,):
            return _Key(name, table.belongs.table, exact=True)
    return next((_Key(name, table.name, exact=False) for table in tables if table.key == (column,)), None)


def _sights(sighting: _Sighting, request: Request) -> list[Sight]:
    """The people of one reply: those asked for by key, else the asker alone, else as many as fit."""
    asked = _asked(request.query) if request.query else []
    said = dict(asked) | _in_path(sighting, request.path)
    keyed = [
        _one(key, value) for key in sighting.keys if key.name in said for value in _split(said[key.name])
    ]
    if keyed:
        return keyed
    if not asked and sighting.is_own and request.reply_bytes <= OWN_PAGE_BYTES:
        return [Sight(_number("own", request.session or request.address), 1, 1, None, None)]
    return _listed(sighting, request, asked)


def _asked(query: str) -> list[tuple[str, str]]:
    return [pair for pair in parse_qsl(query, max_num_fields=_MOST_KEYS) if pair[0] not in _UNTOLD]


def _in_path(sighting: _Sighting, path: str) -> dict[str, str]:
    found = sighting.pattern.fullmatch(path.rstrip("/") or "/")
    return found.groupdict() if found else {}


def _split(value: str) -> list[str]:
    return [part for part in value.split(",", _MOST_KEYS)[:_MOST_KEYS] if part] or [value]


def _one(key: _Key, value: str) -> Sight:
    step = _whole(value)
    plain = value if step is None else str(step)
    return Sight(_number(key.space, plain), 1, int(key.exact), step, (key.space, plain))


def _whole(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def _listed(sighting: _Sighting, request: Request, asked: list[tuple[str, str]]) -> list[Sight]:
    fits = max(1, request.reply_bytes // BYTES_PER_PERSON)
    weight = fits if sighting.limit is None else min(fits, sighting.limit)
    least = min(weight, max(1, request.reply_bytes // MOST_BYTES_PER_PERSON)) if request.reply_bytes else 0
    numbers = [step for _, value in asked if (step := _whole(value)) is not None]
    what = _number(sighting.route.path, request.path, *(f"{name}={value}" for name, value in sorted(asked)))
    return [Sight(what, weight, least, numbers[-1] if numbers else None, None)]


def _number(*parts: str) -> int:
    text = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=7).digest(), "big")
