"""Columns that an object-relational mapper names in mixed letters are read as any other."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.model import Belongs, DataTable
from tests.engine.exposures.scene import Scene, Statement, fields_of, grades_of

TABLES = {
    "residents": DataTable("residents", key=("residentUuid",), person=True, persona="resident"),
    "checkups": DataTable(
        "checkups", key=("residentUuid", "fiscalYear"), belongs=Belongs("residents", ("residentUuid",))
    ),
}
THIRD = "00000003-aaaa-4bbb-8ccc-000000000003"
ROWS: dict[str, list[dict[str, Any]]] = {
    "residents": [
        {"residentUuid": THIRD.replace("3", str(n)), "name": f"name-{n}", "wardCd": f"{n % 3}"}
        for n in range(1, 9)
    ],
    "checkups": [
        {"residentUuid": THIRD.replace("3", str(n)), "fiscalYear": 2025, "remark": "x"} for n in range(1, 9)
    ],
}
WHOLE = {"residents.residentUuid", "residents.name", "residents.wardCd"}
JOINED = {"residents.residentUuid", "residents.wardCd", "checkups.fiscalYear"}

COLLATIONS = {"postgresql": "C", "mariadb": "utf8mb4_general_ci", "sqlite": "BINARY"}
THE_THIRD = f"\"residentUuid\" = '{THIRD}'"
STATEMENTS = [
    (f"SELECT * FROM residents WHERE {THE_THIRD}", WHOLE),
    (
        (
            'SELECT R."residentUuid" AS "R_residentUuid", R."wardCd", C_1."fiscalYear" AS "C_1_fiscalYear" '
            'FROM residents AS R LEFT OUTER JOIN checkups AS C_1 ON C_1."residentUuid" = R."residentUuid" '
            f'WHERE R.{THE_THIRD} ORDER BY C_1."fiscalYear"'
        ),
        JOINED,
    ),
    (
        (
            'SELECT "residentUuid", "wardCd", "fiscalYear" FROM residents JOIN checkups '
            f"USING (\"residentUuid\") WHERE name = 'name-3' AND \"residentUuid\" IN ('{THIRD}')"
        ),
        JOINED,
    ),
    (
        (
            'SELECT a."residentUuid", a.name, a."wardCd" FROM (SELECT r."residentUuid" AS "residentUuid", '
            f'r.name AS name, r."wardCd" FROM residents r WHERE r.{THE_THIRD} LIMIT 1) AS a'
        ),
        WHOLE,
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["postgresql", "mariadb", "sqlite"])
@pytest.mark.parametrize(("text", "fields"), STATEMENTS)
def test_mixed_letters_find_one_record_and_all_its_fields(
    engine: str, text: str, fields: set[str], tmp_path: Path
) -> None:
    scene = Scene(tmp_path, engine=engine, collation=COLLATIONS[engine], tables=TABLES, rows=ROWS)
    said = text.replace('"', "`") if engine == "mariadb" else text
    answer = scene.answer(Statement(said, rows=1))
    assert (grades_of(answer), set(fields_of(answer, THIRD))) == ({THIRD: 4}, fields)


@pytest.mark.parametrize("engine", ["mariadb", "sqlite"])
def test_names_without_quotes_are_read_as_the_engine_reads_them(engine: str, tmp_path: Path) -> None:
    rows = {"residents": [{"id": n, "LoginName": f"a{n}"} for n in range(1, 4)]}
    tables = {"residents": DataTable("residents", key=("id",), person=True)}
    scene = Scene(tmp_path, engine=engine, collation=COLLATIONS[engine], tables=tables, rows=rows)
    answer = scene.answer(Statement("SELECT r.loginname FROM residents r WHERE r.LOGINNAME = 'a2'", rows=1))
    assert set(fields_of(answer, "2")) == {"residents.LoginName"}


NAMED = [
    "SELECT LoginName FROM Accounts WHERE Accounts.id = 2",
    'SELECT "LoginName" FROM "accounts" WHERE "Accounts"."ID" = 2',
    'WITH q AS (SELECT id AS "Nr", loginname FROM ACCOUNTS) SELECT q.loginname FROM q WHERE "q".nr = 2',
    'SELECT A.loginname FROM accounts AS a JOIN accounts "B" ON "A".id = b.id WHERE B.id = 2',
]


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["Accounts", "accounts"])
def test_sqlite_passes_over_case_in_names_of_tables(kept: str, tmp_path: Path) -> None:
    people = [{"id": n, "LoginName": f"a{n}"} for n in range(1, 4)]
    with closing(sqlite3.connect(":memory:")) as real:
        real.execute(f"CREATE TABLE {kept} (id INTEGER, LoginName TEXT)")
        real.executemany(f"INSERT INTO {kept} VALUES (:id, :LoginName)", people)
        truth = {text: real.execute(text).fetchall() for text in NAMED}
    assert truth == {text: [("a2",)] for text in NAMED}
    tables = {kept: DataTable(kept, key=("id",), person=True)}
    scene = Scene(tmp_path, engine="sqlite", collation="BINARY", tables=tables, rows={kept: people})
    assert scene.grades_each(NAMED, 1) == {text: {"2": 4} for text in NAMED}
