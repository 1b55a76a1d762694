"""The program's interface as one: its addresses, its document (OpenAPI), its refusals."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Router

from ashiato import __version__
from ashiato.rooms.cases.api import cases_of, roles_in
from ashiato.web.api import decisions, facts, sending_in, shapes, watch, work
from ashiato.web.api.bearers import Bearer
from ashiato.web.api.needing import token_of, turned_rows
from ashiato.web.api.problems import REFUSALS, TYPE, tell_problems


class Interface(NinjaAPI):
    """The library's, whose document says of each refusal that it is problem details."""

    def get_openapi_schema(self, **named: Any) -> Any:  # noqa: ANN401 - the library's signature
        """Return the document."""
        told = super().get_openapi_schema(**named)
        operations = (each for path in told["paths"].values() for each in path.values())
        for operation in operations:
            for status in REFUSALS:
                answer = operation["responses"][status]
                answer["content"] = {TYPE: answer["content"]["application/json"]}
        return told


#: No page of documents is served: it would load from elsewhere. The document itself is at ``openapi.json``.
api = Interface(
    title="Ashiato",
    version=__version__,
    description="What the console shows and does, for programs. docs/guides/api.md",
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
    auth=Bearer(),
)
tell_problems(api)
own = Router(tags=["own"])


@own.get("/me", response={200: shapes.Me} | REFUSALS, summary="Whose token this is")
def tell_me(request: HttpRequest) -> dict[str, Any]:
    """Tell a token's owner, scopes and end."""
    token = token_of(request)
    return {"name": token.staff.name, "scopes": token.scopes, "expires_at": token.expires_at}


@own.get("/cases", response={200: shapes.CasePage} | REFUSALS, summary="Cases one works on")
def list_cases(request: HttpRequest, page: shapes.Page = 1) -> dict[str, Any]:
    """List the cases in which the token's owner has a role."""
    staff = token_of(request).staff
    rows, place = turned_rows(cases_of(staff), page)
    cases = [
        {"name": row.name, "added_at": row.added_at, "roles": [str(role) for role in roles_in(row, staff)]}
        for row in rows
    ]
    return place | {"cases": cases}


api.add_router("", own)
api.add_router("/cases/{slug:case}", facts.router)
api.add_router("/cases/{slug:case}", work.router)
api.add_router("/cases/{slug:case}", watch.router)
api.add_router("/cases/{slug:case}", decisions.router)
api.add_router("/cases/{slug:case}", sending_in.router)
