"""Stands in for the interfaces of four providers of mail: over real HTTP, and with faults.

It answers as each of them documents, and keeps the body of every request it took. ``act``: ``take``; a status
code to answer instead, with what it ``says``; ``drop`` (hang up before taking), ``lose`` (take, then hang
up), ``babble`` (take, and answer what is no JSON).
"""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

_SES = "/v2/email/outbound-emails"


class MailProvider:
    """The stand-in; ``taken`` are bodies, what Amazon takes in base64 decoded."""

    def __init__(self) -> None:
        """A free port of this machine."""
        self.taken: list[bytes] = []
        self.act: str | int = "take"
        self.waits = ""
        self.says = b'{"message": "no"}'
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Self:
        """Serve."""
        self._thread = threading.Thread(target=self.server.serve_forever)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if isinstance(provider.act, int):
                    self._answer(provider.act, provider.says)
                elif provider.act == "drop":
                    self.close_connection = True
                else:
                    provider.taken.append(_readable(self.path, body))
                    self._took()

            def _took(self) -> None:
                if provider.act == "lose":
                    self.close_connection = True
                elif provider.act == "babble":
                    self._answer(200, b"<html>")
                else:
                    self._answer(202 if self.path.endswith("/mail/send") else 200, _said(self.path))

            def _answer(self, code: int, text: bytes) -> None:
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                if provider.waits:
                    self.send_header("Retry-After", provider.waits)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _readable(path: str, body: bytes) -> bytes:
    return base64.b64decode(json.loads(body)["Content"]["Raw"]["Data"]) if path == _SES else body


def _said(path: str) -> bytes:
    """What each of them answers to a mail it takes."""
    if path == _SES:
        return b'{"MessageId": "id-1"}'
    if path.endswith("/messages"):
        return b'{"id": "<id-1>", "message": "Queued. Thank you."}'
    if path.endswith("/mail/send"):
        return b""
    return b'{"ErrorCode": 0, "Message": "OK", "MessageID": "id-1", "To": "hanako@example.jp"}'
