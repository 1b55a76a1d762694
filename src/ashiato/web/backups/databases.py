"""A database at one moment while others write: SQLite by its online backup, PostgreSQL by pg_dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager
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


@contextmanager
def filling(named: NamedDatabase, dump: Path) -> Generator[Counted]:
    """Bring a dump into an empty database; yields what is there then, before anybody else may fill it.

    Where anything fails afterwards, the tables that were brought go again, and nothing else.
    Raises: ServerError: something is there already, or another restore fills it.
    """
    with closing(_connected(named)) as held, held.cursor() as cursor:
        _lock(cursor, named)
        _refuse_full(cursor, named)
        words = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        _run_for(named, "pg_restore", *words, f"--dbname={named.name}", str(dump))
        brought = [name for (name,) in cursor.execute(_BROUGHT)]
        try:
            yield _counted(cursor.execute, _TABLES)
        except BaseException:
            _take_out(cursor, brought, named)
            raise


def _take_out(cursor: Any, brought: list[str], named: NamedDatabase) -> None:  # noqa: ANN401 - psycopg's cursor
    import psycopg  # noqa: PLC0415 - of servers on PostgreSQL alone

    try:
        if brought:
            cursor.execute(f"DROP TABLE {', '.join(brought)} CASCADE")
    except psycopg.Error as error:
        what = f"the restore failed, and what it brought is still in `{named.name}` at {named.host} ({error})"
        raise ServerError(what, fix="make another empty database, and name it in server.yaml") from error


def _lock(cursor: Any, named: NamedDatabase) -> None:  # noqa: ANN401 - psycopg's cursor
    """Keep other restores out of a database for as long as the connection lives."""
    ((is_ours,),) = cursor.execute("SELECT pg_try_advisory_lock(%s)", [_RESTORES])
    if not is_ours:
        what = f"another restore fills the database `{named.name}` at {named.host}"
        raise ServerError(what, fix="wait for its end, or name another database in server.yaml")


def _refuse_full(cursor: Any, named: NamedDatabase) -> None:  # noqa: ANN401 - psycopg's cursor
    found = cursor.execute(_NOT_OF_THE_SYSTEM).fetchone()
    if found is not None:
        what = f"the database `{named.name}` at {named.host} is not empty: it holds {found[0]}"
        raise ServerError(what, fix="make an empty one, and name it in server.yaml")


#: What restores lock by, within one database; any number that no other program takes.
_RESTORES = 0x6173686961746F
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_BROUGHT = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname <> 'information_schema' AND schemaname NOT LIKE 'pg\\_%'
"""
# Whatever was made after initdb has a number from 16384 on. What an extension brought is named by the
# extension, and what goes with a table or a type (its indexes, its row, its array) by that.
_NOT_OF_THE_SYSTEM = """
    SELECT pg_describe_object(kind, number, 0) FROM (
        SELECT 'pg_class'::regclass AS kind, oid AS number, relnamespace AS place
            FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
        UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc
        UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_type
            WHERE typrelid = 0 AND typelem = 0
        UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace FROM pg_operator
        UNION ALL SELECT 'pg_collation'::regclass, oid, collnamespace FROM pg_collation
        UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgnamespace FROM pg_ts_config
        UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictnamespace FROM pg_ts_dict
        UNION ALL SELECT 'pg_namespace'::regclass, oid, oid FROM pg_namespace WHERE nspname <> 'public'
        UNION ALL SELECT 'pg_event_trigger'::regclass, oid, 0 FROM pg_event_trigger
        UNION ALL SELECT 'pg_publication'::regclass, oid, 0 FROM pg_publication
        UNION ALL SELECT 'pg_foreign_server'::regclass, oid, 0 FROM pg_foreign_server
        UNION ALL SELECT 'pg_largeobject'::regclass, oid, 0 FROM pg_largeobject_metadata
    ) AS held LEFT JOIN pg_namespace ON pg_namespace.oid = place
    WHERE number >= 16384 AND (nspname IS NULL OR nspname NOT LIKE 'pg\\_%') AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = kind AND objid = number AND deptype = 'e'
    ) ORDER BY kind, number LIMIT 1
"""


def _counted(ask: _Ask, names: str) -> Counted:
    tables = sorted(name for (name,) in ask(names))
    rows = {name: next(iter(ask(f'SELECT count(*) FROM "{name}"')))[0] for name in tables}
    newest = ask(f"SELECT chain FROM {_LEDGER} ORDER BY id DESC LIMIT 1") if _LEDGER in rows else ()
    return Counted(rows, next((chain for (chain,) in newest), ""))


def _connected(named: NamedDatabase) -> Any:  # noqa: ANN401 - psycopg's connection, rows as tuples
    import psycopg  # noqa: PLC0415 - of servers on PostgreSQL alone
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - as above

    where = make_conninfo(
        host=named.host, port=named.port, dbname=named.name, user=named.user,
        password=_password(named) or None, connect_timeout=10, **named.trust(),
    )  # fmt: skip
    return psycopg.connect(where, autocommit=True)


def _password(named: NamedDatabase) -> str:
    return read_private(named.password_file).decode().strip() if named.password_file else ""


def _run_for(named: NamedDatabase, program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the child's surroundings, never by its words."""
    found = shutil.which(program) or shutil.which(program, path=os.pathsep.join(_SEARCHED))
    if found is None:
        raise ServerError(f"there is no {program} here", fix="install it: apt-get install postgresql-client")
    said = {"PGHOST": named.host, "PGPORT": str(named.port), "PGDATABASE": named.name, "PGUSER": named.user}
    trust = {f"PG{name.upper()}": value for name, value in named.trust().items()}
    secret = {"PGPASSWORD": _password(named)} if named.password_file else {}
    done = subprocess.run(  # noqa: S603 - a fixed program, no shell
        [found, "--no-password", *words], env={"LC_ALL": "C", **_surroundings(), **trust, **said, **secret},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise _failure(program, done.stderr)


def _surroundings() -> dict[str, str]:
    """Return how the connection is to be sealed: as our own connections are, which ask libpq too."""
    names = [name for name in os.environ if name.startswith("PGSSL") or name == "HOME"]  # noqa: TID251 - libpq's
    return {name: os.environ[name] for name in names}  # noqa: TID251 - libpq's


def _failure(program: str, told: str) -> ServerError:
    """Return the first fault a program told of: those after it come of it."""
    lines = told.strip().splitlines() or ["no word"]
    first = next((line for line in lines if "error:" in line), lines[-1])
    fix = (
        "its major version must be the server's or newer"
        if "version" in first
        else "mend that, and try again"
    )
    return ServerError(f"{program} failed: {first[:300]}", fix=fix)
