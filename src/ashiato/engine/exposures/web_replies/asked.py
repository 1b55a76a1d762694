"""What a request asked for: its values by place, as the application's router would see them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

_VARIABLE = re.compile(r"(?<![^/])(?=[^/]*[0-9])[^/]+")
_HOLE = re.compile(r"^\{(\w+)\}$")
_MOST_PARAMETERS = 200
_BODILESS = frozenset({"GET", "HEAD"})
#: Names that applications give to such parameters.
_PAGING = frozenset({
    "page", "p", "pg", "pageno", "page_no", "pagenumber", "page_number", "offset", "start", "from", "skip",
    "limit", "size", "per_page", "perpage", "page_size", "pagesize", "count", "rows", "sort", "sort_by",
    "order", "order_by", "dir", "direction", "lang", "language", "locale", "tab", "view", "format", "v",
    "version", "t", "ts", "_",
})  # fmt: skip

#: Values by place: ``/2`` is the third segment of the path, ``?page`` a parameter.
Asked = dict[str, str]
#: The place for who asked: the session, else the account, else the address.
ASKER = "@asker"


def asked_values(path: str, query: str | None) -> Asked:
    """Return a request's values by place, decoded once; of a parameter given twice the last."""
    values = {f"/{place}": part for place, part in enumerate(path_parts(path))}
    try:
        named = parse_qsl(query or "", keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        named = []
    return values | {f"?{name}": value for name, value in named}


def path_parts(path: str) -> list[str]:
    """Return what stands between a path's slashes, decoded once."""
    return [unquote(part) for part in path.strip("/").split("/")]


def asked_by(asked: Asked, *askers: str | None) -> Asked:
    """Return a request's values with who asked, the first that is known."""
    return asked | {ASKER: next(filter(None, askers), "")}


def may_decide(place: str, value: str) -> bool:
    """Tell whether a value may differ between requests of one kind, or it is who asked."""
    return place == ASKER or place.startswith("?") or numbered(value)


def numbered(part: str) -> bool:
    """Tell whether a path's part has a digit, and so is a value, or a name that happens to hold one."""
    return _VARIABLE.fullmatch(part) is not None


def varying_values(path: str, query: str | None) -> Asked:
    """Return by place what could say whose data a request asks for: parts with digits, parameters."""
    asked = asked_values(path, query)
    return {place: value for place, value in asked.items() if may_decide(place, value)}


def pages_only(place: str) -> bool:
    """Tell whether a value says which part of a list is asked for, or how it is shown, and not whose."""
    return place.lstrip("?").lower() in _PAGING


def names_nobody(method: str, path: str, query: str | None) -> bool:
    """Tell whether a request has no value that could say whose data it asks for, nor a body."""
    return method.upper() in _BODILESS and not varying_values(path, query)


def places_of(template: str) -> dict[str, str]:
    """Return where each ``{name}`` of a route's path template stands."""
    found = ((place, _HOLE.match(part)) for place, part in enumerate(template.strip("/").split("/")))
    return {hole[1]: f"/{place}" for place, hole in found if hole is not None}


def kind_of(method: str | None, path: str, query: str | None) -> str:
    """Return what kind of request this is: method, path without what varies, names of its parameters."""
    names = sorted(name for name in asked_values("", query) if name.startswith("?"))
    return f"{method} {_VARIABLE.sub('#', path.rstrip('/') or '/')}" + "".join(f" {name}" for name in names)


def numbered_parts(asked: Asked) -> tuple[str, ...]:
    """Return the path's parts with digits."""
    return tuple(part for place, part in asked.items() if place.startswith("/") and numbered(part))


def path_of_kind(kind: str) -> str:
    """Return a kind without its parameters' names."""
    return kind.split(" ?", 1)[0]
