"""Pages of a made-up site on a port of their own, and the line of the access log that each request leaves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[str], tuple[int, str]]
Keep = Callable[[BaseHTTPRequestHandler, int, int, int], None]


@contextmanager
def served(answer: Answer, keep: Keep) -> Iterator[str]:
    """Serve pages; yields the site's address.

    ``answer``: a target's status and page; ``keep``: told of each reply, its status, bytes and microseconds.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            started = time.perf_counter()
            status, page = answer(self.path)
            body = page.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)
            keep(self, status, len(body), int((time.perf_counter() - started) * 1e6))

        def log_message(self, *words: Any) -> None:
            """Say nothing; the site keeps its own log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def line_of(handler: BaseHTTPRequestHandler, address: str, status: int, sent: int, took_us: int) -> str:
    """Return the line that Apache's combined format with ``%D`` has for a request."""
    at = datetime.fromtimestamp(time.time() - took_us / 1e6, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    agent = handler.headers.get("User-Agent", "-").replace('"', "")
    return f'{address} - - [{at}] "{handler.requestline}" {status} {sent} "-" "{agent}" {took_us}\n'
