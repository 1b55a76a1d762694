"""A relay between a tool of others and a site: it lends the tool our addresses, and sees each reply."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from range.client import Client, Reply

Seen = Callable[[Client, Reply], None]


class Relay:
    """A proxy for plain GET requests; requests take turns over the clients."""

    def __init__(self, clients: list[Client], seen: Seen) -> None:
        """Listen on a free port of loopback; nothing is answered before :meth:`answering`."""
        self._clients, self._seen = [(client, threading.Lock()) for client in clients], seen
        self._turn, self._one = 0, threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Answer as long as the block lasts."""
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def ask(self, path: str, agent: str) -> Reply:
        """Ask the site by the client whose turn it is."""
        with self._one:
            client, held = self._clients[self._turn % len(self._clients)]
            self._turn += 1
        with held:
            client.agent = agent
            reply = client.get(path)
        self._seen(client, reply)
        return reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        relay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self) -> None:
                """Pass one request on."""
                asked = urlsplit(self.path)
                agent = self.headers.get("User-Agent", "")
                reply = relay.ask(f"{asked.path or '/'}?{asked.query}", agent)
                self.send_response(reply.status or 502)
                self.send_header("Content-Type", reply.kind or "text/plain")
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                with suppress(ConnectionError):  # the tool was ended meanwhile
                    self.wfile.write(reply.body)

            do_GET = pass_on  # noqa: N815 - the name that http.server looks for

            def log_message(self, *_: object) -> None:
                """Say nothing: the truth file tells it all."""

        return Handler
