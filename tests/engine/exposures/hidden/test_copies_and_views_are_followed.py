"""Readers of a staged copy, a view or a function reach the people behind it, whoever made it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.exposures.scene import AS_OF_US, Scene, Statement, grades_of, keys

pytestmark = pytest.mark.first_quick

EVERYBODY = keys(*range(1, 31))
MAKE_VIEW = "CREATE VIEW v (number, called) AS SELECT id, name FROM members WHERE zip = '001'"
STAGE = "CREATE TABLE stg AS SELECT id, name FROM members WHERE id <= 3"
OF_ONE = "CREATE FUNCTION f(n int) RETURNS text LANGUAGE sql AS $$ SELECT name FROM members WHERE id = n $$"
OF_CODE = (
    "CREATE FUNCTION f() RETURNS SETOF text LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN QUERY SELECT title FROM clinics; END $$"
)


def honest(text: str, at_us: int, binds: str | None = None) -> Statement:
    """Return what somebody else ran in another connection."""
    return Statement(text, at_us=at_us, code=None, hostile=False, binds=binds)


def answered(folder: Path, made: list[str], text: str, rows: int | None) -> dict[str, int]:
    """Return whom a hostile statement reached after honest ones."""
    before = [honest(one, 1_000 * n) for n, one in enumerate(made, start=1)]
    return grades_of(Scene(folder).answer(*before, Statement(text, rows=rows, at_us=50_000, code=None)))


@pytest.mark.parametrize(
    ("made", "text", "rows", "reached"),
    [
        ([STAGE], "SELECT name FROM stg WHERE id > 1", 2, {"2": 4, "3": 4}),
        ([STAGE], "TABLE stg", 3, {"1": 4, "2": 4, "3": 4}),
        ([STAGE], "COPY stg (name) TO STDOUT", 3, {"1": 4, "2": 4, "3": 4}),
        ([STAGE.replace("CREATE TABLE stg AS SELECT id, name", "SELECT id, name INTO TEMP stg")],
         "SELECT s.name FROM pg_temp.stg AS s WHERE s.id = 2", 1, {"2": 4}),
        ([STAGE, "CREATE TABLE further AS SELECT name AS n FROM stg WHERE id = 2"], "SELECT n FROM further",
         1, {"2": 4}),
        ([STAGE, "ALTER TABLE stg RENAME TO old"], "SELECT name FROM old", 3, {"1": 4, "2": 4, "3": 4}),
        ([STAGE, "DELETE FROM stg WHERE id = 2"], "SELECT name FROM stg", 2, {"1": 3, "2": 3, "3": 3}),
        (["CREATE TABLE stg (a int, b text)",
          "INSERT INTO stg (b, a) SELECT name, id FROM members WHERE id = 1",
          "INSERT INTO stg SELECT id, name FROM members WHERE id = 9"], "SELECT b FROM stg WHERE a > 0", 2,
         {"1": 3, "9": 3}),
        (["INSERT INTO clinics (id, title) SELECT id, name FROM members WHERE id = 5"],
         "SELECT title FROM clinics", 3, {"5": 3}),
        ([MAKE_VIEW], "SELECT called FROM v WHERE number < 5", 2, {"1": 4, "4": 4}),
        ([MAKE_VIEW, "CREATE VIEW w AS SELECT called FROM v WHERE number = 7"], "SELECT * FROM w", 1,
         {"7": 4}),
        (["CREATE MATERIALIZED VIEW v AS SELECT name FROM members WHERE id = 7 WITH DATA"], "SELECT * FROM v",
         1, {"7": 4}),
        ([OF_ONE], "SELECT f(3)", 1, {"3": 4}),
        ([OF_ONE], "SELECT * FROM f(3)", 1, {"3": 4}),
        ([OF_CODE], "SELECT * FROM f()", 2, {}),
        ([OF_CODE.replace("title FROM clinics", "name FROM members")], "SELECT * FROM f()", 30,
         dict.fromkeys(EVERYBODY, 2)),
        ([], "SELECT * FROM somewhere", 2, dict.fromkeys(EVERYBODY, 2)),
    ],
)  # fmt: skip
def test_readers_reach_whom_was_copied(
    tmp_path: Path, made: list[str], text: str, rows: int, reached: dict[str, int]
) -> None:
    assert answered(tmp_path, made, text, rows) == reached


def test_copy_is_as_of_its_making(tmp_path: Path) -> None:
    store = Scene(tmp_path).answer(
        honest("CREATE TABLE stg AS SELECT name FROM members WHERE zip = '009'", 1_000),
        honest("UPDATE members SET zip = '001' WHERE id = 7", 2_000),
        Statement("SELECT * FROM stg", rows=1, at_us=3_000, code=None),
    )
    assert grades_of(store) == {"7": 2}


def test_bound_values_of_a_copy_are_put_in(tmp_path: Path) -> None:
    store = Scene(tmp_path).answer(
        honest("CREATE TABLE stg AS SELECT name FROM members WHERE id = $1", 1_000, binds="$1 = '8'"),
        Statement("SELECT * FROM stg WHERE name = $1", rows=1, at_us=3_000, code=None, binds="$1 = 'name-8'"),
    )
    assert grades_of(store) == {"8": 4}


def test_views_of_the_schema_are_known(tmp_path: Path) -> None:
    folder = tmp_path / f"snapshot{AS_OF_US}"
    folder.mkdir()
    parts = ["CREATE TABLE public.clinics (id int)", MAKE_VIEW.replace(" v ", " public.v "), OF_ONE, ""]
    schema = ";\n".join(parts)
    (folder / "schema.sql").write_text(schema, encoding="utf-8")
    store = Scene(tmp_path).answer(Statement("SELECT called FROM v WHERE number = 4", rows=1, code=None))
    assert grades_of(store) == {"4": 4}


WRITES = {
    "update from": "UPDATE clinics SET title = m.name FROM members m WHERE m.id = clinics.id AND m.id = 2",
    "update by query": "UPDATE clinics SET title = (SELECT name FROM members WHERE id = 2) WHERE id = 1",
    "merge": "MERGE INTO clinics c USING (SELECT * FROM members WHERE id = 2) m ON c.id = m.id "
    "WHEN NOT MATCHED THEN INSERT (title) VALUES (m.name)",
    "merge that answers": "MERGE INTO clinics c USING members m ON c.id = m.id AND m.id = 2 "
    "WHEN MATCHED THEN UPDATE SET title = m.name RETURNING c.title",
}


@pytest.mark.parametrize("name", WRITES)
def test_writes_that_read_reach_whom_they_read(tmp_path: Path, name: str) -> None:
    assert grades_of(Scene(tmp_path).answer(Statement(WRITES[name], code=None))).get("2", 0) >= 2


def test_table_without_a_snapshot_is_no_view(tmp_path: Path) -> None:
    written = honest("INSERT INTO web_sessions (sid) VALUES ('a')", 1_000)
    store = Scene(tmp_path).answer(written, Statement("SELECT sid FROM web_sessions", code=None, at_us=2_000))
    assert grades_of(store) == {}
