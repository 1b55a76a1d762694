"""Rows of other tables that go with a deleted row, lose it, or follow its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ashiato.engine.store import Store
from tests.engine.exposures.scene import (
    AS_OF_US,
    CLINIC_ROWS,
    Scene,
    Statement,
    grades_of,
    keys,
)

CONFIRMED, PROBABLE, POSSIBLE = 4, 3, 2
BEFORE_US, LATER_US = 100, AS_OF_US + 1_000
MEMBERS = [
    {"id": n, "name": f"name-{n}", "zip": f"{n % 3:03}", "premium": 100 + n, "note": f"n{n}"}
    for n in range(1, 6)
]
VISITS = [{"id": 10 * n, "member_id": n, "clinic_id": 1 + n % 2, "reason": f"r{n}"} for n in (1, 2, 3, 4)]
BY_CLINIC = "SELECT v.reason FROM visits v WHERE v.clinic_id = 2"
WITH_VISIT = "SELECT m.name FROM members m JOIN visits v ON v.member_id = m.id"
Rows = Sequence[Mapping[str, Any]]
pytestmark = pytest.mark.slow


def schema(action: str) -> str:
    """Return a schema in which visits do this when their clinic or member goes."""
    return (
        "CREATE TABLE members (id bigint PRIMARY KEY, name text, zip text, premium bigint, note text);\n"
        "CREATE TABLE clinics (id bigint PRIMARY KEY, title text);\n"
        "CREATE TABLE visits (id bigint PRIMARY KEY, member_id bigint REFERENCES members (id), "
        "clinic_id bigint, reason text);\n"
        f"ALTER TABLE ONLY visits ADD CONSTRAINT c FOREIGN KEY (clinic_id) REFERENCES clinics(id) {action};\n"
    )


def write(text: str, at_us: int, rows: int | None = 1) -> Statement:
    return Statement(text, rows=rows, at_us=at_us, code=None, hostile=False)


def stolen(text: str, rows: int, at_us: int = 1_000) -> Statement:
    return Statement(text, rows=rows, at_us=at_us)


def likely(store: Store) -> set[str]:
    """Return whom the answer holds to be reached; a row that went after the only snapshot is possible."""
    return {key for key, grade in grades_of(store).items() if grade >= PROBABLE}


def tables(visits: Rows = VISITS, clinics: Rows = CLINIC_ROWS) -> dict[str, Rows]:
    return {"members": MEMBERS, "visits": visits, "clinics": clinics}


@pytest.fixture
def ahead(scene: Scene) -> Scene:
    """One snapshot, taken before everything else."""
    scene.rows, scene.schema = tables(), schema("ON DELETE CASCADE ON UPDATE CASCADE")
    return scene


GONE = write("DELETE FROM clinics WHERE id = 2", LATER_US)


def test_rows_are_gone_with_their_parent(ahead: Scene) -> None:
    after = ahead.answer(GONE, stolen(WITH_VISIT, 2, LATER_US + 10))
    assert likely(after) == keys(2, 4)
    assert max(grades_of(after).values()) == CONFIRMED


def test_rows_were_there_before_their_parent_went(ahead: Scene) -> None:
    before = ahead.answer(stolen(WITH_VISIT, 4, LATER_US - 10), GONE)
    assert grades_of(before) == dict.fromkeys("1234", CONFIRMED)


def test_rows_put_in_since_are_gone_as_well(ahead: Scene) -> None:
    new = write(
        "INSERT INTO visits (id, member_id, clinic_id, reason) VALUES (90, 5, 2, 'r')", LATER_US - 100
    )
    after = ahead.answer(new, GONE, stolen(WITH_VISIT, 2, LATER_US + 10))
    assert "5" not in likely(after)
    before = ahead.answer(new, GONE, stolen(WITH_VISIT, 5, LATER_US - 10))
    assert grades_of(before)["5"] >= POSSIBLE


def test_rows_lose_a_parent_and_stay(ahead: Scene) -> None:
    ahead.schema = schema("ON DELETE SET NULL")
    lone = "SELECT m.name FROM members m JOIN visits v ON v.member_id = m.id WHERE v.clinic_id IS NULL"
    after = ahead.answer(GONE, stolen(lone, 2, LATER_US + 10))
    assert grades_of(after) == {"1": CONFIRMED, "3": CONFIRMED}


def test_rows_follow_a_new_key(ahead: Scene) -> None:
    renamed = write("UPDATE clinics SET id = 7 WHERE id = 2", LATER_US)
    moved = WITH_VISIT + " WHERE v.clinic_id = 7"
    after = ahead.answer(renamed, stolen(moved, 2, LATER_US + 10))
    assert grades_of(after) == {"1": CONFIRMED, "3": CONFIRMED}


def test_rows_stay_where_the_schema_says_so(ahead: Scene) -> None:
    ahead.schema = schema("ON DELETE NO ACTION")
    after = ahead.answer(GONE, stolen(WITH_VISIT, 4, LATER_US + 10))
    assert grades_of(after) == dict.fromkeys("1234", CONFIRMED)


def test_unknown_schema_leaves_their_rows_in_doubt_and_no_others(ahead: Scene) -> None:
    """Whether visits went with their clinic nobody says: those of the other clinic did not."""
    ahead.schema = None
    grades = grades_of(ahead.answer(GONE, stolen(WITH_VISIT, 4, LATER_US + 10)))
    assert (grades["2"], grades["4"]) == (CONFIRMED, CONFIRMED)
    assert POSSIBLE <= grades["1"] < CONFIRMED
    assert POSSIBLE <= grades["3"] < CONFIRMED
    assert set(grades) == keys(1, 2, 3, 4)


def test_rows_gone_before_the_only_snapshot_stood_beside_somebody(ahead: Scene) -> None:
    """Whose visits they were nobody knows: with a visit anybody may have been in the reply."""
    ahead.rows = tables(visits=[row for row in VISITS if row["clinic_id"] != 2], clinics=CLINIC_ROWS[:1])
    gone = write("DELETE FROM clinics WHERE id = 2", 5_000)
    grades = grades_of(ahead.answer(stolen(WITH_VISIT, 4), gone))
    assert set(grades) == keys(1, 2, 3, 4, 5)


def test_rows_of_the_older_snapshot_are_known_to_have_gone(ahead: Scene) -> None:
    left = tables(visits=[row for row in VISITS if row["clinic_id"] != 2], clinics=CLINIC_ROWS[:1])
    ahead.others, ahead.rows = {BEFORE_US: tables()}, left
    gone = write("DELETE FROM clinics WHERE id = 2", 5_000)
    grades = grades_of(ahead.answer(stolen(WITH_VISIT, 4), gone))
    assert grades == dict.fromkeys("1234", CONFIRMED)


def test_rows_deleted_by_what_they_hold_are_named(ahead: Scene) -> None:
    """No reference is needed: a DELETE by a column that nothing else changes says whose rows went."""
    gone = write("DELETE FROM visits WHERE member_id = 3", LATER_US)
    after = ahead.answer(gone, stolen(WITH_VISIT, 3, LATER_US + 10))
    assert likely(after) == keys(1, 2, 4)


def test_rows_that_may_have_been_deleted_are_those_that_held_it(ahead: Scene) -> None:
    gone = write("DELETE FROM visits WHERE member_id = 3 AND reason LIKE 'r%'", LATER_US)
    grades = grades_of(ahead.answer(gone, stolen(WITH_VISIT, 4, LATER_US + 10)))
    assert {key for key, grade in grades.items() if grade == CONFIRMED} == keys(1, 2, 4)
    assert POSSIBLE <= grades["3"] < CONFIRMED
