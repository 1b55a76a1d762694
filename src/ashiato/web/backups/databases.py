"""A database at one moment while others write: SQLite by its online backup, PostgreSQL by pg_dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from ashiato.rooms.private_files import read_private
from ashiato.terms.errors import IntegrityError, Place, ServerError
from ashiato.web.backups.manifest import Counted
from ashiato.web.configuration import SQLITE, Configuration, NamedDatabase

#: Names of the copy in an archive, by engine.
COPIES = {"sqlite": SQLITE, "postgresql": "server.pgdump"}
_LEDGER = "accounts_ledgerentry"
_SEARCHED = ("/usr/local/bin", *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)))
_Ask = Callable[[str], Iterable[tuple[Any, ...]]]


def engine_of(configuration: Configuration) -> str:
    """Return which engine a configuration names."""
    return "sqlite" if configuration.database is None else "postgresql"


def copy_database(configuration: Configuration, to: Path) -> Counted:
    """Write all of a database as of one moment into a new file; returns its counts at that very moment."""
    if configuration.database is None:
        return _copy_sqlite(configuration.home / SQLITE, to)
    return _dump_postgresql(configuration.database, to)


def _copy_sqlite(path: Path, to: Path) -> Counted:
    if not path.is_file():
        raise ServerError("there is no database here", where=Place(str(path)), fix="name the server's folder")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)
        # One file, whole without a journal beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
    return count_sqlite(to)


def count_sqlite(path: Path) -> Counted:
    """Count a database file; IntegrityError where SQLite finds it damaged."""
    try:
        with closing(sqlite3.connect(path)) as held:
            ((said,),) = held.execute("PRAGMA integrity_check(1)")
            if said != "ok":
                raise IntegrityError(f"the database is damaged: {said}", where=Place(path.name))
            names = (
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
            )
            return _counted(held.execute, names)
    except sqlite3.DatabaseError as error:
        raise IntegrityError(f"the database is damaged: {error}", where=Place(path.name)) from error


def _dump_postgresql(named: NamedDatabase, to: Path) -> Counted:
    """Dump what one snapshot shows, and count the same."""
    with closing(_connected(named)) as held, held.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        ((snapshot,),) = cursor.execute("SELECT pg_export_snapshot()")
        counted = _counted(cursor.execute, _TABLES)
        _run_for(named, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={to}")
    return counted


def load_postgresql(named: NamedDatabase, dump: Path) -> Counted:
    """Bring a dump into an empty database, at one stroke; returns what is there now.

    Raises: ServerError: something is there already.
    """
    refuse_full(named)
    name = f"--dbname={named.name}"
    _run_for(named, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", name, str(dump))
    with closing(_connected(named)) as held, held.cursor() as cursor:
        return _counted(cursor.execute, _TABLES)


def refuse_full(named: NamedDatabase) -> None:
    """Raise ServerError where a PostgreSQL database holds any table."""
    with closing(_connected(named)) as held, held.cursor() as cursor:
        if cursor.execute(_TABLES).fetchone() is not None:
            what = f"the database `{named.name}` at {named.host} is not empty"
            raise ServerError(what, fix="make an empty one, and name it in server.yaml")


def empty_postgresql(named: NamedDatabase) -> None:
    """Take out of a database what a restore that failed brought; it was empty before."""
    with closing(_connected(named)) as held, held.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


def _counted(ask: _Ask, names: str) -> Counted:
    tables = sorted(name for (name,) in ask(names))
    rows = {name: next(iter(ask(f'SELECT count(*) FROM "{name}"')))[0] for name in tables}
    newest = ask(f"SELECT chain FROM {_LEDGER} ORDER BY id DESC LIMIT 1") if _LEDGER in rows else ()
    return Counted(rows, next((chain for (chain,) in newest), ""))


def _connected(named: NamedDatabase) -> Any:  # noqa: ANN401 - psycopg's connection, rows as tuples
    import psycopg  # noqa: PLC0415 - of servers on PostgreSQL alone

    return psycopg.connect(
        host=named.host, port=named.port, dbname=named.name, user=named.user,
        password=_password(named) or None, connect_timeout=10, autocommit=True,
    )  # fmt: skip


def _password(named: NamedDatabase) -> str:
    return read_private(named.password_file).decode().strip() if named.password_file else ""


def _run_for(named: NamedDatabase, program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the child's surroundings, never by its words."""
    found = shutil.which(program) or shutil.which(program, path=os.pathsep.join(_SEARCHED))
    if found is None:
        raise ServerError(f"there is no {program} here", fix="install it: apt-get install postgresql-client")
    said = {"PGHOST": named.host, "PGPORT": str(named.port), "PGDATABASE": named.name, "PGUSER": named.user}
    secret = {"PGPASSWORD": _password(named)} if named.password_file else {}
    done = subprocess.run(  # noqa: S603 - a fixed program, no shell
        [found, "--no-password", *words], env={"LC_ALL": "C", **said, **secret},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise ServerError(
            f"{program} failed: {last[:300]}", fix="its major version must be the server's or newer"
        )
