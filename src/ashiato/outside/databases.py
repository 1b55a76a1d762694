"""Copies of live databases, taken by their own clients in one consistent transaction.

PostgreSQL by pg_dump (one repeatable-read transaction), MySQL and MariaDB by their dump program with
--single-transaction, SQLite by its online backup. Passwords come from where those clients look for them,
never from an address: addresses are seen in lists of processes, in shells' histories and in messages.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from ashiato.terms.errors import CaseError, Place

_ENGINES = {
    "postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql",
    "sqlite": "sqlite",
}  # fmt: skip
_ADDRESS = re.compile(r"([a-z][a-z0-9+]*)://")
_SECRETS = {
    "postgresql": "put the password in ~/.pgpass, or name its file in PGPASSFILE",
    "mysql": "put the password in the [client] section of ~/.my.cnf",
    "sqlite": "a SQLite file has none",
}
_MISSING = {
    "postgresql": "install it: apt-get install postgresql-client",
    "mysql": "install it: apt-get install mariadb-client",
}


@dataclass(frozen=True)
class _Database:
    """Where a database is."""

    engine: str
    parts: SplitResult

    @property
    def name(self) -> str:
        """The database's name, or the SQLite file's path."""
        return unquote(self.parts.path if self.engine == "sqlite" else self.parts.path.lstrip("/"))

    @property
    def shown(self) -> str:
        """The address without anything that could be a secret."""
        host = f"{self.parts.hostname or ''}{f':{self.parts.port}' if self.parts.port else ''}"
        return f"{self.parts.scheme}://{host}{self.parts.path}"


def is_address(text: str) -> bool:
    """Tell whether a word is an address of a database, not a path."""
    return _ADDRESS.match(text) is not None


def fetch(address: str, folder: Path) -> Path:
    """Copy a live database into a file in ``folder`` and return it: a dump in SQL, or a SQLite file.

    ``postgresql://user@host:port/name``, ``mysql://`` and ``mariadb://`` alike, ``sqlite:///path``.
    Raises: CaseError: the address has a secret or no name, the client is missing, or it failed.
    """
    database = _read(address)
    made = folder / f"{re.sub(r'[^A-Za-z0-9_-]+', '_', Path(database.name).stem) or 'database'}.sql"
    if database.engine == "sqlite":
        return _backed_up(database, made.with_suffix(".db"))
    words = _pg_dump(database) if database.engine == "postgresql" else _mysqldump(database)
    with made.open("xb") as file:
        done = subprocess.run(  # noqa: S603 - words of our own, the address among them checked
            words, stdout=file, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False
        )
    if done.returncode:
        raise _failed(database, done.stderr.decode("utf-8", "replace"))
    return made


def _read(address: str) -> _Database:
    parts = urlsplit(address)
    engine = _ENGINES.get(parts.scheme)
    if engine is None:
        known = ", ".join(f"{name}://" for name in ("postgresql", "mysql", "mariadb", "sqlite"))
        raise CaseError(f"no database is reached by {parts.scheme}://", fix=f"known are {known}")
    database = _Database(engine, parts)
    if parts.password is not None or {"password", "sslpassword"} & set(parse_qs(parts.query)):
        raise CaseError(
            "the address holds a password, which others on this machine could see",
            where=Place(database.shown),
            fix=f"leave it out, and {_SECRETS[engine]}",
        )
    if not database.name or database.name.startswith("-"):
        raise CaseError(
            "the address names no database",
            where=Place(database.shown),
            fix=f"write it as {parts.scheme}://user@host/name",
        )
    return database


def _pg_dump(database: _Database) -> list[str]:
    """Owners and grants stand in it too: they say who could have read what."""
    plain = ["--format=plain", "--no-password", "--encoding=UTF8"]
    return [_program(database, "pg_dump"), *plain, f"--dbname={database.parts.geturl()}"]


def _mysqldump(database: _Database) -> list[str]:
    """Times as the server's zone has them, bytes in hexadecimal, every row with its columns' names."""
    plain = ["--single-transaction", "--skip-lock-tables", "--hex-blob", "--complete-insert", "--skip-tz-utc"]
    plain += ["--skip-triggers", "--no-tablespaces", "--default-character-set=utf8mb4"]
    parts = database.parts
    where = [f"--host={parts.hostname}"] if parts.hostname else []
    where += [f"--port={parts.port}", "--protocol=tcp"] if parts.port else []
    where += [f"--user={unquote(parts.username)}"] if parts.username else []
    return [_program(database, "mariadb-dump", "mysqldump"), *plain, *where, database.name]


def _program(database: _Database, *names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        what = f"{' or '.join(names)} is not installed, and reads this database"
        raise CaseError(what, where=Place(database.shown), fix=_MISSING[database.engine])
    return found


def _backed_up(database: _Database, made: Path) -> Path:
    path = Path(database.name)
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
            contextlib.closing(sqlite3.connect(made)) as copy,
        ):
            source.backup(copy)
    except sqlite3.Error as error:
        raise _failed(database, str(error)) from error
    return made


def _failed(database: _Database, told: str) -> CaseError:
    """Say what the client said first; it is never given a secret, and so tells none."""
    first = next((line.strip() for line in told.splitlines() if line.strip()), "it did not say why")
    return CaseError(
        f"the database could not be read: {first[:300]}",
        where=Place(database.shown),
        fix=f"try the same with its own client; {_SECRETS[database.engine]}",
    )
