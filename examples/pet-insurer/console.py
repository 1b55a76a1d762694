"""What the demo needs of the console: a port nobody listens at, and to know when it answers.

Usage: console.py port | console.py wait PORT | console.py open PORT
"""

from __future__ import annotations

import contextlib
import socket
import sys
import time
import urllib.request
import webbrowser

USUAL, SECONDS = 8765, 90


def find_port() -> int:
    """Return the usual port, or any free one where somebody listens there."""
    for port in (USUAL, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise SystemExit("no port is free")


def wait_for(port: int) -> None:
    """Return once the console answers; stop the demo with a word where it does not."""
    for _ in range(SECONDS * 2):
        if _answers(port):
            return
        time.sleep(0.5)
    raise SystemExit("the console does not answer")


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=5) as answer:
            return bool(answer.read() == b"ok\n")
    except OSError:
        return False


def main(what: str, port: str = "") -> None:
    """Do one of the three."""
    if what == "port":
        print(find_port())
        return
    wait_for(int(port))
    if what == "open":
        webbrowser.open(f"http://localhost:{port}/")


if __name__ == "__main__":
    main(*sys.argv[1:])
