"""Programs of others: where they are, a free port, and a start by which none outlives us."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from range.errors import MissingProgramError

#: Debian's packages, named where a program is missing.
INSTALL = "apt-get install --no-install-recommends sqlmap postgresql mariadb-server nginx-light"
_SEARCHED = ("/usr/sbin", "/usr/local/sbin", *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"))))
_NOBODY = 65534
_ON_PARENT_DEATH = 1


def find_program(name: str) -> str:
    """Return where a program is, also in the folders of servers; raises with the line that installs it."""
    path = os.pathsep.join([os.defpath, *_SEARCHED])
    found = shutil.which(name) or shutil.which(name, path=path)
    if found is None:
        raise MissingProgramError(f"There is no {name} on this machine.", INSTALL)
    return found


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def unprivileged() -> int | None:
    """Return who servers run as where we are root, which most refuse; None for ourselves."""
    return _NOBODY if os.geteuid() == 0 else None


def give(*places: Path) -> None:
    """Make folders or files the servers' own."""
    user = unprivileged()
    if user is not None:
        for place in places:
            os.chown(place, user, user)


def dies_with_us(sign: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """Return what a child runs before its program: the kernel sends it ``sign`` when we are gone, however."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    system, parent = ctypes.CDLL(None, use_errno=True), os.getpid()

    def ask() -> None:
        system.prctl(_ON_PARENT_DEATH, int(sign))
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return ask


def spawn(
    words: Sequence[object],
    folder: Path,
    log: Path,
    *,
    user: int | None = None,
    ends_by: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a server in a folder and a group of its own, its words in a log; it ends when we do."""
    with log.open("ab") as told:
        return subprocess.Popen(
            [str(word) for word in words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            user=user,
            start_new_session=True,
            preexec_fn=dies_with_us(ends_by),  # noqa: PLW1509 - whoever starts servers has one thread
        )


def end(server: subprocess.Popen[bytes], sign: signal.Signals = signal.SIGTERM, seconds: float = 20) -> None:
    """End a server, the hard way when it does not go, and whatever it left of its group."""
    server.send_signal(sign)
    with suppress(subprocess.TimeoutExpired):
        server.wait(seconds)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
