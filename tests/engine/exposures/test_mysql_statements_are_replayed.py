"""MySQL's statements are replayed as MySQL reads them, on what its logs leave untold the answer widens."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.datamap.model import Answer, Route
from ashiato.engine.exposures.mysql_texts import (
    UnsureError,
    file_written,
    never_parsed,
    plain_text,
    reads_nothing,
)
from tests.engine.exposures.scene import CLINIC_ROWS, CLINICS, Scene, Statement, fields_of, grades_of, keys

pytestmark = pytest.mark.first_quick

_EVERYBODY = keys(*range(1, 31))


def _grades(folder: Path, text: str, **said: Any) -> dict[str, int]:
    scene = Scene(folder, engine="mariadb", collation="utf8mb4_general_ci")
    return grades_of(scene.answer(Statement(text, **said)))


FINDING_THE_THIRD = [
    "SELECT `name` FROM `members` WHERE `id` = 3",
    'SELECT name FROM members WHERE name = "name-3" # a remark',
    "SELECT NAME FROM db.Members WHERE Members.ID = '3'",
    "SELECT name FROM members WHERE id = '3 or so'",
    "SELECT name FROM members WHERE id = 2--1",
    "SELECT name FROM members WHERE id = 4 /*!50000 - 1 */ /*!99999 OR 1 = 1 */",
    "SELECT name FROM members ORDER BY id LIMIT 2, 1",
    "SELECT IF(id <=> 3, IFNULL(name, 'x'), NULL) FROM members WHERE id IN ('3')",
    "SELECT name FROM members WHERE name REGEXP '^NAME-3$' AND id != 4 FOR UPDATE",
    "SELECT name FROM members WHERE ORD(MID(name, 6, 1)) = 51 AND MID(name, 7) = ''",
    (
        "SELECT title FROM clinics WHERE id = -1 UNION ALL SELECT CONCAT(0x7178,IFNULL(CAST(name AS "
        "NCHAR),0x20), 0x78) FROM db.members WHERE id = 3-- -"
    ),
]
REACHING_NOBODY = [
    "SELECT name FROM members WHERE id = '3''",
    "SELECT name FROM members WHERE id = 3 AND (1 = 1",
    "SELECT name FROM members WHERE id = 3 UNION ALL SELECT NULL, NULL-- -",
    "SELECT name FROM members WHERE id = 3 ORDER BY 7",
    "LOCK TABLES `members` READ /*!32311 LOCAL */",
    "SHOW FIELDS FROM members",
    "CHECKSUM TABLE members",
]


def _each(folder: Path, texts: list[str], rows: int | None = None) -> dict[str, dict[str, int]]:
    return Scene(folder, engine="mariadb", collation="utf8mb4_general_ci").grades_each(texts, rows)


@pytest.mark.slow
def test_one_row_is_found_however_mysql_says_it(tmp_path: Path) -> None:
    grades = _each(tmp_path, FINDING_THE_THIRD, rows=1)
    assert [text for text in FINDING_THE_THIRD if grades[text] != {"3": 4}] == []


def test_what_never_ran_or_reads_nothing_reaches_nobody(tmp_path: Path) -> None:
    assert [text for text, grades in _each(tmp_path, REACHING_NOBODY).items() if grades] == []


@pytest.mark.parametrize(("code", "reached"), [("1064", {}), ("1054", {}), ("1317", {"3": 2})])
def test_errors_tell_whether_a_statement_ran(code: str, reached: dict[str, int], tmp_path: Path) -> None:
    assert _grades(tmp_path, "SELECT name FROM members WHERE id = 3", error_code=code) == reached


@pytest.mark.parametrize(("target", "reached"), [("/list", 30), ("/other", 0)])
def test_an_error_page_may_print_what_an_injected_statement_read(
    target: str, reached: int, tmp_path: Path
) -> None:
    """MySQL's logs hold no message of an error; only replies that are all alike prove that none was told."""
    text = (
        "SELECT title FROM clinics WHERE id = 1 AND (SELECT 1 FROM (SELECT COUNT(*), CONCAT((SELECT name "
        "FROM members ORDER BY id LIMIT 2, 1), FLOOR(RAND(0) * 2)) x FROM INFORMATION_SCHEMA.PLUGINS "
        "GROUP BY x) a)"
    )
    routes = (Route("/list", answer=Answer(success=(200,))), Route("/other", answer=Answer(success=(200,))))
    scene = Scene(tmp_path, engine="mariadb", routes=routes)
    asked = [Statement(text, code=500, target=target, body_bytes=300)]
    if target == "/other":
        asked = [Statement(text, code=500, target=f"/other/{n}", at_us=n, body_bytes=20) for n in range(1, 5)]
    assert len(grades_of(scene.answer(*asked))) == reached


def test_tables_without_people_have_no_answer(tmp_path: Path) -> None:
    scene = Scene(tmp_path, engine="mysql", tables={"clinics": CLINICS}, rows={"clinics": CLINIC_ROWS})
    assert grades_of(scene.answer(Statement("SELECT title FROM clinics"))) == {}


def test_a_dump_reaches_everybody(tmp_path: Path) -> None:
    grades = _grades(tmp_path, "SELECT /*!40001 SQL_NO_CACHE */ `id`, `name` FROM `members`", rows=30)
    assert grades == dict.fromkeys(_EVERYBODY, 4)


def test_rows_written_to_a_file_are_staged(tmp_path: Path) -> None:
    text = "SELECT name FROM members WHERE id < 4 INTO OUTFILE '/var/www/html/x.txt' FIELDS TERMINATED BY ','"
    assert _grades(tmp_path, text) == dict.fromkeys(keys(1, 2, 3), 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "more", "grade"),
    [
        ("/uploads/x.txt", {}, 3),
        ("/uploads/%78.txt", {}, 3),
        ("/uploads/y.txt", {}, 2),
        ("/other/x.txt", {}, 2),
        ("/list/x", {}, 2),
        ("/uploads/x.txt", {"body_bytes": 1}, 2),
        ("/uploads/x.txt", {"code": 404}, 2),
        ("/uploads/x.txt", {"at_us": 100}, 2),
        ("/uploads/x.txt", {"hostile": False}, 2),
        ("/uploads/x.txt", {"path": "P2"}, 2),
    ],
)
def test_rows_written_to_a_file_were_given_with_it(
    target: str, more: dict[str, Any], grade: int, tmp_path: Path
) -> None:
    text = "SELECT name FROM members WHERE id < 4 INTO OUTFILE '/var/www/html/uploads/x.txt'-- -' LIMIT 3"
    told = {"at_us": 9_000_000, "body_bytes": 30, "logged": False, **more}
    fetched = Statement("SELECT 1", target=target, **told)
    scene = Scene(tmp_path, engine="mariadb", collation="utf8mb4_general_ci")
    grades = grades_of(scene.answer(Statement(text, rows=3, at_us=1_000_000), fetched))
    assert grades == dict.fromkeys(keys(1, 2, 3), grade)


@pytest.mark.parametrize(
    "text",
    [" " * 200_000 + "x INTO OUTFILE '/a'", "'into @a' " * 20_000, "INTO OUTFILE '" * 20_000, "(" * 200_000],
    ids=["blanks", "quotes", "files", "brackets"],
)
def test_no_text_is_gone_over_again_and_again(text: str) -> None:
    """Statements of the intruder's making: going back over them took half a minute, and the square of it."""
    began = time.process_time()
    assert file_written(text) is None
    assert plain_text(f"{text} INTO @x") is not None
    assert time.process_time() - began < 3


def test_a_file_is_what_was_written_to_it_first(tmp_path: Path) -> None:
    """The server writes over no file: the second statement failed, whatever a log without errors says."""
    scene = Scene(tmp_path, engine="mariadb", collation="utf8mb4_general_ci")
    wrote = [
        Statement(f"SELECT name FROM members WHERE id = {key} INTO OUTFILE '/srv/x.txt'", rows=1, at_us=at_us)
        for key, at_us in ((1, 1_000_000), (2, 2_000_000))
    ]
    fetched = Statement("SELECT 1", target="/x.txt", at_us=9_000_000, body_bytes=6, logged=False)
    assert grades_of(scene.answer(*wrote, fetched)) == {"1": 3, "2": 2}


def test_one_text_of_many_rows_may_be_cut(tmp_path: Path) -> None:
    text = "SELECT GROUP_CONCAT(name SEPARATOR 0x2c) FROM members WHERE id < 4"
    assert _grades(tmp_path, text, rows=1) == dict.fromkeys(keys(1, 2, 3), 3)


def test_a_column_that_is_not_grouped_by_shows_somebody(tmp_path: Path) -> None:
    assert _grades(tmp_path, "SELECT zip, name FROM members GROUP BY zip").keys() == _EVERYBODY


def test_a_page_without_order_may_hold_anybody(tmp_path: Path) -> None:
    grades = _grades(tmp_path, "SELECT name FROM members LIMIT 2, 2", rows=2)
    assert {key for key, grade in grades.items() if grade == 3} == keys(3, 4)
    assert grades.keys() == _EVERYBODY


def test_a_number_in_quotes_asks_for_nothing_that_is_missing(tmp_path: Path) -> None:
    """Emulated prepares (PHP's habit) quote every value; beside an outer join that left everybody open."""
    text = (
        "SELECT m.name, c.title FROM members m LEFT JOIN clinics c ON c.id = m.id AND c.title = 'North' "
        "WHERE m.id = '3'"
    )
    assert _grades(tmp_path, text, rows=1) == {"3": 4}


def test_rows_that_lie_by_their_key_stay_there_when_they_are_written(tmp_path: Path) -> None:
    scene = Scene(tmp_path, engine="mariadb", collation="utf8mb4_general_ci")
    honest = [
        Statement(f"UPDATE members SET note = 'y' WHERE {where}", at_us=500, hostile=False, code=None)
        for where in ("name LIKE '%1'", "id = 5")
    ]
    grades = grades_of(scene.answer(*honest, Statement("SELECT zip FROM members LIMIT 2, 2", rows=2)))
    assert {key for key, grade in grades.items() if grade == 3} == keys(3, 4)


def test_a_procedure_may_read_anything(tmp_path: Path) -> None:
    assert _grades(tmp_path, "CALL monthly_report(7)") == dict.fromkeys(_EVERYBODY, 2)


@pytest.mark.parametrize(("objects", "reached"), [(None, 30), ("db.visits", 15), ("db.clinics", 0)])
def test_a_cut_statement_may_have_read_what_it_touched(
    objects: str | None, reached: int, tmp_path: Path
) -> None:
    said = {"unmapped": '{"query_id":7,"text_cut":true}', "objects": objects}
    grades = _grades(tmp_path, "SELECT title FROM clinics WHERE id = 1", **said)
    assert (len(grades), set(grades.values()) - {2}) == (reached, set())


def test_columns_are_named_as_the_map_names_them(tmp_path: Path) -> None:
    store = Scene(tmp_path, engine="mysql").answer(Statement("SELECT ZIP, Name FROM members WHERE id=3", 1))
    assert {field: told[0] for field, told in fields_of(store, "3").items()} == {
        "members.name": 4,
        "members.zip": 4,
    }


def test_comments_that_hang_on_the_version_widen(tmp_path: Path) -> None:
    assert (
        _grades(tmp_path, "SELECT name FROM members WHERE id = 3 /*!80000 OR 1 = 1 */").keys() == _EVERYBODY
    )


def test_what_stands_in_quotes_is_no_comment() -> None:
    text = "SELECT '/*!50000 x */ -- y', \"a--b\", `c--d` FROM t WHERE a = 'INTO OUTFILE ''x'''"
    assert plain_text(text) == text
    assert not never_parsed(text)
    assert not never_parsed("SELECT 'a\\' FROM t")
    assert not reads_nothing("SHOW TABLES; SELECT * FROM members")


@given(st.text(alphabet="'\"`\\/*!-#()50 a;\n", max_size=40))
def test_any_text_is_looked_at_in_peace(text: str) -> None:
    assert never_parsed(text) in (True, False)
    assert reads_nothing(text) in (True, False)
    with suppress(UnsureError):
        assert isinstance(plain_text(text), str)


@pytest.mark.parametrize(
    "text",
    [
        "/*M!100100 SET WAIT_TIMEOUT=DEFAULT */",
        "/*!99999 SET NAMES utf8 */;",
        "SELECT engine FROM INFORMATION_SCHEMA.TABLES WHERE table_name = 'members'",
    ],
)
def test_housekeeping_of_a_dump_reaches_nobody(tmp_path: Path, text: str) -> None:
    assert _grades(tmp_path, text) == {}


@pytest.mark.parametrize(
    "text",
    [
        "/*M!100100 SET @a = (SELECT name FROM members) */",
        "/*M!100100 SELECT 1 */",
        "/*M!100100 SET a=1 */ *",
    ],
)
def test_other_comments_that_some_server_runs_stay_open(text: str) -> None:
    with pytest.raises(UnsureError):
        plain_text(text)
