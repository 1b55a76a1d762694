"""A server of one's own for a browser: its data folder, its staff, its process; nothing is stood in for."""

from __future__ import annotations

import base64
import hmac
import os
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "a walk along the quiet canal"  # noqa: S105 - of nobody
PROGRAM = str(Path(sys.executable).with_name("ashiato"))
_SECONDS_TO_START = 60


@dataclass(frozen=True)
class Server:
    """A running server and the folder it lives in."""

    address: str
    home: Path

    def run(self, *words: str) -> str:
        """Run the command line over the same data folder; returns what it printed."""
        done = subprocess.run(
            [PROGRAM, *words],
            env=_surroundings(self.home), capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
        return done.stdout

    def set_password_link(self, name: str) -> str:
        """Let somebody work here; returns the link to their first password, at this server's port."""
        link = self.run("staff", "add", name, "--lang", "en").splitlines()[-1]
        return self.address + link[link.index("/account/") :]


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    """Start ``ashiato serve`` over a data folder at a free port, and stop it again."""
    port = _free_port()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [PROGRAM, "serve", "--port", str(port)],
            env=_surroundings(home), stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        server = Server(f"http://localhost:{port}", home)
        _wait_for(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def _surroundings(home: Path) -> dict[str, str]:
    return {**os.environ, "ASHIATO_HOME": str(home), "PYTHONUNBUFFERED": "1"}  # noqa: TID251 - a child's own


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(_SECONDS_TO_START * 5):
        try:
            with urllib.request.urlopen(f"{server.address}/healthz", timeout=5) as answer:  # noqa: S310 - ours
                assert answer.read() == b"ok\n"
                return
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, (server.home / "serve.log").read_text()
            time.sleep(0.2)
    raise TimeoutError((server.home / "serve.log").read_text())


def code_now(secret: str, at: float | None = None) -> str:
    """Return the six digits an authenticator app shows for a secret (RFC 6238)."""
    count = int((time.time() if at is None else at) // 30)
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", count), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
