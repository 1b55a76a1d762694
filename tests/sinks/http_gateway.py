"""A gateway for short messages of ours: over real HTTP, with idempotency keys, and faults on command.

``python -m tests.sinks.http_gateway FOLDER [PORT]`` prints its port and takes lists of faults on standard
input, as the mail server beside it does. ``accepted.jsonl`` has one line for each message *sent on*: a second
request with a known key sends nothing. Phases of faults: ``connect`` (the request came), ``dot`` (it was
understood, nothing is accepted), ``taken`` (accepted and written, not yet answered), ``find`` (asked for a
reference). A ``reply`` has a ``code`` and, as ``text``, its JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from tests.sinks.running import Rule, SinkProcess

TOKEN = "a token of the tests"  # noqa: S105 - fictional


class HttpGateway(SinkProcess):
    """The gateway; of each message ``reference``, ``to``, ``text``, ``from`` and ``id`` are kept."""

    MODULE = "tests.sinks.http_gateway"

    @property
    def base(self) -> str:
        """The address its interface begins with."""
        return f"http://127.0.0.1:{self.port}/v1"


class _State:
    """What all requests share."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "accepted.jsonl"
        self.lock = threading.Lock()
        self.rules: list[Rule] = []
        self.known: dict[str, dict[str, Any]] = {}
        if path.exists():
            self.known = {line["reference"]: line for line in map(json.loads, path.read_text().splitlines())}
        self._file = path.open("a", encoding="utf-8")
        self._number = len(self.known)

    def take(self, key: str, message: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send a message on, once for each key; a known key with another body is refused."""
        with self.lock:
            known = self.known.get(key)
            if known is not None:
                is_same = all(known[name] == message[name] for name in message)
                return (200, {"id": known["id"]}) if is_same else (409, {"error": "another-body"})
            self._number += 1
            taken = {**message, "id": f"m{self._number}"}
            self._file.write(json.dumps(taken) + "\n")
            self._file.flush()
            self.known[key] = taken
            return 202, {"id": taken["id"]}

    def fault(self, phase: str, to: str) -> Any:
        """The fault that happens now, if any."""
        with self.lock:
            return next((rule.fault for rule in self.rules if rule.holds(phase, to)), None)


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client; answers are JSON."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state: ClassVar[_State]

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        to = str(message.get("to", ""))
        self._step("connect", to, lambda: self._step("dot", to, lambda: self._take(message)))

    def do_GET(self) -> None:
        reference = self.path.rpartition("/")[2]
        with self.state.lock:
            known = self.state.known.get(reference)
        body = {"id": known["id"], "reference": reference} if known else {"error": "unknown-reference"}
        self._step("find", reference, lambda: self._answer(200 if known else 404, json.dumps(body)))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own
        """Log nothing."""

    def _take(self, message: dict[str, Any]) -> None:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer(401, '{"error": "unauthorised"}')
            return
        code, body = self.state.take(str(self.headers["Idempotency-Key"]), message)
        self._step("taken", str(message["to"]), lambda: self._answer(code, json.dumps(body)))

    def _step(self, phase: str, to: str, go: Callable[[], None]) -> None:
        fault = self.state.fault(phase, to)
        if fault is None:
            go()
        elif fault["act"] == "drop":
            self.close_connection = True
        elif fault["act"] == "reply":
            self._answer(fault["code"], fault.get("text", "{}"), fault.get("headers", {}))
        else:
            time.sleep(fault["seconds"])
            go()

    def _answer(self, code: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        body = text.encode("utf-8")
        try:
            self.send_response(code)
            for name, said in (headers or {}).items():
                self.send_header(name, said)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    """Many clients at once; a client that hangs up is no news."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


def _serve(folder: Path, port: int) -> None:
    _Handler.state = _State(folder)
    server = _Server(("127.0.0.1", port), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        with _Handler.state.lock:
            _Handler.state.rules = [Rule(fault) for fault in json.loads(line)]
        sys.stdout.write("ok\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
