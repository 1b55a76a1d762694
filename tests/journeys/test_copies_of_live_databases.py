"""Snapshots of real servers, by dumps of every kind and read live: the same rows each way, no secret told."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ashiato.engine.coverage.grants import read_rights
from ashiato.engine.coverage.rights import Grant
from ashiato.engine.dumps import convert_dump
from ashiato.outside.databases import fetch
from ashiato.terms.errors import CaseError
from tests.engine.dumps.tables_made import columns_of, converted, rows_of
from tests.journeys.command import must, tell
from tests.journeys.databases import Database, find_program, mariadb, postgresql

SECRET = "s3cret-of-nobody"  # noqa: S105 - of a server that lives as long as the test
TEXTS = ["plain", "", None, 'it\'s "so"', "back\\slash\\n", "two\nlines\r\n; end", "tab\there", "日本語 🐾"]
EXPECTED = [(str(n), text, f"\\x{n:02x}00ff27") for n, text in enumerate(TEXTS, 1)]


@pytest.fixture(scope="module")
def pg() -> Iterator[Database]:
    with postgresql() as database:
        with database.connect() as connection:
            cursor = connection.cursor()
            cursor.execute("CREATE TABLE owners (id int PRIMARY KEY, note text, photo bytea)")
            cursor.execute("CREATE TABLE nobody (id int)")
            cursor.execute("CREATE ROLE looker")
            cursor.execute("GRANT SELECT ON nobody TO looker")
            for number, text in enumerate(TEXTS, 1):
                photo = bytes([number, 0, 255, 39])
                cursor.execute("INSERT INTO owners VALUES (%s, %s, %s)", (number, text, photo))
            connection.commit()
        yield database


@pytest.fixture(scope="module")
def my() -> Iterator[Database]:
    with mariadb() as database:
        database.run("CREATE DATABASE shop CHARACTER SET utf8mb4")
        with database.connect() as connection:
            cursor = connection.cursor()
            cursor.execute("USE shop")
            cursor.execute("CREATE TABLE owners (id int PRIMARY KEY, note text, photo blob) ENGINE=InnoDB")
            cursor.execute("CREATE TABLE nobody (id int)")
            cursor.execute(
                "CREATE TRIGGER noted AFTER INSERT ON owners FOR EACH ROW BEGIN\n"
                "INSERT INTO nobody VALUES (1);\nDELETE FROM nobody;\nEND"
            )
            for number, text in enumerate(TEXTS, 1):
                photo = bytes([number, 0, 255, 39])
                cursor.execute("INSERT INTO owners VALUES (%s, %s, %s)", (number, text, photo))
        yield database


def port_of(database: Database) -> int:
    with database.connect() as connection:
        if database.engine == "mysql":
            return int(connection.port)
        cursor = connection.cursor()
        cursor.execute("SHOW port")
        return int(cursor.fetchone()[0])


@pytest.mark.slow
@pytest.mark.parametrize("way", ["", "--inserts", "--column-inserts", "--rows-per-insert=3"])
def test_pg_dump_is_read_however_it_writes(pg: Database, tmp_path: Path, way: str) -> None:
    words = [find_program("pg_dump"), "-h", "127.0.0.1", "-p", str(port_of(pg)), "-U", "site", "postgres"]
    done = subprocess.run([*words, *filter(None, [way])], check=True, capture_output=True)
    out = converted(tmp_path, done.stdout)
    assert rows_of(out, "owners") == EXPECTED
    assert (columns_of(out, "nobody"), rows_of(out, "nobody")) == ("id", [])


@pytest.mark.slow
@pytest.mark.parametrize(
    "way",
    ["", "--hex-blob", "--skip-extended-insert", "--complete-insert", "--compatible=ansi", "--databases"],
)
def test_mysqldump_is_read_however_it_writes(my: Database, tmp_path: Path, way: str) -> None:
    words = [find_program("mysqldump"), "--no-defaults", "-h127.0.0.1", f"-P{port_of(my)}", "-uroot"]
    words += ["--default-character-set=utf8mb4", *filter(None, [way])]
    done = subprocess.run([*words, "shop"], check=True, capture_output=True)
    out = converted(tmp_path, done.stdout)
    assert rows_of(out, "owners") == EXPECTED
    assert (columns_of(out, "nobody"), rows_of(out, "nobody")) == ("id", [])


@pytest.mark.slow
def test_sqlite_dump_is_read_as_the_shell_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE owners (id INTEGER PRIMARY KEY AUTOINCREMENT, note, photo BLOB)")
        rows = [(n, text, bytes([n, 0, 255, 39])) for n, text in enumerate(TEXTS, 1)]
        database.executemany("INSERT INTO owners VALUES (?, ?, ?)", rows)
    done = subprocess.run([find_program("sqlite3"), str(path), ".dump"], check=True, capture_output=True)
    assert rows_of(converted(tmp_path, done.stdout), "owners") == EXPECTED


@pytest.mark.slow
def test_live_databases_give_what_their_dumps_do(pg: Database, my: Database, tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE owners (id INTEGER PRIMARY KEY, note, photo)")
        rows = [(n, text, bytes([n, 0, 255, 39])) for n, text in enumerate(TEXTS, 1)]
        database.executemany("INSERT INTO owners VALUES (?, ?, ?)", rows)
    find_program("pg_dump")
    addresses = (
        f"postgresql://site@127.0.0.1:{port_of(pg)}/postgres",
        f"mariadb://root@127.0.0.1:{port_of(my)}/shop",
        f"sqlite://{path}",
    )
    for number, address in enumerate(addresses):
        out = tmp_path / str(number)
        (out / "tables").mkdir(parents=True)
        convert_dump(fetch(address, out), out / "tables")
        assert rows_of(out / "tables", "owners") == EXPECTED, address
    held = read_rights([(tmp_path / "0" / "tables" / "schema.sql").read_text("utf-8")])
    assert (held.owners["public", "owners"], held.unread) == ("site", 0)
    assert Grant("looker", "public", "nobody") in held.grants


@pytest.mark.slow
def test_a_copy_is_of_one_moment(pg: Database, tmp_path: Path) -> None:
    """Rows moved between two tables while the copy is made stand in one of them, never in both or none."""
    pg.run(
        "CREATE TABLE aaa AS SELECT g AS id FROM generate_series(1, 200000) g", "CREATE TABLE zzz (id int)"
    )
    address = f"postgresql://site@127.0.0.1:{port_of(pg)}/postgres"
    moving = (
        "WITH gone AS (DELETE FROM aaa WHERE id <= 100000 RETURNING id) INSERT INTO zzz SELECT id FROM gone"
    )
    mover = subprocess.Popen([find_program("psql"), "-q", address, "-c", moving])
    (tmp_path / "out").mkdir()
    convert_dump(fetch(address, tmp_path), tmp_path / "out")
    assert mover.wait() == 0
    counted = sum(len(rows_of(tmp_path / "out", name)) for name in ("aaa", "zzz"))
    pg.run("DROP TABLE aaa", "DROP TABLE zzz")
    assert counted == 200_000


@pytest.mark.slow
def test_no_password_is_told_anywhere(my: Database, tmp_path: Path) -> None:
    user = "reader@'127.0.0.1'"
    my.run(f"CREATE USER {user} IDENTIFIED BY '{SECRET}'", f"GRANT SELECT ON shop.* TO {user}")
    home, case = tmp_path / "home", tmp_path / "case"
    home.mkdir()
    must("case", "new", case)
    address = f"mysql://reader@127.0.0.1:{port_of(my)}/shop"
    refused = tell("snapshot", "add", case, address, settings={"HOME": str(home)})
    assert refused.code != 0
    assert "could not be read" in refused.err
    (home / ".my.cnf").write_text(f"[client]\npassword={SECRET}\n")
    added = must("snapshot", "add", case, address, settings={"HOME": str(home)})
    written = [path.read_text(errors="replace") for path in case.rglob("*") if path.is_file()]
    assert not [text for text in (refused.err, added.out, added.err, *written) if SECRET in text]


def test_addresses_with_secrets_are_refused_untold(tmp_path: Path) -> None:
    for address in (f"postgresql://u:{SECRET}@h/d", f"postgresql://u@h/d?password={SECRET}"):
        with pytest.raises(CaseError) as refused:
            fetch(address, tmp_path)
        assert SECRET not in str(refused.value)
        assert "password" in str(refused.value)


@pytest.mark.parametrize("address", ["oracle://u@h/d", "postgresql://u@h/", "mysql://u@h/--all-databases"])
def test_addresses_of_nothing_known_are_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(CaseError):
        fetch(address, tmp_path)
