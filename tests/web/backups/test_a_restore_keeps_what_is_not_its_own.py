"""A PostgreSQL is filled where it is empty, by one restore at a time; what is not the restore's own stays."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import psycopg
import pytest

from ashiato.terms.errors import ServerError
from ashiato.web.backups.databases import copy_database, filling
from ashiato.web.configuration import Configuration, NamedDatabase
from tests.certificates import write_certificate
from tests.journeys.databases import Database, postgresql

pytestmark = pytest.mark.slow
_Make = Callable[..., NamedDatabase]


@pytest.fixture(scope="module")
def server() -> Iterator[Database]:
    """A PostgreSQL of this file."""
    with postgresql() as served:
        yield served


@pytest.fixture(scope="module")
def make(server: Database) -> _Make:
    """What makes a database of its own, with what these statements put there."""
    numbers = count()

    def made(*statements: str) -> NamedDatabase:
        named = NamedDatabase("127.0.0.1", server.port, f"made{next(numbers)}", "site")
        _run(replace(named, name="postgres"), f"CREATE DATABASE {named.name}")
        _run(named, *statements)
        return named

    return made


@pytest.fixture
def dump(make: _Make, tmp_path: Path) -> Path:
    """A backup of a database with two tables, of which one hangs on the other."""
    copy_database(Configuration(tmp_path, make(*_OURS)), tmp_path / "dump")
    return tmp_path / "dump"


_OURS = (
    "CREATE TABLE told (number int PRIMARY KEY)",
    "INSERT INTO told VALUES (1), (2)",
    "CREATE TABLE said (told int REFERENCES told)",
)


@pytest.mark.parametrize(
    "held",
    [
        "CREATE TABLE theirs (a int)",
        "CREATE SCHEMA app; CREATE TABLE app.customers (a int)",
        "CREATE DOMAIN mail AS text",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SELECT lo_create(0)",
    ],
)
def test_whatever_is_there_refuses_a_restore_and_stays(make: _Make, dump: Path, held: str) -> None:
    named = make(held)
    before = _objects(named)
    with pytest.raises(ServerError, match="is not empty: it holds"), filling(named, dump):
        pass
    assert _objects(named) == before


def test_what_an_extension_brought_is_no_content(make: _Make, dump: Path) -> None:
    named = make("CREATE EXTENSION citext")
    with filling(named, dump) as counted:
        assert counted.rows == {"told": 2, "said": 0}


def test_only_what_was_brought_goes_where_something_fails_later(make: _Make, dump: Path) -> None:
    named = make()
    theirs = ("CREATE SCHEMA app", "CREATE DOMAIN mail AS text", "CREATE TABLE app.customers (a mail)")
    with pytest.raises(psycopg.errors.DivisionByZero), filling(named, dump):
        _run(named, *theirs, "INSERT INTO app.customers VALUES ('x')", "SELECT 1 / 0")
    assert _run(named, "SELECT a FROM app.customers") == [("x",)]
    assert _run(named, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []


def test_a_second_restore_takes_nothing_from_the_first(make: _Make, dump: Path) -> None:
    named = make()
    with (
        filling(named, dump),
        pytest.raises(ServerError, match="another restore fills"),
        filling(named, dump),
    ):
        pass
    with pytest.raises(ServerError, match="is not empty: it holds table"), filling(named, dump):
        pass
    assert _run(named, "SELECT count(*) FROM told") == [(2,)]


def test_rights_of_people_whom_the_new_machine_lacks_are_left_behind(make: _Make, tmp_path: Path) -> None:
    source = make(*_OURS, "CREATE ROLE auditor", "GRANT SELECT ON told TO auditor")
    copy_database(Configuration(tmp_path, source), tmp_path / "dump")
    _run(source, "DROP OWNED BY auditor", "DROP ROLE auditor")
    with filling(make(), tmp_path / "dump") as counted:
        assert counted.rows["told"] == 2


def test_the_first_fault_is_told_and_not_what_came_of_it(make: _Make, tmp_path: Path) -> None:
    made = "CREATE FUNCTION least_of() RETURNS int LANGUAGE sql AS 'SELECT 1'"
    copy_database(Configuration(tmp_path, make(made, *_OURS)), tmp_path / "dump")
    named = make("CREATE EXTENSION citext", made, "ALTER EXTENSION citext ADD FUNCTION least_of()")
    with pytest.raises(ServerError, match='"least_of" already exists'), filling(named, tmp_path / "dump"):
        pass


@pytest.mark.usefixtures("asked_for_certificates")
def test_whoever_must_show_a_certificate_is_backed_up_and_restored(make: _Make, tmp_path: Path) -> None:
    source, other = make(*_OURS), make()
    copy_database(Configuration(tmp_path, source), tmp_path / "dump")
    with filling(other, tmp_path / "dump") as counted:
        assert counted.rows["told"] == 2


@pytest.mark.usefixtures("asked_for_certificates")
def test_a_server_that_the_named_file_does_not_know_is_given_nothing(
    make: _Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "others").mkdir()
    stranger, _ = write_certificate(tmp_path / "others")
    known = replace(make(*_OURS), ca_file=tmp_path / "cert.pem")
    with monkeypatch.context() as around:
        # What the file names goes before what the surroundings say.
        around.setenv("PGSSLROOTCERT", str(stranger))
        copy_database(Configuration(tmp_path, known), tmp_path / "dump")
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        copy_database(Configuration(tmp_path, replace(known, ca_file=stranger)), tmp_path / "none")


@pytest.fixture
def asked_for_certificates(
    server: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Let the server take nobody in without a certificate, of which the surroundings name one."""
    certificate, key = write_certificate(tmp_path)
    folder = server.log.parent / "pg"
    about = folder.stat()
    for source, name in ((certificate, "server.crt"), (certificate, "root.crt"), (key, "server.key")):
        shutil.copy(source, folder / name)
        os.chown(folder / name, about.st_uid, about.st_gid)
        (folder / name).chmod(0o600)
    served = NamedDatabase("127.0.0.1", server.port, "postgres", "site")
    _run(served, "ALTER SYSTEM SET ssl = on", "ALTER SYSTEM SET ssl_ca_file = 'root.crt'", _RELOAD)
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    for name, file in (("ROOTCERT", certificate), ("CERT", certificate), ("KEY", key)):
        monkeypatch.setenv(f"PGSSL{name}", str(file))
    _await(lambda: _is_taken_in(served, "require"))
    rules = (folder / "pg_hba.conf").read_text()
    (folder / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 trust clientcert=verify-ca\n")
    _run(served, _RELOAD)
    _await(lambda: not _is_taken_in(served, "disable"))
    yield
    (folder / "pg_hba.conf").write_text(rules)
    _run(served, _RELOAD)


_RELOAD = "SELECT pg_reload_conf()"


def _is_taken_in(served: NamedDatabase, mode: str) -> bool:
    """Tell whether a connection that is sealed so, or not at all, is let in now."""
    try:
        psycopg.connect(
            host=served.host, port=served.port, dbname=served.name, user=served.user, sslmode=mode
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _await(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def _run(named: NamedDatabase, *statements: str) -> list[tuple[object, ...]]:
    """Run statements in a database; returns what the last of them found."""
    held = psycopg.connect(
        host=named.host, port=named.port, dbname=named.name, user=named.user, autocommit=True
    )
    with held:
        found = [held.execute(statement) for statement in statements]
        return found[-1].fetchall() if found and found[-1].description else []


def _objects(named: NamedDatabase) -> list[tuple[object, ...]]:
    """Everything that a database holds beyond the system's own."""
    return _run(
        named,
        "SELECT classid, objid, deptype FROM pg_depend WHERE objid >= 16384 "
        "UNION ALL SELECT 'pg_namespace'::regclass, oid, 'n' FROM pg_namespace WHERE oid >= 16384 "
        "UNION ALL SELECT 'pg_largeobject'::regclass, oid, 'n' FROM pg_largeobject_metadata ORDER BY 1, 2, 3",
    )
