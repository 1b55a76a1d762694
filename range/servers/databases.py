"""PostgreSQL and MariaDB of the range: made, served on loopback, logging every statement."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import pymysql

from range.errors import RangeError
from range.people.dialects import MARIADB_MODE
from range.programs import find_program, give, unprivileged
from range.servers.server import Server

POSTGRESQL_OWNER = "range_owner"
_CONNECTIONS = 150
#: What is made here need not outlive a power cut: ten times as fast on a busy disk.
_NO_SYNC = "--debug-no-sync"


def postgresql_files(folder: Path, owner: str) -> list[str]:
    """Make a PostgreSQL's files under a folder and return the command that serves them."""
    initdb, files = find_program("initdb"), folder / "pg"
    words = [initdb, "-D", files, "-U", owner, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    _run(words, folder)
    return [find_program("postgres"), "-D", str(files)]


def mariadb_files(folder: Path) -> list[str]:
    """Make a MariaDB's files under a folder and return the command that serves them."""
    install, files = find_program("mariadb-install-db"), folder / "my"
    words = [install, "--no-defaults", f"--datadir={files}", "--auth-root-authentication-method=normal"]
    _run([*words, "--skip-test-db", _NO_SYNC], folder)
    return [find_program("mariadbd"), "--no-defaults", f"--datadir={files}"]


def postgresql(folder: Path, address: str, port: int) -> Server:
    """Lay out a PostgreSQL in a folder of its own; its statements go to ``postgresql.log`` there."""
    give(folder)
    settings = {
        "listen_addresses": address, "port": port, "unix_socket_directories": "", "fsync": "off",
        "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": 0,
        "max_wal_size": "4GB", "shared_buffers": "256MB", "maintenance_work_mem": "512MB",
        "max_connections": _CONNECTIONS, "log_statement": "all", "log_duration": "on", "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %q%u@%d ", "logging_collector": "on", "log_directory": folder,
        "log_filename": "postgresql.log", "log_rotation_age": 0, "log_rotation_size": 0,
    }  # fmt: skip
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [*postgresql_files(folder, POSTGRESQL_OWNER), *words]
    return Server(
        "PostgreSQL", command, folder, _log(folder / "server.log"),
        lambda: postgresql_owner(port, "postgres").close(), unprivileged(), signal.SIGINT,
    )  # fmt: skip


def mariadb(folder: Path, address: str, port: int) -> Server:
    """Lay out a MariaDB in a folder of its own; its statements go to ``general.log`` there."""
    give(folder)
    words = [
        f"--bind-address={address}", f"--port={port}", f"--socket={folder / 'my.sock'}", "--pid-file=my.pid",
        "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", _NO_SYNC,
        "--innodb-buffer-pool-size=256M", "--innodb-log-file-size=256M", "--skip-log-bin",
        f"--max-connections={_CONNECTIONS}", "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_bin", "--general-log=1", f"--general-log-file={folder / 'general.log'}",
        "--default-time-zone=+00:00",
    ]  # fmt: skip
    return Server(
        "MariaDB", [*mariadb_files(folder), *words], folder, _log(folder / "server.log"),
        lambda: mariadb_owner(port).close(), unprivileged(),
    )  # fmt: skip


def postgresql_owner(port: int, name: str) -> psycopg.Connection[Any]:
    """Return a connection that may do everything and is not in the log."""
    return psycopg.connect(
        host="127.0.0.1", port=port, user=POSTGRESQL_OWNER, dbname=name, autocommit=True, connect_timeout=5,
        options="-c log_statement=none -c log_duration=off",
    )  # fmt: skip


def mariadb_owner(port: int, name: str | None = None) -> Any:
    """Return a connection that may do everything and whose statements are not in the log."""
    return pymysql.connect(
        host="127.0.0.1", port=port, user="root", database=name, charset="utf8mb4", autocommit=True,
        connect_timeout=5, init_command=f"SET sql_log_off = 1, sql_mode = '{MARIADB_MODE}'",
    )  # fmt: skip


def _run(words: Sequence[object], folder: Path) -> None:
    """Run what makes a database's files, as whoever will serve them."""
    command = [str(word) for word in words]
    done = subprocess.run(command, capture_output=True, cwd=folder, user=unprivileged(), check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace")[-1000:]
        message = f"{command[0]} could not make its files in {folder}: {said}"
        raise RangeError(message, "name a folder that everybody may enter, on a disk with room.")


def _log(path: Path) -> Path:
    path.touch()
    return path
