"""Real databases for attacks made afresh: a PostgreSQL and a MariaDB, gone when the test ends."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pg8000.dbapi
import pymysql
import pytest

#: Debian's packages, named where a program is missing.
INSTALL = "apt-get install --no-install-recommends sqlmap postgresql mariadb-server"
_MOST_SECONDS = 120
_SEARCHED = ("/usr/sbin", "/usr/local/sbin", *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"))))


@dataclass(frozen=True)
class Database:
    """A running database: what it is, how to talk to it, where it writes its log."""

    engine: str
    connect: Callable[[], Any]
    log: Path
    port: int = 0

    def run(self, *statements: str) -> None:
        """Run statements and keep what they change."""
        with self.connect() as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            connection.commit()


def find_program(name: str) -> str:
    """Return where a program is; the test is skipped, with the line that installs it, where it is not."""
    path = os.pathsep.join([os.defpath, *_SEARCHED])
    found = shutil.which(name) or shutil.which(name, path=path)
    if found is None:
        pytest.skip(f"no {name}: {INSTALL}")
    return found


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgresql() -> Iterator[Database]:
    """Run a PostgreSQL that logs every statement."""
    with _folder() as (folder, user):
        yield from _postgresql(folder, user)


def _postgresql(folder: Path, user: int | None) -> Iterator[Database]:
    initdb, server = find_program("initdb"), find_program("postgres")
    port, log = free_port(), folder / "postgresql.log"
    subprocess.run(
        [initdb, "-D", folder / "pg", "-U", "site", "-A", "trust", "-E", "UTF8", "--locale=C"],
        check=True, capture_output=True, cwd=folder, user=user,
    )  # fmt: skip
    settings = {
        "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off",
        "log_statement": "all", "log_timezone": "UTC", "log_line_prefix": "%m [%p] %q%u@%d ",
    }  # fmt: skip
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def connect() -> Any:
        return pg8000.dbapi.connect("site", host="127.0.0.1", port=port, database="postgres", timeout=30)

    with _running([server, "-D", folder / "pg", *words], folder, log, connect, user=user):
        yield Database("postgresql", connect, log, port)


@contextmanager
def mariadb(*settings: str) -> Iterator[Database]:
    """Run a MariaDB that logs nothing, as most do, unless told to by ``settings``.

    Files that these name without a folder lie in ``my``, beside the server's own log.
    """
    with _folder() as (folder, user):
        yield from _mariadb(folder, user, settings)


def _mariadb(folder: Path, user: int | None, settings: Sequence[str]) -> Iterator[Database]:
    install, server = find_program("mariadb-install-db"), find_program("mariadbd")
    port, log = free_port(), folder / "mariadb.log"
    files = [f"--datadir={folder / 'my'}", "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run([install, "--no-defaults", *files], check=True, capture_output=True, cwd=folder, user=user)
    words = [f"--datadir={folder / 'my'}", f"--port={port}", f"--socket={folder / 'my.sock'}"]
    words += ["--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", "--pid-file=my.pid"]
    words += settings

    def connect() -> Any:
        return pymysql.connect(host="127.0.0.1", port=port, user="root", charset="utf8mb4", autocommit=True)

    with _running([server, "--no-defaults", *words], folder, log, connect, user=user):
        yield Database("mysql", connect, log)


@contextmanager
def _folder() -> Iterator[tuple[Path, int | None]]:
    """Make a folder of somebody who is not root, as servers refuse to run as root; yields it and who."""
    with TemporaryDirectory() as name:
        user = None if os.geteuid() != 0 else 65534
        if user is not None:
            os.chown(name, user, user)
        yield Path(name), user


@contextmanager
def _running(
    words: Sequence[object], folder: Path, log: Path, connect: Callable[[], Any], *, user: int | None
) -> Iterator[None]:
    log.touch()
    with (
        log.open("ab") as told,
        subprocess.Popen(list(map(str, words)), stdout=told, stderr=told, cwd=folder, user=user) as server,
    ):
        try:
            _await(connect)
            yield
        finally:
            server.terminate()


def _await(connect: Callable[[], Any]) -> None:
    until = time.monotonic() + _MOST_SECONDS
    while True:
        try:
            connect().close()
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return
