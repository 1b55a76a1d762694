"""Statements whose answer hangs on how an engine compares, asked of real ones and replayed on ours.

The real server's answer is the truth: nobody it returned may be missing, and nobody may be called settled
whom it did not return. How much wider our answer is, is printed by difference.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.databases import Database, mariadb, postgresql
from tests.journeys.differences import Question, Replay, Tally, ask, hostile_rows, lines_of, text_questions

pytestmark = pytest.mark.slow
COLUMNS = ("id", "name", "memo", "fixed", "amount", "born", "seen")
_MYSQL = (
    "(id int primary key, name varchar(40), memo varchar(40), fixed char(8), amount int, born date, "
    "seen datetime)"
)
_POSTGRES = (
    "(id int primary key, name text, memo text, fixed char(8), amount int, born date, seen timestamptz)"
)
_TYPES = {
    "fixed": "char(8)",
    "amount": "int",
    "born": "date",
    "seen": "timestamp",
    "name": "text",
    "memo": "text",
}


@pytest.fixture(scope="module")
def maria() -> Iterator[Database]:
    """A MariaDB with nothing in it."""
    with mariadb() as database:
        yield database


@pytest.fixture(scope="module")
def postgres() -> Iterator[Database]:
    """A PostgreSQL with nothing in it."""
    with postgresql() as database:
        yield database


def _filled(database: Database, made: str, session: list[str]) -> list[Mapping[str, Any]]:
    """Make the table anew and return its rows as a snapshot has them."""
    connection = database.connect()
    try:
        cursor = connection.cursor()
        for statement in [*session, "DROP TABLE IF EXISTS t", made]:
            cursor.execute(statement)
        for row in hostile_rows():
            cursor.execute("INSERT INTO t VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
        connection.commit()
        shown = "id, name, memo, fixed, amount, born, seen"
        if database.engine == "postgresql":
            shown = "id, name, memo, fixed, amount, born::text, seen::text"
        cursor.execute(f"SELECT {shown} FROM t ORDER BY id")
        return [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    finally:
        connection.close()


def _hold(name: str, tallies: Mapping[str, Tally]) -> None:
    sys.stdout.write("\n".join([f"\n== {name}", *lines_of(tallies), ""]))
    lost = [line for tally in tallies.values() for line in tally.lost]
    overclaimed = [line for tally in tallies.values() for line in tally.overclaimed]
    assert (len(lost), lost[:20]) == (0, [])
    assert (len(overclaimed), overclaimed[:20]) == (0, [])


@pytest.mark.parametrize("collation", ["utf8mb4_unicode_ci", "utf8mb4_general_ci", "utf8mb4_bin"])
@pytest.mark.parametrize("told", [True, False])
def test_mariadb_compares_as_we_say(maria: Database, tmp_path: Path, collation: str, told: bool) -> None:
    session = [
        "CREATE DATABASE IF NOT EXISTS d",
        "USE d",
        f"SET NAMES utf8mb4 COLLATE {collation}",
        "SET sql_mode = ''",
    ]
    made = f"CREATE TABLE t {_MYSQL} CHARACTER SET utf8mb4 COLLATE {collation}"
    rows = _filled(maria, made, session)
    truth = ask(maria, session, [*text_questions(backslashes=True, minus="EXCEPT"), *_mysql_questions()])
    replay = Replay(tmp_path, rows, engine="mariadb", collation=collation if told else None, types=_TYPES)
    _hold(f"mariadb {collation}{'' if told else ', not told'}", replay.tally(truth))


def _mysql_questions() -> Iterator[Question]:
    for value in ("0", "12", "1", "'12abc'", "''"):
        for column in ("name", "amount"):
            yield Question("casts to numbers", f"SELECT id FROM t WHERE {column} = {value}")
            yield Question("casts to numbers", f"SELECT id FROM t WHERE {column} > {value}")
    yield Question("casts to numbers", "SELECT id FROM t WHERE memo AND id > 5")
    for value in ("'2026-1-5'", "20260105", "'20260105'", "'2026-01-05 10:00'", "'0000-00-00'", "'nonsense'"):
        for operator in ("=", "<", ">="):
            yield Question("days", f"SELECT id FROM t WHERE born {operator} {value}")
            yield Question("days", f"SELECT id FROM t WHERE seen {operator} {value}")
    for pattern in ("^s", "a.b", "[aeiou]$", "\\\\bfoo\\\\b", "(sato|x)", "\u30b5.\u30a6"):
        yield Question("regular expressions", f"SELECT id FROM t WHERE name REGEXP '{pattern}'")
        yield Question("regular expressions", f"SELECT id FROM t WHERE name NOT RLIKE '{pattern}'")
    yield Question("division", "SELECT id FROM t WHERE amount / 2 = 1")
    yield Question("division", "SELECT id FROM t WHERE amount / 2 = 1.5")
    yield Question("division", "SELECT id FROM t WHERE amount DIV 2 = 1")
    yield Question("named collation", "SELECT id FROM t WHERE name COLLATE utf8mb4_bin = 'sato'")
    yield Question("named collation", "SELECT id FROM t WHERE BINARY name = 'sato'")
    yield Question("places", "SELECT id FROM t WHERE LOCATE('A', name) > 0")
    yield Question("null-safe", "SELECT id FROM t WHERE name <=> 'sato'")
    yield Question("null-safe", "SELECT id FROM t WHERE NOT name <=> NULL")


@pytest.mark.parametrize("locale", ["C", "ja-JP"])
@pytest.mark.parametrize("told", [True, False])
def test_postgresql_compares_as_we_say(postgres: Database, tmp_path: Path, locale: str, told: bool) -> None:
    collate = "" if locale == "C" else ' COLLATE "ja-JP-x-icu"'
    made = "CREATE TABLE t " + _POSTGRES.replace(" text", f" text{collate}").replace(
        "char(8)", f"char(8){collate}"
    )
    session = ["SET TimeZone = 'Asia/Tokyo'"]
    rows = _filled(postgres, made, session)
    truth = ask(
        postgres, session, [*text_questions(backslashes=False, minus="EXCEPT"), *_postgres_questions()]
    )
    types = {**_TYPES, "seen": "timestamptz"}
    system: dict[str, Any] = {"collation": locale if told else None, "zone": "Asia/Tokyo" if told else None}
    replay = Replay(tmp_path, rows, engine="postgresql", types=types, **system)
    _hold(f"postgresql {locale}{'' if told else ', not told'}", replay.tally(truth))


def _postgres_questions() -> Iterator[Question]:
    for pattern in (
        "^s",
        "a.b",
        "[aeiou]$",
        "\\mfoo\\M",
        "\\yfoo\\y",
        "(sato|x)",
        "\u30b5.\u30a6",
        "^.$",
        "(.)\\1",
    ):
        yield Question("regular expressions", f"SELECT id FROM t WHERE name ~ '{pattern}'")
        yield Question("regular expressions", f"SELECT id FROM t WHERE name !~* '{pattern}'")
    for pattern in ("s%", "_", "(sato|x)%", "a.b", "[a-f]+"):
        yield Question("similar to", f"SELECT id FROM t WHERE name SIMILAR TO '{pattern}'")
    for word in ("SATO", "\u00e9%", "%A%", "\u03a3"):
        yield Question("any case", f"SELECT id FROM t WHERE name ILIKE '{word}'")
    for value in ("2026-01-03 09:30", "2026-01-03", "2026-01-03 09:30+00", "2026-01-03 09:30:00Z"):
        for operator in ("=", "<", ">="):
            yield Question("moments", f"SELECT id FROM t WHERE seen {operator} '{value}'")
    yield Question("moments", "SELECT id FROM t WHERE seen::date = '2026-01-03'")
    yield Question("moments", "SELECT id FROM t WHERE extract(hour from seen) = 9")
    yield Question("division", "SELECT id FROM t WHERE amount / 2 = 1")
    yield Question("division", "SELECT id FROM t WHERE amount / 2.0 = 1.5")
    yield Question("division", "SELECT id FROM t WHERE -amount / 2 = -1")
    yield Question("chance", "SELECT id FROM t WHERE random() < 0.5")
    yield Question("named collation", "SELECT id FROM t WHERE name COLLATE \"C\" < 'a'")
    yield Question("null-safe", "SELECT id FROM t WHERE name IS DISTINCT FROM 'sato'")
    yield Question("null order", "SELECT id FROM t ORDER BY name DESC NULLS LAST, id LIMIT 5")
