"""Which route of the data map a request took, and what that route's reply may carry."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache

from ashiato.datamap.model import Answer, Route

#: A request's path without what varies in it, as SQL, for a column in place of ``{path}``: requests of one
#: kind have the same.
TEMPLATE_SQL = "regexp_replace({path}, '[0-9a-fA-F-]*[0-9][0-9a-zA-Z_-]*', '{{}}', 'g')"
_HOLE = re.compile(r"\\\{[^/{}]*\\\}")


class RouteBook:
    """The data map's routes, ready to be looked up by method and path."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        """Order the routes so that the most literal template wins."""
        self.routes = routes
        ranked = sorted(
            range(len(routes)), key=lambda n: (routes[n].path.count("{"), -len(routes[n].path), n)
        )
        self._patterns = [(number, _pattern_of(routes[number].path)) for number in ranked]
        self.find = lru_cache(maxsize=65_536)(self._find)

    def _find(self, method: str, path: str) -> int | None:
        for number, pattern in self._patterns:
            methods = self.routes[number].methods
            if (not methods or method in methods) and pattern.fullmatch(path.rstrip("/") or "/"):
                return number
        return None


def _pattern_of(path: str) -> re.Pattern[str]:
    return re.compile(_HOLE.sub("[^/]+", re.escape(path.rstrip("/") or "/")))


def is_answered(answer: Answer | None, column: str) -> bool:
    """Tell whether a route's reply carries a column (``table.column``); without a map, all do."""
    if answer is None:
        return True
    if any(fnmatchcase(column, pattern) for pattern in answer.drops):
        return False
    return answer.columns is None or any(fnmatchcase(column, pattern) for pattern in answer.columns)


def is_success(answer: Answer | None, code: int | None) -> bool:
    """Tell whether a status carries rows: as the data map says, else any 2xx; no reply at all is none."""
    if answer is not None and answer.success:
        return code in answer.success
    return code is not None and 200 <= code < 300
