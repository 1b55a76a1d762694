"""A client with an address of its own: what it asks, what comes back, and when its last byte was here."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

_BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
_SECONDS = 60


@dataclass(frozen=True)
class Reply:
    """One whole reply; ``at`` is when its last byte had been read. Status 0: there was none."""

    at: datetime
    method: str
    path: str
    status: int
    body: bytes = b""
    kind: str = ""
    location: str = ""


@dataclass
class Client:
    """One address, one browser or program, at most one session."""

    url: str
    address: str
    agent: str = _BROWSER
    cookie: str = ""
    bearer: str = ""
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    @property
    def session(self) -> str:
        """The session as the server's logs name it."""
        return self.cookie[:12]

    def get(self, path: str) -> Reply:
        """Ask for a path."""
        return self._ask("GET", path, None, {})

    def post(self, path: str, form: dict[str, str]) -> Reply:
        """Send a form."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode(form).encode(), kind)

    def post_json(self, path: str, said: object) -> Reply:
        """Send JSON, as programs do."""
        return self._ask("POST", path, json.dumps(said).encode(), {"Content-Type": "application/json"})

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        """Leave no connection open behind a client that nobody holds any more."""
        self.close()

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        sent = {"User-Agent": self.agent, **headers}
        if self.cookie:
            sent["Cookie"] = f"sid={self.cookie}"
        if self.bearer:
            sent["Authorization"] = f"Bearer {self.bearer}"
        for _ in range(2):  # a connection kept open may have been closed meanwhile: once more, on a new one
            fresh = self._connection is None
            try:
                return self._once(method, path, body, sent)
            except (OSError, http.client.HTTPException):
                self.close()
                if fresh:
                    break
        return Reply(now(), method, path, 0)

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        if self._connection is None:
            split = urlsplit(self.url)
            self._connection = http.client.HTTPConnection(
                split.hostname or "", split.port, timeout=_SECONDS, source_address=(self.address, 0)
            )
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        read, at = answer.read(), now()
        set_cookie = answer.headers.get("Set-Cookie", "")
        if set_cookie.startswith("sid="):
            self.cookie = set_cookie[4:].split(";")[0]
        kind, location = answer.headers.get_content_type(), answer.headers.get("Location", "")
        return Reply(at, method, path, answer.status, read, kind, location)


def now() -> datetime:
    """Return the time, aware and UTC."""
    return datetime.fromtimestamp(time.time(), UTC)
