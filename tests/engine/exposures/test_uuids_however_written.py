"""A UUID is one key however it is written: servers take capitals, braces and no dashes for it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlglot import exp

from ashiato.datamap.model import Column, DataTable
from ashiato.engine.exposures.sameness import UUID, TextRules
from tests.engine.exposures.scene import Scene, Statement, grades_of

KEYS = [str(uuid.UUID(int=(0xABCDEF << 100) + (0x40008 << 60) + n)) for n in range(1, 7)]
ROWS = {"residents": [{"id": key, "name": f"name-{n}"} for n, key in enumerate(KEYS)]}
RESIDENTS = DataTable("residents", key=("id",), person=True)
SCHEMA = "CREATE TABLE residents (id uuid NOT NULL, name text);"
SPELT = [
    KEYS[2].upper(),
    KEYS[2].replace("-", ""),
    "{" + KEYS[2] + "}",
    KEYS[2].replace("-", "").upper(),
]


def _scene(folder: Path, engine: str, schema: str | None, table: DataTable = RESIDENTS) -> Scene:
    collation = "C" if engine == "postgresql" else "utf8mb4_general_ci"
    tables = {"residents": table}
    return Scene(folder, engine=engine, collation=collation, tables=tables, rows=ROWS, schema=schema)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_every_spelling_finds_the_row(engine: str, tmp_path: Path) -> None:
    texts = [f"SELECT name FROM residents WHERE id = '{spelt}'" for spelt in SPELT]
    grades = _scene(tmp_path, engine, SCHEMA).grades_each(texts, 1)
    assert [grades[text] for text in texts] == [{KEYS[2]: 4}] * len(texts)


@pytest.mark.slow
def test_the_data_map_says_that_a_column_holds_them(tmp_path: Path) -> None:
    told = replace(RESIDENTS, columns={"id": Column("id", type="uuid"), "name": Column("name")})
    answer = _scene(tmp_path, "postgresql", None, told).answer(
        Statement(f"SELECT name FROM residents WHERE id IN ('{SPELT[0]}')", rows=1)
    )
    assert grades_of(answer) == {KEYS[2]: 4}


def test_a_part_of_one_compares_as_any_text() -> None:
    rules = TextRules("postgresql", "C", "UTC", {"id": frozenset({UUID})})
    column, literal = exp.column("id"), exp.Literal.string("-")
    part = exp.func("SUBSTRING", exp.cast(column.copy(), "TEXT"), exp.Literal.number(9))
    assert (rules.sameness(column, literal).key, rules.sameness(part, literal).key) == ("uuid", "bytes")


@pytest.mark.slow
@pytest.mark.parametrize("spelt", [str.upper, str])
def test_text_beside_one_is_read_as_one(tmp_path: Path, spelt: Callable[[str], str]) -> None:
    """MariaDB 10.11 joins them: it reads the text."""
    notes = [{"n": n, "ref": spelt(key)} for n, key in enumerate(KEYS[:3])]
    scene = _scene(tmp_path, "mariadb", f"{SCHEMA}\nCREATE TABLE notes (n int, ref varchar(60));")
    scene.tables = {**scene.tables, "notes": DataTable("notes", key=("n",))}
    scene.rows = {**ROWS, "notes": notes}
    answer = scene.answer(Statement("SELECT r.name FROM residents r JOIN notes n ON r.id = n.ref", rows=3))
    assert grades_of(answer) == dict.fromkeys(KEYS[:3], 4)


#: Microsoft's example of how ``uniqueidentifier`` sorts, the first first: the last six bytes decide
#: ("Comparing GUID and uniqueidentifier Values", learn.microsoft.com).
AS_SQL_SERVER_SORTS = [
    "2aaaaaaa-bbbb-cccc-dddd-1eeeeeeeeeee",
    "3aaaaaaa-bbbb-cccc-dddd-2eeeeeeeeeee",
    "1aaaaaaa-bbbb-cccc-dddd-3eeeeeeeeeee",
]


@pytest.mark.slow
@pytest.mark.parametrize("told_by", ["data map", "schema"])
def test_page_of_sql_server_is_not_that_of_text(tmp_path: Path, told_by: str) -> None:
    columns = {"id": Column("id", type="uniqueidentifier"), "name": Column("name")}
    by_schema = told_by == "schema"
    scene = Scene(
        tmp_path,
        engine="sqlserver",
        tables={"residents": RESIDENTS if by_schema else replace(RESIDENTS, columns=columns)},
        rows={"residents": [{"id": key, "name": key[:1]} for key in reversed(AS_SQL_SERVER_SORTS)]},
        schema="CREATE TABLE [residents] ([id] [uniqueidentifier] NOT NULL, [name] [nvarchar](50) NULL);"
        if by_schema
        else None,
    )
    grades = grades_of(scene.answer(Statement("SELECT name FROM residents ORDER BY id LIMIT 1", rows=1)))
    assert AS_SQL_SERVER_SORTS[0] in grades
    assert max(grades.values()) < 4
