from __future__ import annotations

import pytest

from tests.engine.exposures.scene import AS_OF_US, Scene, Statement, few_members, grades_of, keys

pytestmark = pytest.mark.first_quick

CONFIRMED, PROBABLE, POSSIBLE = 4, 3, 2
SINCE_US = 5_000
MEMBERS = [
    {"id": n, "name": f"name-{n}", "zip": f"{n % 3:03}", "premium": 100 + n % 4, "note": "x"}
    for n in range(1, 6)
]
WITH_VISITS = "SELECT name FROM members m WHERE EXISTS (SELECT 1 FROM visits v WHERE v.member_id = m.id)"
IN_VISITS = "SELECT name FROM members WHERE id IN (SELECT member_id FROM visits)"
JOINED = "SELECT m.name FROM members m JOIN visits v ON v.member_id = m.id"
BY_REASON = f"{JOINED} WHERE v.reason = 'r1'"
WITHOUT = "SELECT name FROM members m WHERE NOT EXISTS (SELECT 1 FROM visits v WHERE v.member_id = m.id)"
ANTI = "SELECT m.name FROM members m LEFT JOIN visits v ON v.member_id = m.id WHERE v.id IS NULL"


@pytest.fixture
def five(scene: Scene) -> Scene:
    return few_members(scene, MEMBERS)


def write(text: str, at_us: int = SINCE_US, rows: int | None = 1) -> Statement:
    """An honest write of which the log tells."""
    return Statement(text, rows=rows, at_us=at_us, code=None, hostile=False)


def graded(scene: Scene, text: str, rows: int | None, *writes: Statement) -> dict[str, int]:
    """The grades a hostile statement gives after these writes."""
    return grades_of(scene.answer(Statement(text, rows=rows), *writes))


@pytest.mark.parametrize("text", [WITH_VISITS, IN_VISITS, JOINED])
def test_deleted_row_may_have_stood_beside_anybody(five: Scene, text: str) -> None:
    grades = graded(five, text, 3, write("DELETE FROM visits WHERE id = 3"))
    assert {key for key, grade in grades.items() if grade >= POSSIBLE} == keys(1, 2, 3, 4, 5)
    assert grades["1"] > POSSIBLE
    assert grades["4"] == POSSIBLE


def test_deleted_row_whose_link_is_told_stood_beside_one(five: Scene) -> None:
    grades = graded(five, JOINED, 3, write("DELETE FROM visits WHERE member_id = 4"))
    assert set(grades) == keys(1, 2, 4)
    assert grades["4"] == POSSIBLE


@pytest.mark.slow
def test_what_a_row_was_put_in_with_tells_whom_it_stood_beside(five: Scene) -> None:
    put_in = write("INSERT INTO visits (id, member_id, clinic_id) VALUES (9, 5, 1)", at_us=500)
    taken = write("DELETE FROM visits WHERE id = 9")
    assert set(graded(five, JOINED, 3, put_in, taken)) == keys(1, 2, 5)
    before_it_was_there = write("INSERT INTO visits (id, member_id, clinic_id) VALUES (9, 5, 1)", at_us=2_000)
    assert set(graded(five, JOINED, 2, before_it_was_there, taken)) == keys(1, 2)


def test_condition_on_the_link_binds_the_other_side(five: Scene) -> None:
    text = f"{JOINED} WHERE v.member_id = 3"
    assert set(graded(five, text, 1, write("DELETE FROM visits WHERE id = 3"))) == keys(3)


def test_delete_that_touched_no_row_leaves_no_doubt(five: Scene) -> None:
    grades = graded(five, JOINED, 2, write("DELETE FROM visits WHERE id = 3", rows=0))
    assert grades == {"1": CONFIRMED, "2": CONFIRMED}


@pytest.mark.slow
def test_filter_column_changed_in_the_other_table(five: Scene) -> None:
    grades = graded(five, BY_REASON, 2, write("UPDATE visits SET reason = 'other' WHERE id = 2"))
    assert grades == {"1": PROBABLE, "2": POSSIBLE}


@pytest.mark.slow
def test_link_moved_to_another_since(five: Scene) -> None:
    """Visit 2 was another's before it became member 2's."""
    grades = graded(five, JOINED, 2, write("UPDATE visits SET member_id = 2 WHERE id = 2"))
    assert grades["3"] == POSSIBLE
    assert grades["2"] < CONFIRMED


@pytest.mark.slow
@pytest.mark.parametrize("text", [WITHOUT, ANTI])
def test_row_put_in_since_hid_nobody_then(five: Scene, text: str) -> None:
    put_in = write("INSERT INTO visits (id, member_id, clinic_id, reason) VALUES (2, 2, 1, 'r2')")
    assert graded(five, text, 4, put_in)["2"] == POSSIBLE


@pytest.mark.slow
@pytest.mark.parametrize("text", [WITHOUT, ANTI])
def test_row_deleted_since_may_have_hidden_anybody(five: Scene, text: str) -> None:
    grades = graded(five, text, 2, write("DELETE FROM visits WHERE id = 3"))
    assert set(grades) >= keys(3, 4, 5)
    assert max(grades[key] for key in keys(3, 4, 5)) < CONFIRMED


@pytest.mark.parametrize("text", [WITHOUT, ANTI])
def test_row_count_that_fits_by_chance_settles_no_absence(five: Scene, text: str) -> None:
    grades = graded(five, text, 3, write("DELETE FROM visits WHERE id = 3"))
    assert max(grades[key] for key in keys(3, 4, 5)) < CONFIRMED


@pytest.mark.slow
def test_row_put_in_after_an_older_snapshot_moves_a_page(five: Scene) -> None:
    late = AS_OF_US + 1_000
    put_in = write("INSERT INTO members (id, name) VALUES (9, 'a')", at_us=late)
    page = Statement("SELECT name FROM members ORDER BY name, id LIMIT 2", rows=2, at_us=late + 5_000)
    grades = grades_of(five.answer(put_in, page))
    assert grades["1"] == CONFIRMED
    assert grades["2"] < CONFIRMED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("texts", "reached"),
    [
        (("UPDATE members SET id = 77 WHERE id = 5",), keys(5)),
        (("UPDATE members SET id = 66 WHERE id = 5", "UPDATE members SET id = 77 WHERE id = 66"), keys(5)),
        (("UPDATE members SET id = 77 WHERE id = 5", "UPDATE members SET zip = '1' WHERE id = 77"), keys(5)),
        (
            (
                "UPDATE members SET id = 77 WHERE id = 5",
                "DELETE FROM members WHERE id = 77",
                "INSERT INTO members (id, name) VALUES (77, 'newcomer')",
            ),
            set(),
        ),
    ],
)
def test_person_whose_key_was_written_since_is_the_one_of_the_key_before(
    five: Scene, texts: tuple[str, ...], reached: set[str]
) -> None:
    writes = [write(text, AS_OF_US + 1_000 * nth) for nth, text in enumerate(texts, start=1)]
    asked = Statement("SELECT name FROM members WHERE id = 77", rows=1, at_us=AS_OF_US + 9_000)
    store = five.answer(asked, *writes)
    assert {key for key, grade in grades_of(store).items() if grade == POSSIBLE} == reached
    assert reached <= set(grades_of(store)) == reached


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SELECT reason FROM visits WHERE id = 9", [("not-in-master", "record=members 99", 1)]),
        ("SELECT reason FROM visits WHERE id = 1", []),
        ("SELECT count(*) FROM visits", []),
    ],
)
def test_person_whom_a_row_names_and_no_snapshot_holds_is_listed(
    five: Scene, text: str, told: list[tuple[str, str, int]]
) -> None:
    visits = [*five.rows["visits"], {**five.rows["visits"][0], "id": 9, "member_id": 99}]
    five.rows = {**five.rows, "visits": visits}
    store = five.answer(Statement(text, rows=1))
    listed = "SELECT reason, params, events FROM limits WHERE reason = 'not-in-master'"
    assert store.rows(listed) == told
    assert "99" not in grades_of(store)
