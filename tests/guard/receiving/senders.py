"""Receivers at work in this process, and the plainest way to speak HTTP to one."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ashiato.guard.receiving.serving import receive
from ashiato.guard.settings import load_settings
from tests.guard.watched import DATAMAP

TOKEN = "fictional-token-of-the-shippers"  # noqa: S105 - of nobody


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_settings(folder: Path, receivers: list[dict[str, Any]]) -> None:
    """Write a guard's settings with some receivers, and the token of their senders."""
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(f"{TOKEN}\n", encoding="ascii")
    (folder / "datamap.yaml").write_text(DATAMAP, encoding="utf-8")
    said = {"datamap": "datamap.yaml", "staff_roles": ["staff"], "receivers": receivers}
    (folder / "guard.yaml").write_text(json.dumps(said), encoding="utf-8")


@contextmanager
def receiving(folder: Path) -> Iterator[None]:
    """Have the receivers of a folder listen."""
    settings = load_settings(folder)
    stopped, ready = asyncio.Event(), threading.Event()
    loop = asyncio.new_event_loop()
    served = receive(folder, settings.receivers, ZoneInfo("UTC"), stopped, ready.set)
    thread = threading.Thread(target=loop.run_until_complete, args=(served,))
    with closing(loop):
        thread.start()
        assert ready.wait(20)
        try:
            yield
        finally:
            loop.call_soon_threadsafe(stopped.set)
            thread.join(20)


def post(port: int, body: bytes, path: str = "/", **headers: str) -> tuple[int, dict[str, str]]:
    """Send one request; return the status and headers of its answer."""
    said = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("POST", path, body, said)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders())
