"""Who asks: sessions are rows, looked up for every request, so one that was ended is out at once."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Request

from range.site.accounts import hashed
from range.site.connections import Connections
from range.site.definition import Site

COOKIE = "sid"
_SID = 12
_ROLE = "site_accounts"


@dataclass(frozen=True)
class Visitor:
    """Somebody who signed in: of which kind, which account, and how the logs name them."""

    kind: str
    account: int
    name: str


class Sessions:
    """Signing in and out, and the log that ties a session to an account."""

    def __init__(self, site: Site, connections: Connections, log: Path) -> None:
        """Keep where accounts are and where signing in is told."""
        self._site, self._connections, self._log = site, connections, log

    def sign_in(self, request: Request, kind: str, name: str, password: str) -> str | None:
        """Return a new session's cookie for the right password, and None for a wrong one."""
        found = self._find(kind, name)
        known = found is not None and found["password_hash"] == hashed(password) and not found["disabled"]
        if found is None or not known:
            self._tell(request, "login_failed", "-", kind, name)
            return None
        sid, secret = secrets.token_hex(_SID // 2), secrets.token_hex(16)
        self._connections.rows(
            _ROLE,
            "INSERT INTO sessions (sid, secret_hash, kind, account, address) VALUES (%s, %s, %s, %s, %s)",
            [sid, hashed(secret), kind, found["id"], _address(request)],
        )
        self._tell(request, "login_ok", sid, kind, str(found["id"]) if kind == "customer" else name)
        return f"{sid}{secret}"

    def sign_out(self, request: Request) -> None:
        """End the session of a request."""
        sid = request.cookies.get(COOKIE, "")[:_SID]
        self._connections.rows(_ROLE, "DELETE FROM sessions WHERE sid = %s", [sid])

    def visitor(self, request: Request, kind: str) -> Visitor:
        """Return who asks; refused without a session, after its end, and where it is of another kind."""
        cookie = request.cookies.get(COOKIE, "")
        rows = self._connections.rows(
            _ROLE, "SELECT kind, account, secret_hash FROM sessions WHERE sid = %s", [cookie[:_SID]]
        )
        if not rows or rows[0]["secret_hash"] != hashed(cookie[_SID:]):
            raise Unauthorized
        session = rows[0]
        if session["kind"] != kind:
            raise Forbidden
        return self._enabled(session["kind"], session["account"])

    def partner(self, request: Request) -> Visitor:
        """Return the partner whose token a program shows."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        rows = self._connections.rows(
            _ROLE, "SELECT id, name, disabled FROM partners WHERE token_hash = %s", [hashed(token)]
        )
        if not rows or rows[0]["disabled"]:
            raise Unauthorized
        return Visitor("partner", rows[0]["id"], rows[0]["name"])

    def _enabled(self, kind: str, account: int) -> Visitor:
        people = self._site.people
        table, key, name = (
            ("staff", "id", "login") if kind == "staff" else (people.table, people.key, people.key)
        )
        rows = self._connections.rows(
            _ROLE, f"SELECT {name} AS name, disabled FROM {table} WHERE {key} = %s", [account]
        )
        if not rows or rows[0]["disabled"]:
            raise Unauthorized
        return Visitor(kind, account, str(rows[0]["name"]))

    def _find(self, kind: str, name: str) -> dict[str, Any] | None:
        people = self._site.people
        table, key, login = (
            ("staff", "id", "login") if kind == "staff" else (people.table, people.key, people.mail)
        )
        rows = self._connections.rows(
            _ROLE,
            f"SELECT {key} AS id, password_hash, disabled FROM {table} WHERE {login} = %s",
            [name],
        )
        return rows[0] if rows else None

    def _tell(self, request: Request, event: str, sid: str, kind: str, name: str) -> None:
        at = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
        line = {"time": at, "event": event, "sess": sid, "kind": kind, "user": name, "ip": _address(request)}
        with self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _address(request: Request) -> str:
    return request.headers.get("X-Real-IP", "-")
