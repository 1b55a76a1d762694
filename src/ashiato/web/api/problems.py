"""Refusals as problem details (RFC 9457): one form, whatever refused; nothing of the inside in them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, Throttled, ValidationError

from ashiato.exports.cell import show
from ashiato.terms.errors import AshiatoError

PREFIX = "/api/"
TYPE = "application/problem+json"
_MOST_FLAWS = 20


class Problem(Schema):
    """Why something was refused."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    fix: str = ""


#: How each operation may refuse.
_STATUSES = (400, 401, 403, 404, 405, 409, 413, 422, 429, 503)
REFUSALS: dict[int, Any] = dict.fromkeys(_STATUSES, Problem)


def problem(status: int, detail: str = "", fix: str = "") -> HttpResponse:
    """Return an answer of this form."""
    said = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, fix=fix)
    return HttpResponse(json.dumps(said.model_dump()), status=status, content_type=TYPE)


def tell_problems(api: NinjaAPI) -> None:
    """Let every refusal of an operation be told in this form."""
    api.add_exception_handler(Http404, _plain(404))
    api.add_exception_handler(PermissionDenied, _plain(403))
    api.add_exception_handler(AshiatoError, _refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _by_status)
    api.add_exception_handler(Exception, _broken)


def _plain(status: int) -> Callable[[HttpRequest, Any], HttpResponse]:
    def tell(request: HttpRequest, fault: Any) -> HttpResponse:  # noqa: ANN401 - whatever was raised
        del request, fault
        return problem(status)

    return tell


def _refused(request: HttpRequest, fault: Any) -> HttpResponse:  # noqa: ANN401 - the library's handlers
    del request
    return problem(409, show(fault.what), show(fault.fix or ""))


def _invalid(request: HttpRequest, fault: Any) -> HttpResponse:  # noqa: ANN401 - the library's handlers
    del request
    flaws = [f"{'.'.join(map(str, flaw['loc']))}: {flaw['msg']}" for flaw in fault.errors[:_MOST_FLAWS]]
    return problem(422, show("; ".join(flaws)))


def _by_status(request: HttpRequest, fault: Any) -> HttpResponse:  # noqa: ANN401 - the library's handlers
    del request
    answer = problem(fault.status_code, show(fault.message))
    if fault.status_code == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="ashiato"'
    if isinstance(fault, Throttled) and fault.wait is not None:
        answer.headers["Retry-After"] = str(fault.wait)
    return answer


def _broken(request: HttpRequest, fault: Any) -> HttpResponse:  # noqa: ANN401 - the library's handlers
    logging.getLogger(__name__).error("%s of %s", type(fault).__name__, request.path, exc_info=fault)
    return problem(500, "a fault of ours; the server's log has it")


class ProblemMiddleware:
    """Tells in the same form what was refused before any operation was reached."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        """``answer``: the rest of the way."""
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, and put refusals of others into our form."""
        answer = self._answer(request)
        if not request.path_info.startswith(PREFIX) or answer.status_code < HTTPStatus.BAD_REQUEST:
            return answer
        if answer.headers.get("Content-Type") == TYPE:
            return answer
        told = problem(answer.status_code)
        if "Allow" in answer.headers:
            told.headers["Allow"] = answer.headers["Allow"]
        return told
