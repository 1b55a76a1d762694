"""Real databases for attacks made afresh: a PostgreSQL and a MariaDB, gone when the test ends."""

from __future__ import annotations

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

from range import programs
from range.errors import MissingProgramError
from range.programs import free_port, give, unprivileged
from range.servers.databases import mariadb_files, postgresql_files

__all__ = ["Database", "find_program", "free_port", "mariadb", "postgresql"]

_MOST_SECONDS = 120


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
    try:
        return programs.find_program(name)
    except MissingProgramError as missing:
        pytest.skip(str(missing))


@contextmanager
def postgresql() -> Iterator[Database]:
    """Run a PostgreSQL that logs every statement."""
    with temporary_folder() as (folder, user):
        yield from _postgresql(folder, user)


def _postgresql(folder: Path, user: int | None) -> Iterator[Database]:
    find_program("initdb")
    port, log, command = free_port(), folder / "postgresql.log", postgresql_files(folder, "site")
    settings = {
        "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off",
        "log_statement": "all", "log_timezone": "UTC", "log_line_prefix": "%m [%p] %q%u@%d ",
    }  # fmt: skip
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def connect() -> Any:
        return pg8000.dbapi.connect("site", host="127.0.0.1", port=port, database="postgres", timeout=30)

    with _running([*command, *words], folder, log, connect, user=user):
        yield Database("postgresql", connect, log, port)


@contextmanager
def mariadb(*settings: str) -> Iterator[Database]:
    """Run a MariaDB that logs nothing, as most do, unless told to by ``settings``.

    Files that these name without a folder lie in ``my``, beside the server's own log.
    """
    with temporary_folder() as (folder, user):
        yield from _mariadb(folder, user, settings)


def _mariadb(folder: Path, user: int | None, settings: Sequence[str]) -> Iterator[Database]:
    find_program("mariadbd")
    port, log, command = free_port(), folder / "mariadb.log", mariadb_files(folder)
    words = [f"--port={port}", f"--socket={folder / 'my.sock'}"]
    words += ["--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", "--pid-file=my.pid"]
    words += settings

    def connect() -> Any:
        return pymysql.connect(host="127.0.0.1", port=port, user="root", charset="utf8mb4", autocommit=True)

    with _running([*command, *words], folder, log, connect, user=user):
        yield Database("mysql", connect, log, port)


@contextmanager
def temporary_folder() -> Iterator[tuple[Path, int | None]]:
    """Make a folder of somebody who is not root, as servers refuse to run as root; yields it and who."""
    with TemporaryDirectory() as name:
        give(Path(name))
        yield Path(name), unprivileged()


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
