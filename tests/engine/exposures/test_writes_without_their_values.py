"""A logged write whose bound values no log holds may have touched any row, but in its own columns alone."""

from __future__ import annotations

import pytest

from tests.engine.exposures.scene import Scene, Statement, few_members, fields_of, grades_of, keys

CONFIRMED, PROBABLE, POSSIBLE = 4, 3, 2
SINCE_US = 5_000
MEMBERS = [
    {"id": n, "name": f"name-{n}", "zip": f"{n % 3:03}", "premium": 100 + n, "note": f"n{n}"}
    for n in range(1, 6)
]
SET_ZIP = "UPDATE members SET zip = $1 WHERE id = $2"
BY_ZIP = "SELECT note FROM members WHERE zip = '001'"


@pytest.fixture
def five(scene: Scene) -> Scene:
    return few_members(scene, MEMBERS)


def written(text: str, binds: str | None = None) -> Statement:
    return Statement(text, rows=1, at_us=SINCE_US, code=None, hostile=False, binds=binds)


def test_columns_it_did_not_set_are_as_they_were(five: Scene) -> None:
    store = five.answer(Statement("SELECT name FROM members WHERE premium = 103", rows=1), written(SET_ZIP))
    assert grades_of(store) == {"3": CONFIRMED}


def test_columns_it_set_may_have_been_otherwise_anywhere(five: Scene) -> None:
    grades = grades_of(five.answer(Statement(BY_ZIP, rows=2), written(SET_ZIP)))
    assert grades == {"1": PROBABLE, "2": POSSIBLE, "3": POSSIBLE, "4": PROBABLE, "5": POSSIBLE}


def test_column_that_is_only_sent_leaves_membership_settled(five: Scene) -> None:
    store = five.answer(Statement("SELECT zip, note FROM members WHERE id = 3", rows=1), written(SET_ZIP))
    assert set(grades_of(store)) == keys(3)
    assert fields_of(store, "3")["members.note"] == (CONFIRMED, "L3", "")
    assert fields_of(store, "3")["members.zip"] == (PROBABLE, "L3", "value-changed")


def test_values_that_are_known_still_name_the_row(five: Scene) -> None:
    """The second of two values was cut short; the key is there."""
    grades = grades_of(five.answer(Statement(BY_ZIP, rows=2), written(SET_ZIP, "$1 = '00...', $2 = '3'")))
    assert grades == {"1": CONFIRMED, "3": POSSIBLE, "4": CONFIRMED}


def test_copy_of_rows_without_its_values_writes_nothing(five: Scene) -> None:
    copied = written("COPY (SELECT name FROM members WHERE zip = $1) TO STDOUT")
    grades = grades_of(five.answer(Statement(BY_ZIP, rows=2), copied))
    assert grades == {"1": CONFIRMED, "4": CONFIRMED}


def test_row_put_in_without_values_is_nobody_in_particular(five: Scene) -> None:
    """What else it says fits every row: none of them is said to have come since."""
    put = written("INSERT INTO members (id, name, zip, premium, note) VALUES ($1, $2, '001', $3, $4)")
    store = five.answer(Statement("SELECT name FROM members WHERE premium = 103", rows=1), put)
    assert set(grades_of(store)) >= keys(3)


def test_deleted_row_without_its_key_stood_beside_anybody(five: Scene) -> None:
    joined = "SELECT m.name FROM members m JOIN visits v ON v.member_id = m.id"
    gone = written("DELETE FROM visits WHERE id = $1")
    grades = grades_of(five.answer(Statement(joined, rows=3), gone))
    assert set(grades) == keys(1, 2, 3, 4, 5)
