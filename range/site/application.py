"""The application itself: paths to what answers them, each with its door; some doors stand open on purpose.

Faults it has by intent: any customer's session reads anybody's record; the search pastes its words into SQL
under a role that may read it all; any member of staff exports everything; a program's batch has no limit of
its own but its size; nobody counts wrong passwords.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.exceptions import BadRequest, HTTPException, NotFound, ServiceUnavailable
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from range.site.connections import Connections, Row, StatementError, UnavailableError
from range.site.definition import Site
from range.site.pages import PAGE, render_csv, render_json, render_page
from range.site.sessions import COOKIE, Sessions, Visitor

#: Hidden by nginx from the client, written into its log.
USER_HEADER = "X-Site-User"
BATCH = 500
EXPORT = 100_000


class Application:
    """A WSGI application of one site."""

    def __init__(self, site: Site, connections: Connections, sessions: Sessions) -> None:
        """Put the site's paths up."""
        self._site, self._connections, self._sessions = site, connections, sessions
        answering: dict[str, tuple[str, Callable[..., Response]]] = {
            "/healthz": ("GET", self._health),
            "/login": ("POST", self._login),
            "/staff/login": ("POST", self._staff_login),
            "/logout": ("POST", self._logout),
            "/mypage": ("GET", self._own),
            site.record: ("GET", self._record),
            site.listing: ("GET", self._listing),
            f"{site.listing}/<int:key>": ("GET", self._detail),
            site.export: ("GET", self._export),
            site.batch: ("POST", self._batch),
            site.searched.path: ("GET", self._search),
        }
        rules = [Rule(path, endpoint=path, methods=[method]) for path, (method, _) in answering.items()]
        self._paths, self._answering = Map(rules), answering

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        try:
            path, values = self._paths.bind_to_environ(environ).match()
            response: Any = self._answering[path][1](request, **values)
        except HTTPException as refused:
            response = refused
        except UnavailableError:
            response = ServiceUnavailable()
        except StatementError:
            response = BadRequest()
        answer: Iterable[bytes] = response(environ, start_response)
        return answer

    def _health(self, request: Request) -> Response:  # noqa: ARG002 - as every path is answered
        return Response("ok")

    def _login(self, request: Request) -> Response:
        return self._signed_in(request, "customer", request.form.get("email", ""), "/mypage")

    def _staff_login(self, request: Request) -> Response:
        return self._signed_in(request, "staff", request.form.get("login", ""), self._site.listing)

    def _signed_in(self, request: Request, kind: str, name: str, onward: str) -> Response:
        cookie = self._sessions.sign_in(request, kind, name, request.form.get("password", ""))
        if cookie is None:
            return Response("wrong name or password", 403)
        response = Response("", 303, headers={"Location": onward})
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="Lax")
        return response

    def _logout(self, request: Request) -> Response:
        self._sessions.sign_out(request)
        return Response("", 303, headers={"Location": "/"})

    def _own(self, request: Request) -> Response:
        visitor = self._sessions.visitor(request, "customer")
        people = self._site.people
        own = self._people("site_customer", people.shown, f"{people.key} = %s", [visitor.account])
        hung = [
            self._connections.rows(
                "site_customer",
                f"SELECT {', '.join(each.shown)} FROM {each.table} WHERE {each.by} = %s ORDER BY 1 LIMIT 20",
                [visitor.account],
            )
            for each in self._site.belongings
        ]
        return _signed(render_page("My page", [own, *hung], people.key), visitor)

    def _record(self, request: Request, key: int) -> Response:
        visitor = self._sessions.visitor(request, "customer")
        return _signed(render_json(self._one("site_customer", key)), visitor)

    def _detail(self, request: Request, key: int) -> Response:
        visitor = self._sessions.visitor(request, "staff")
        row = self._one("site_staff", key)
        return _signed(render_page("Customer", [[row]], self._site.people.key), visitor)

    def _listing(self, request: Request) -> Response:
        visitor = self._sessions.visitor(request, "staff")
        page = max(1, request.args.get("page", 1, type=int))
        rows = self._matching(request, self._site.people.listed, PAGE, (page - 1) * PAGE)
        return _signed(render_page("Customers", [rows], self._site.people.key), visitor)

    def _export(self, request: Request) -> Response:
        visitor = self._sessions.visitor(request, "staff")
        return _signed(render_csv(self._matching(request, self._site.people.shown, EXPORT, 0)), visitor)

    def _batch(self, request: Request) -> Response:
        visitor = self._sessions.partner(request)
        asked = request.get_json()
        keys = asked.get("ids") if isinstance(asked, dict) else None
        if (
            not isinstance(keys, list)
            or not 0 < len(keys) <= BATCH
            or not all(type(key) is int for key in keys)
        ):
            raise BadRequest
        people = self._site.people
        rows = self._people(
            "site_partner", people.shown, f"{people.key} IN ({', '.join(['%s'] * len(keys))})", keys
        )
        return _signed(render_json(rows), visitor)

    def _search(self, request: Request) -> Response:
        searched = self._site.searched
        narrowed, words = request.args.get(searched.narrowed, ""), request.args.get("q", "")
        statement = (
            f"SELECT {', '.join(searched.shown)} FROM {searched.table} "
            f"WHERE {searched.narrowed} = '{narrowed}' AND name LIKE '%{words}%' ORDER BY id LIMIT 20"
        )
        try:
            rows = self._connections.rows("site_search", statement)
        except StatementError as fault:
            return Response(str(fault) if searched.prints_errors else "error", 500)
        if searched.prints_errors:
            return render_page("Search", [rows], key="")
        return Response("found" if rows else "nothing found")

    def _one(self, role: str, key: int) -> Row:
        people = self._site.people
        rows = self._people(role, people.shown, f"{people.key} = %s", [key])
        if not rows:
            raise NotFound
        return rows[0]

    def _matching(self, request: Request, columns: tuple[str, ...], most: int, skipped: int) -> list[Row]:
        name = self._site.people.name
        where, values = (
            f"{name} LIKE %s ORDER BY {name}, {self._site.people.key}",
            [request.args.get("q", "") + "%"],
        )
        return self._people("site_staff", columns, f"{where} LIMIT {most} OFFSET {skipped}", values)

    def _people(self, role: str, columns: tuple[str, ...], where: str, values: list[Any]) -> list[Row]:
        table = self._site.people.table
        return self._connections.rows(role, f"SELECT {', '.join(columns)} FROM {table} WHERE {where}", values)


def _signed(response: Response, visitor: Visitor) -> Response:
    response.headers[USER_HEADER] = f"{visitor.kind}:{visitor.name}"
    return response
