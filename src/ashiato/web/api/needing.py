"""What every operation says of itself: whom it is open to, what it answers, how it may refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, TypeVar, cast

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from ashiato.rooms.accounts.api import ApiToken
from ashiato.rooms.cases.api import Permission
from ashiato.web.api.bearers import CaseBearer, scope_of
from ashiato.web.api.problems import REFUSALS
from ashiato.web.console.doors import CaseRequest

#: Rows of a page, whatever is asked for.
ROWS = 100
_Row = TypeVar("_Row")
_Of = TypeVar("_Of", bound=Model)


class Said(TypedDict):
    """What a route is given beside its address."""

    auth: CaseBearer
    response: Any
    openapi_extra: dict[str, Any]


def needing(permission: Permission, shape: Any, status: int = 200) -> Said:  # noqa: ANN401 - a schema, or a list
    """Say who may: whoever has a permission in the case of the address, by a token with its scope."""
    return Said(
        auth=CaseBearer(permission),
        response={status: shape} | REFUSALS,
        openapi_extra={"x-scope": scope_of(permission)},
    )


def here_of(request: HttpRequest) -> CaseRequest:
    """Return the case of an operation, as its door opened it."""
    return cast("CaseRequest", request.auth)  # type: ignore[attr-defined]  # set by the door


def token_of(request: HttpRequest) -> ApiToken:
    """Return the token of an operation that belongs to no case."""
    return cast("ApiToken", request.auth)  # type: ignore[attr-defined]  # set by the door


def turned(rows: Sequence[_Row], number: int) -> tuple[list[_Row], dict[str, int]]:
    """Return one page of rows, and where it stands; past the last page it is the last one."""
    return _page(Paginator(rows, ROWS), number)


def turned_rows(rows: QuerySet[_Of], number: int) -> tuple[list[_Of], dict[str, int]]:
    """Return one page of a table's rows, and where it stands."""
    return _page(Paginator(rows, ROWS), number)


def _page(pages: Paginator[Any], number: int) -> tuple[list[Any], dict[str, int]]:
    page = pages.get_page(number)
    return list(page), {"page": page.number, "last": pages.num_pages, "total": pages.count}
