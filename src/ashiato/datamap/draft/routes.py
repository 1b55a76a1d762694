"""Draft routes from the logs: path templates, methods, the statuses proven to carry rows, sign-ins.

Only what the logs prove is claimed: no answer's columns, no drops; ``success`` is given only where every
other status seen on the route is shown to carry nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ashiato.datamap.draft.links import singular
from ashiato.datamap.model import Answer, Route

_MOST_ROUTES = 500
_MANY = 30
_REFUSALS = 20
#: Statements joined to a request less surely than this prove nothing of it.
SURE = 0.9
#: A route of which so many requests likely ran one is listed, though nothing is claimed of its replies.
_LIKELY, _FEW = 0.3, 3
_VARIABLE = re.compile(
    r"""
    [0-9]+                                                # a number
    | [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}   # a UUID
    | (?=[^0-9]*[0-9]) [0-9a-f]{16,}                      # a hash or token
    | [A-Za-z]{0,6}[-_]? [0-9]{4,} (?: [-_][0-9A-Za-z]+ )*  # PI-2022-700001, C000123
    """,
    re.VERBOSE | re.IGNORECASE,
)
_WELL_FORMED = re.compile(r"/[^?#\s{}\\]{0,300}")
_SIGN_IN = re.compile(
    r"(?:^|[/_-])(?:log-?in|log-?on|sign-?in|auth|authenticate|sessions?)(?:$|[/._-])", re.IGNORECASE
)


class Tables(Protocol):
    """Where the run's tables can be asked by SQL."""

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""


@dataclass
class _Status:
    """What was seen of one status on one route.

    ``told`` counts requests whose statements are known, ``with_rows`` those that read rows,
    ``unknown_rows`` those with a statement that failed or whose rows were not logged.
    """

    requests: int = 0
    told: int = 0
    with_rows: int = 0
    unknown_rows: int = 0
    sizes: set[int | None] = field(default_factory=set)


@dataclass
class SeenRoute:
    """One path template and method with what its requests did."""

    path: str
    method: str
    statuses: dict[int, _Status] = field(default_factory=dict)
    shapes: dict[str, int] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """How many requests were seen."""
        return sum(status.requests for status in self.statuses.values())


_REQUESTS = f"""
    WITH told AS (
        SELECT c.http_event_id, sum(CASE WHEN c.confidence >= {SURE} THEN 1 ELSE 0 END) AS statements,
            sum(CASE WHEN c.confidence >= {SURE} AND s.query_rows > 0 THEN 1 ELSE 0 END) AS filled,
            sum(CASE WHEN c.confidence >= {SURE} AND s.query_rows IS NULL THEN 1 ELSE 0 END) AS unknown,
            max(c.confidence) AS likely
        FROM causes c JOIN events s ON s.event_id = c.sql_event_id
        GROUP BY c.http_event_id
    )
    SELECT e.http_request_method, e.http_request_path, e.http_response_code, count(*),
        sum(CASE WHEN t.statements > 0 THEN 1 ELSE 0 END),
        sum(CASE WHEN t.filled > 0 THEN 1 ELSE 0 END), sum(CASE WHEN t.unknown > 0 THEN 1 ELSE 0 END),
        sum(CASE WHEN t.likely >= {_LIKELY} THEN 1 ELSE 0 END),
        min(e.http_response_body_bytes), max(e.http_response_body_bytes)
    FROM events e LEFT JOIN told t ON t.http_event_id = e.event_id
    WHERE e.http_request_method IS NOT NULL AND e.http_request_path IS NOT NULL
        AND e.http_response_code IS NOT NULL
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_SHAPES = f"""
    SELECT e.http_request_method, e.http_request_path, s.query_text, count(*)
    FROM causes c JOIN events e ON e.event_id = c.http_event_id JOIN events s ON s.event_id = c.sql_event_id
    WHERE c.confidence >= {SURE} AND s.query_text IS NOT NULL AND e.http_request_method IS NOT NULL
        AND e.http_request_path IS NOT NULL
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def see_routes(tables: Tables) -> list[SeenRoute]:
    """Return the ways in that ran statements or sign people in, most used first."""
    rows = tables.rows(_REQUESTS)
    templates = templates_of({path for _, path, code, *_ in rows if code < 400})
    seen: dict[tuple[str, str], SeenRoute] = {}
    ran: set[tuple[str, str]] = set()
    likely: Counter[tuple[str, str]] = Counter()
    for method, path, code, count, *rest in rows:
        template = templates.get(path) or fill(path)
        if template is None or not re.fullmatch(r"[A-Z]{1,20}", method):
            continue
        route = seen.setdefault((template, method), SeenRoute(template, method))
        _add(route.statuses.setdefault(code, _Status()), count, rest)
        likely[template, method] += rest[3] or 0
        if rest[0] or likely[template, method] >= _FEW or _is_sign_in(route):
            ran.add((template, method))
    known = [route for place, route in seen.items() if place in ran and min(route.statuses) < 400]
    kept = sorted(known, key=lambda route: (-route.requests, route.path, route.method))[:_MOST_ROUTES]
    _add_shapes(tables, templates, {(route.path, route.method): route for route in kept})
    return kept


def draft_route(seen: SeenRoute, system: str | None) -> Route:
    """Return the route as far as the logs prove it."""
    return Route(
        path=seen.path,
        methods=(seen.method,),
        system=system,
        answer=Answer(success=_proven_success(seen)),
        login=_is_sign_in(seen),
    )


def fill(path: str) -> str | None:
    """Return a path with its numbers, hashes and codes as ``{id}``; None for what no route is written as."""
    if not _WELL_FORMED.fullmatch(path):
        return None
    parts = ["{}" if _VARIABLE.fullmatch(part) else part for part in path.split("/")]
    return _named(parts)


def templates_of(paths: Iterable[str]) -> dict[str, str]:
    """Return each path's template; a place that takes very many words is a changing part as well."""
    filled = {path: fill(path) for path in sorted(paths)}
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for template in set(filled.values()) - {None}:
        head, _, last = str(template).rpartition("/")
        if "{" not in last and "." not in last:
            groups[head, ""].add(last)
    wide = {head for (head, _), words in groups.items() if len(words) > _MANY and head}
    return {path: _widened(template, wide) for path, template in filled.items() if template is not None}


def _widened(template: str, wide: set[str]) -> str:
    head, _, last = template.rpartition("/")
    if head in wide and "{" not in last and "." not in last:
        return _named([*re.sub(r"\{\w*\}", "{}", head).split("/"), "{}"])
    return template


def _named(parts: list[str]) -> str:
    """Name the changing parts: ``{id}`` for the last, the noun before them for the others."""
    places = [number for number, part in enumerate(parts) if part == "{}"]
    taken: set[str] = set()
    for number in reversed(places):
        before = re.sub(r"\W+", "_", singular(parts[number - 1])) if number else ""
        name = "id" if "id" not in taken else f"{before or 'part'}_id"
        while name in taken:
            name += "_"
        taken.add(name)
        parts[number] = f"{{{name}}}"
    return "/".join(parts)


def shape_of(sql: str) -> str:
    """Return a statement without its values, on one line, so that no personal data stands in a draft."""
    bare = re.sub(r"'(?:[^'\\]|\\.|'')*'?", "?", sql)
    bare = re.sub(r"(?<![\w$])-?\d[\d.]*\b", "?", bare)
    return " ".join(bare.split())


def _is_sign_in(route: SeenRoute) -> bool:
    return route.method == "POST" and _SIGN_IN.search(route.path) is not None


def _add(status: _Status, count: int, rest: Sequence[int | None]) -> None:
    told, filled, unknown, _, smallest, largest = rest
    status.requests += count
    status.told += told or 0
    status.with_rows += filled or 0
    status.unknown_rows += unknown or 0
    status.sizes |= {smallest, largest}


def _add_shapes(tables: Tables, templates: dict[str, str], routes: dict[tuple[str, str], SeenRoute]) -> None:
    for method, path, text, count in tables.rows(_SHAPES):
        route = routes.get((templates.get(path) or fill(path) or "", method))
        if route is not None:
            shape = shape_of(text)
            route.shapes[shape] = route.shapes.get(shape, 0) + count


def _proven_success(seen: SeenRoute) -> tuple[int, ...]:
    """The statuses that carry rows, when every other status is shown to carry none; else nothing."""
    carrying = {code for code, status in seen.statuses.items() if code < 300 and status.with_rows}
    others = [status for code, status in seen.statuses.items() if code not in carrying]
    if carrying and all(_carries_nothing(status) for status in others):
        return tuple(sorted(carrying))
    return ()


def _carries_nothing(status: _Status) -> bool:
    """No row was read by any request, or a refusal: one size for every reply whatever row was read."""
    if status.unknown_rows:
        return False
    one_size = len(status.sizes) == 1 and None not in status.sizes
    all_empty = status.with_rows == 0 and status.told == status.requests
    return all_empty or (one_size and status.with_rows >= _REFUSALS)
