"""A site's application, served by gunicorn as whoever starts the range."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from range.servers.server import Server

_ROOT = Path(__file__).resolve().parents[2]


def gunicorn(name: str, folder: Path, address: str, port: int, database: int) -> Server:
    """Lay out the application of a site under its folder."""
    kept = folder / "app"
    kept.mkdir()
    (kept / "auth.log").touch()
    log = kept / "gunicorn.log"
    log.touch()
    settings = {
        "bind": f"{address}:{port}", "workers": 2, "threads": 8, "worker-class": "gthread", "keep-alive": 75,
        "timeout": 300, "graceful-timeout": 3, "pythonpath": _ROOT,
    }  # fmt: skip
    words = [word for setting, value in settings.items() for word in (f"--{setting}", value)]
    words.append("--no-control-socket")
    called = f"range.wsgi:application({name!r}, {str(folder)!r}, {database})"
    command = [sys.executable, "-m", "gunicorn", *words, called]
    return Server(
        "gunicorn", command, _ROOT, log, lambda: socket.create_connection((address, port), timeout=5).close()
    )
