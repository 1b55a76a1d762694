"""What a site's engine holds to be equal, to match or to be earlier is found, whatever ours thinks of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

import pytest

from ashiato.datamap.model import Column
from ashiato.terms.grades import Grade
from tests.engine.exposures.scene import AS_OF_US, TABLES, Scene, Statement, fields_of, grades_of

pytestmark = pytest.mark.first_quick

CONFIRMED, PROBABLE, POSSIBLE = Grade.CONFIRMED.value, Grade.PROBABLE.value, Grade.POSSIBLE.value
NAMES = (
    "sato",
    "SATO",
    "sat\u014d",
    "sato ",
    "\u30b5\u30c8\u30a6",
    "\u3055\u3068\u3046",
    "\uff7b\uff84\uff73",
    "12abc",
    "x",
)


def _named(scene: Scene, engine: str, collation: str | None, kinds: Mapping[str, str] = {}) -> None:
    """Fill the scene with members of these names, of an engine."""
    scene.engine, scene.collation = engine, collation
    rows = [
        {"id": n, "name": name, "born": f"2026-01-0{n}", "seen": f"2026-01-0{n} 09:00:00"}
        for n, name in enumerate(NAMES, start=1)
    ]
    columns = {name: Column(name, type=kind) for name, kind in kinds.items()}
    scene.tables = {"members": dataclasses.replace(TABLES["members"], columns=columns)}
    scene.rows = {"members": rows}


def _found(scene: Scene, where: str, rows: int) -> dict[str, int]:
    return grades_of(scene.answer(Statement(f"SELECT name FROM members WHERE {where}", rows=rows)))


def _found_each(scene: Scene, wheres: Iterable[str], rows: int) -> dict[str, dict[str, int]]:
    texts = {f"SELECT name FROM members WHERE {where}": where for where in wheres}
    return {texts[text]: grades for text, grades in scene.grades_each(list(texts), rows).items()}


@pytest.mark.parametrize(
    ("database", "where", "sure", "perhaps"),
    [
        (("mariadb", "utf8mb4_general_ci"), "name = 'Sato'", "1 2 4", "3"),
        (("mariadb", "utf8mb4_unicode_ci"), "name = '\u30b5\u30c8\u30a6'", "5 6 7", ""),
        (("mariadb", "utf8mb4_bin"), "name = 'sato'", "1 4", ""),
        (("mysql", None), "name = 'sato'", "1", "2 3 4"),
        (("postgresql", None), "name = 'sato'", "1", ""),
        (("postgresql", "C"), "name ILIKE 'SATO'", "1 2", ""),
        (("sqlite", None), "name LIKE 'SATO'", "1 2", ""),
        (("mariadb", "utf8mb4_general_ci"), "name LIKE 'S%O'", "1 2", "3"),
        (("mariadb", "utf8mb4_general_ci"), "name = 12", "8", ""),
        (("mysql", "utf8mb4_bin"), "id = '2nd'", "2", ""),
        (("sqlite", None), "name = 'SATO' COLLATE NOCASE", "1 2", ""),
        (("mysql", "utf8mb4_bin"), "born = '2026-1-3'", "3", ""),
        (("postgresql", "C"), "name ~ '\\msato\\M'", "1 4", "3 5 6 7"),
        (("postgresql", "C"), "name SIMILAR TO '(sato|x)'", "1 9", ""),
    ],
)  # fmt: skip
def test_rows_alike_to_the_engine_are_found(
    scene: Scene, database: tuple[str, str | None], where: str, sure: str, perhaps: str
) -> None:
    _named(scene, *database, {"born": "date"})
    grades = _found(scene, where, rows=len(sure.split()))
    assert set(sure.split()) <= set(grades)
    assert set(grades) <= set(sure.split()) | set(perhaps.split())
    assert all(grades[key] > POSSIBLE for key in sure.split())


WITHIN_VALUES = (
    "(name = 'Sato') = 1",
    "name = 'Sato' IS TRUE",
    "COALESCE(name = 'Sato', 0)",
    "name = 'Sato' XOR id > 90",
    "NULLIF(name, 'Sato') IS NULL",
    "IF(name = 'Sato', (SELECT 1), 0) = 1",
    "(name IN (SELECT UPPER('Sato'))) = 1",
)
FOLDING = (
    "LOCATE('SATO', name) = 1",
    "LOCATE('SATO', name) <> 0",
    "INSTR(name, 'O') IN (4)",
    "SUBSTRING(name, INSTR(name, 'A')) = 'aTO'",
    "REGEXP_INSTR(name, 'SATO') = 1",
    "REGEXP_REPLACE(name, 'O', '') = 'sat'",
    "LEAST(name, 'TT') = name",
    "name = ANY (SELECT 'Sato')",
)


@pytest.mark.slow
def test_comparison_within_a_value_is_read_as_widely(scene: Scene) -> None:
    _named(scene, "mariadb", "utf8mb4_general_ci")
    found = _found_each(scene, WITHIN_VALUES, rows=3)
    assert [where for where in WITHIN_VALUES if set(found[where]) != set("1234")] == []


@pytest.mark.slow
def test_function_that_folds_loses_nobody(scene: Scene) -> None:
    _named(scene, "mariadb", "utf8mb4_general_ci")
    found = _found_each(scene, FOLDING, rows=3)
    assert [where for where in FOLDING if not set("1234") <= set(found[where])] == []


@pytest.mark.parametrize("where", ["strpos(name, 'sat') = 1", "regexp_replace(name, 'a', '') LIKE 'st%'"])
def test_function_that_folds_nothing_finds_what_it_says(scene: Scene, where: str) -> None:
    _named(scene, "postgresql", "C")
    grades = _found(scene, where, rows=3)
    assert set(grades) == {"1", "3", "4"}
    assert min(grades.values()) > POSSIBLE


def test_place_before_every_folded_one_is_in_doubt(scene: Scene) -> None:
    """The engine may have found the letter anywhere between ours and the first that is like it."""
    _named(scene, "mysql", None)
    row = dict(scene.rows["members"][0], name="\u014dOo")
    scene.rows = {"members": [row, *scene.rows["members"][1:]]}
    assert "1" in _found(scene, "INSTR(name, 'o') = 2", rows=1)


def test_several_comparisons_in_doubt_within_a_value_leave_everybody_possible(scene: Scene) -> None:
    _named(scene, "mysql", None)
    assert set(_found(scene, "(name = 'Sato') + (name = 'X') = 1", rows=4)) == set("123456789")


def test_rows_only_the_wider_comparison_finds_are_possible(scene: Scene) -> None:
    _named(scene, "mysql", None)
    store = scene.answer(Statement("SELECT name FROM members WHERE name = 'SATO'", rows=1))
    assert grades_of(store) == {"1": POSSIBLE, "2": CONFIRMED, "3": POSSIBLE, "4": POSSIBLE}
    assert fields_of(store, "1")["members.name"] == (POSSIBLE, "L2", "semantics")


def test_not_equal_turns_the_readings_round(scene: Scene) -> None:
    """Whoever may have been equal may have been left out; whoever was for certain was."""
    _named(scene, "mysql", None)
    grades = _found(scene, "NOT (name = 'sato')", rows=5)
    assert {key for key, grade in grades.items() if grade == POSSIBLE} == {"2", "3", "4"}
    assert "1" not in grades


def test_column_of_its_own_collation_keeps_to_it(scene: Scene) -> None:
    _named(scene, "mysql", "utf8mb4_general_ci")
    column = Column("name", collation="utf8mb4_bin")
    scene.tables = {"members": dataclasses.replace(TABLES["members"], columns={"name": column})}
    assert set(_found(scene, "name = 'SATO'", rows=1)) == {"2"}


def test_blanks_behind_padded_columns_count_for_nothing(scene: Scene) -> None:
    _named(scene, "postgresql", "C", {"name": "character(6)"})
    assert set(_found(scene, "name = 'sato   '", rows=2)) == {"1", "4"}


def test_join_finds_what_the_collation_holds_alike(scene: Scene) -> None:
    _named(scene, "mariadb", "utf8mb4_general_ci")
    text = "SELECT a.name FROM members a JOIN members b ON a.name = b.name AND a.id <> b.id"
    assert set(grades_of(scene.answer(Statement(text, rows=6)))) == {"1", "2", "3", "4"}


def test_values_made_one_are_disclosed_apart(scene: Scene) -> None:
    """Of names the collation holds alike, one writing comes out, and nobody knows whose."""
    _named(scene, "mariadb", "utf8mb4_unicode_ci")
    grades = grades_of(scene.answer(Statement("SELECT DISTINCT name FROM members", rows=4)))
    assert {key for key, grade in grades.items() if grade > POSSIBLE} == {"8", "9"}


def test_text_without_an_offset_is_of_the_session_zone(scene: Scene) -> None:
    _named(scene, "postgresql", "C", {"seen": "timestamptz"})
    scene.zone = "Asia/Tokyo"
    rows = [dict(row, seen=f"{row['seen']}+09:00") for row in scene.rows["members"]]
    scene.rows = {"members": rows}
    assert set(_found(scene, "seen = '2026-01-03 09:00'", rows=1)) == {"3"}
    assert set(_found(scene, "CAST(seen AS date) = '2026-01-03'", rows=1)) == {"3"}


def test_zone_nobody_named_leaves_the_edges_open(scene: Scene) -> None:
    _named(scene, "postgresql", "C", {"seen": "timestamptz"})
    scene.rows = {"members": [dict(row, seen=f"{row['seen']}+09:00") for row in scene.rows["members"]]}
    grades = _found(scene, "seen < '2026-01-04 09:00'", rows=3)
    assert {key for key, grade in grades.items() if grade == CONFIRMED} == {"1", "2", "3"}
    assert set(grades) == {"1", "2", "3", "4"}


def test_clock_is_the_statements_own(scene: Scene) -> None:
    """The statement ran on the fifth of January; what our clock says is nothing to it."""
    _named(scene, "postgresql", "C", {"born": "date"})
    scene.zone = "Asia/Tokyo"
    noon_us = 1_767_582_000_000_000
    scene.others = {noon_us + AS_OF_US: scene.rows}
    text = "SELECT name FROM members WHERE born = CURRENT_DATE"
    assert set(grades_of(scene.answer(Statement(text, rows=1, at_us=noon_us)))) == {"5"}


@pytest.mark.slow
def test_days_no_calendar_knows_are_compared_as_written(scene: Scene) -> None:
    _named(scene, "mysql", "utf8mb4_general_ci", {"born": "date"})
    scene.rows = {
        "members": [dict(row, born="0000-00-00") if row["id"] == 1 else row for row in scene.rows["members"]]
    }
    assert set(_found(scene, "born < '2026-01-03'", rows=2)) == {"1", "2"}
    assert set(_found(scene, "born = '0000-00-00'", rows=1)) == {"1"}
    assert _found(scene, "born IS NULL", rows=1) == {"1": POSSIBLE}


OF_MYSQL = {
    "LENGTH(name) = 9": "5 6 7",
    "OCTET_LENGTH(name) = 5": "3 4 8",
    "CHAR_LENGTH(name) = 3": "5 6 7",
    "ASCII(name) = 227": "5 6",
    "ORD(name) = 14909845": "6",
    "CAST(name AS CHAR(2)) = 'sa'": "1 3 4",
    "DAYOFWEEK(born) = 1": "4",
    "WEEKDAY(born) = 6": "4",
    "name RLIKE BINARY 'SA'": "2",
}


def test_functions_of_mysql_mean_what_they_mean_there(scene: Scene) -> None:
    _named(scene, "mysql", "utf8mb4_bin", {"born": "date"})
    found = _found_each(scene, OF_MYSQL, rows=1)
    surely = {
        where: {k for k, grade in grades.items() if grade > POSSIBLE} for where, grades in found.items()
    }
    assert surely == {where: set(keys.split()) for where, keys in OF_MYSQL.items()}


@pytest.mark.parametrize(("collation", "surely"), [("sjis_bin", "4"), (None, "4"), ("utf8mb4_bin", "4 5")])
def test_bytes_of_other_encodings_are_doubted(scene: Scene, collation: str | None, surely: str) -> None:
    _named(scene, "mysql", collation)
    grades = _found(scene, "LENGTH(name) IN (5, 9)", rows=1)
    assert {key for key, grade in grades.items() if grade > POSSIBLE} & {"4", "5"} == set(surely.split())
    assert grades["5"] >= POSSIBLE
    assert grades["7"] >= POSSIBLE


def test_binary_pattern_settles_only_its_own_capitals(scene: Scene) -> None:
    _named(scene, "mysql", "utf8mb4_general_ci")
    grades = _found(scene, "name RLIKE BINARY '^S'", rows=1)
    assert {key for key, grade in grades.items() if grade > POSSIBLE} == {"2"}


def test_chance_leaves_everybody_possible(scene: Scene) -> None:
    _named(scene, "postgresql", "C")
    assert set(_found(scene, "random() < 0.3", rows=2).values()) == {POSSIBLE}


def test_whole_numbers_divide_as_whole_ones(scene: Scene) -> None:
    _named(scene, "postgresql", "C")
    assert set(_found(scene, "id / 2 = 1", rows=2)) == {"2", "3"}
    _named(scene, "mysql", "utf8mb4_bin")
    assert set(_found(scene, "id / 2 = 1", rows=1)) == {"2"}


def test_outer_join_in_doubt_loses_nobody(scene: Scene) -> None:
    """Who has no partner hangs on what the collation holds alike, which nobody said."""
    _named(scene, "mysql", None)
    text = "SELECT a.name FROM members a LEFT JOIN members b ON b.name = UPPER(a.name) WHERE b.id IS NULL"
    assert len(grades_of(scene.answer(Statement(text, rows=6)))) == len(NAMES)


@pytest.mark.parametrize(
    ("mode", "where", "found"),
    [
        ("", 'name = "x"', {"9"}),
        ("ANSI_QUOTES", "\"name\" = 'x'", {"9"}),
        ("PIPES_AS_CONCAT", "name = 'sa' || 'to'", {"1", "4"}),
        ("", "name = 'x' || id = 8", {"8", "9"}),
        (None, 'name = "x"', {"9"}),
    ],
)
def test_modes_of_the_data_map_are_followed(
    scene: Scene, mode: str | None, where: str, found: set[str]
) -> None:
    _named(scene, "mysql", "utf8mb4_bin")
    scene.sql_mode = mode
    assert set(_found(scene, where, rows=len(found))) == found


@pytest.mark.parametrize("where", ["\"name\" = 'x'", "name = 'sa' || 'to'"])
def test_statements_that_hang_on_a_mode_nobody_named_widen(scene: Scene, where: str) -> None:
    _named(scene, "mysql", "utf8mb4_bin")
    assert len(_found(scene, where, rows=1)) == len(NAMES)
