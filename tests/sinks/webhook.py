"""A receiver of webhooks of ours: over real HTTP, or HTTPS with a certificate named; faults on command.

``python -m tests.sinks.webhook FOLDER [PORT]`` prints its port and takes lists of faults on standard input,
as the mail server beside it does. ``accepted.jsonl`` has one line for each request taken: its ``path`` and
``body``. Phases of faults: ``connect`` (the request came), ``taken`` (accepted and written, not yet
answered).
With ``cert.pem`` and ``key.pem`` in the folder it speaks TLS.
"""

from __future__ import annotations

import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from tests.sinks.running import Rule, SinkProcess


class Webhook(SinkProcess):
    """The receiver; ``bodies`` are what it took."""

    MODULE = "tests.sinks.webhook"

    def bodies(self) -> list[str]:
        """Everything taken, in order."""
        return [each["body"] for each in self.accepted()]


class _Handler(BaseHTTPRequestHandler):
    """One request: written down, then answered."""

    rules: ClassVar[list[Rule]] = []
    folder: ClassVar[Path]
    lock: ClassVar[threading.Lock] = threading.Lock()

    def do_GET(self) -> None:
        """Take a request without a body like one with it."""
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode("utf-8", "replace")
        if self._is_spoilt("connect"):
            return
        with self.lock, (self.folder / "accepted.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"path": self.path, "body": body}) + "\n")
        if not self._is_spoilt("taken"):
            self._answer(200)

    def _is_spoilt(self, phase: str) -> bool:
        with self.lock:
            fault = next((rule.fault for rule in self.rules if rule.holds(phase, self.path)), None)
        if fault is None:
            return False
        if fault["act"] == "wait":
            time.sleep(fault["seconds"])
            return False
        if fault["act"] == "reply":
            self._answer(fault["code"])
        else:
            self.close_connection = True
        return True

    def _answer(self, code: int) -> None:
        self.send_response(code)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Say nothing."""


def _serve(folder: Path, port: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _Handler.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    if (folder / "cert.pem").exists():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        with _Handler.lock:
            _Handler.rules = [Rule(fault) for fault in json.loads(line)]
        sys.stdout.write("ok\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
