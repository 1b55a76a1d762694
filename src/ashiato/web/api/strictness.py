"""A word of a query that no operation knows is refused: misspelled, it would narrow nothing unnoticed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from ashiato.exports.cell import show
from ashiato.web.api.problems import PREFIX, problem
from ashiato.web.api.routes import api


class KnownQueryMiddleware:
    """Compares what is asked with what the document says an operation takes."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        """``answer``: the rest of the way."""
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse what the operation does not take; else pass on."""
        return self._refusal(request) or self._answer(request)

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        if not request.path_info.startswith(PREFIX) or not request.GET:
            return None
        try:
            route = resolve(request.path_info).route
        except Resolver404:
            return None
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
        known = _taken().get((str(request.method).lower(), path))
        strange = sorted(set(request.GET) - known) if known is not None else []
        return problem(422, show(f"query.{strange[0][:100]}: no such parameter")) if strange else None


@cache
def _taken() -> Mapping[tuple[str, str], frozenset[str]]:
    """Return the names each operation takes in its query."""
    return {
        (method, path): frozenset(
            each["name"] for each in said.get("parameters", ()) if each["in"] == "query"
        )
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method, said in operations.items()
    }
