"""Pages: what a known order settles, what ties and heaps leave open, what touching pages cover."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashiato.terms.grades import Grade
from tests.engine.exposures.scene import MEMBER_ROWS, TABLES, Scene, Statement, fields_of, grades_of, keys

CONFIRMED, PROBABLE, POSSIBLE = Grade.CONFIRMED.value, Grade.PROBABLE.value, Grade.POSSIBLE.value


def test_total_order_settles_a_page(scene: Scene) -> None:
    store = scene.answer(Statement("SELECT name FROM members ORDER BY id LIMIT 4 OFFSET 4", rows=4))
    assert grades_of(store) == dict.fromkeys(keys(5, 6, 7, 8), CONFIRMED)


def test_ties_across_the_edge_stay_open(scene: Scene) -> None:
    """Ten members share each zip: four of the first ten came out, and nothing says which."""
    grades = grades_of(scene.answer(Statement("SELECT name FROM members ORDER BY zip LIMIT 4", rows=4)))
    assert set(grades) == {str(n) for n in range(3, 31, 3)}
    assert sorted(grades.values()) == [POSSIBLE] * 6 + [PROBABLE] * 4


def test_unordered_page_follows_the_heap(scene: Scene) -> None:
    """A heap is read in insertion order, and no more than probable."""
    store = scene.answer(Statement("SELECT name FROM members LIMIT 3 OFFSET 5", rows=3))
    assert grades_of(store) == dict.fromkeys(keys(6, 7, 8), PROBABLE)
    assert fields_of(store, "6")["members.name"][2] == "order-unknown"


def test_row_moved_in_the_heap_opens_its_neighbours(scene: Scene) -> None:
    """Member 2 was updated before the theft: every place behind it may have shifted by one."""
    moved = Statement("UPDATE members SET note = 'y' WHERE id = 2", at_us=500, code=None, hostile=False)
    grades = grades_of(scene.answer(moved, Statement("SELECT name FROM members LIMIT 2 OFFSET 4", rows=2)))
    assert {key for key, grade in grades.items() if grade == PROBABLE} == keys(6, 7)
    assert {key for key, grade in grades.items() if grade == POSSIBLE} == keys(2, 5)


def test_unordered_read_of_everything_is_settled(scene: Scene) -> None:
    store = scene.answer(Statement("SELECT name FROM members LIMIT 100", rows=30))
    assert set(grades_of(store).values()) == {CONFIRMED}


@pytest.mark.slow
def test_unknown_collation_settles_no_page_of_text(scene: Scene) -> None:
    """Sorted by a text whose order we do not know: the page is a model, with five places of grace."""
    scene.collation = None
    grades = grades_of(scene.answer(Statement("SELECT id FROM members ORDER BY name LIMIT 10", rows=10)))
    assert sorted(grades.values()) == [POSSIBLE] * 5 + [PROBABLE] * 5 + [CONFIRMED] * 5


def test_orders_we_do_not_know_bound_no_page(scene: Scene) -> None:
    """In Seoul text sorts by an order that is none of the candidates: everybody else is possible."""
    scene.collation, scene.zone = None, "Asia/Seoul"
    grades = grades_of(scene.answer(Statement("SELECT id FROM members ORDER BY name LIMIT 10", rows=10)))
    assert sorted(grades.values()) == [POSSIBLE] * 20 + [PROBABLE] * 10


def test_letters_of_other_languages_may_stand_anywhere(scene: Scene) -> None:
    """Where Swedes sort an A with a ring nobody said: it may stand on any page, and shift others by one."""
    scene.collation = None
    rows = [dict(row, name="\u00e5sa") if row["id"] == 30 else row for row in scene.rows["members"]]
    scene.rows = {**scene.rows, "members": rows}
    grades = grades_of(scene.answer(Statement("SELECT id FROM members ORDER BY name LIMIT 10", rows=10)))
    assert grades["30"] == POSSIBLE
    assert len(grades) == 17


@pytest.mark.slow
def test_candidate_orders_leave_open_where_they_differ(scene: Scene) -> None:
    """Capitals come before small letters by bytes, and beside them by every language's rules."""
    letters = [chr(ord("A" if n % 2 else "a") + n // 2) for n in range(1, len(MEMBER_ROWS) + 1)]
    rows = [dict(row, name=letter) for row, letter in zip(MEMBER_ROWS, letters, strict=True)]
    scene.rows = {**scene.rows, "members": rows}
    page = Statement("SELECT id FROM members ORDER BY name LIMIT 2 OFFSET 20", rows=2)
    for collation, at_least in (
        ("C", set()),
        ("en_US.UTF-8", keys(20, 21, 22)),
        ("utf8mb4_general_ci", keys(20, 22)),
    ):
        scene.collation = collation
        assert at_least <= set(grades_of(scene.answer(page)))


def test_order_drawn_by_chance_settles_nobody(scene: Scene) -> None:
    store = scene.answer(Statement("SELECT name FROM members ORDER BY random() LIMIT 4", rows=4))
    assert set(grades_of(store).values()) == {POSSIBLE}
    assert len(grades_of(store)) == 30


def test_changed_row_leaves_the_edges_of_a_page_open(scene: Scene) -> None:
    """A row that changed its sort key after the theft may have stood on any page."""
    change = Statement("UPDATE members SET zip = '009' WHERE id = 30", at_us=5_000, code=None, hostile=False)
    page = Statement("SELECT name FROM members ORDER BY zip, id LIMIT 5 OFFSET 5", rows=5)
    grades = grades_of(scene.answer(page, change))
    assert {key for key, grade in grades.items() if grade == CONFIRMED} == keys(21, 24, 27)
    assert {key for key, grade in grades.items() if grade == PROBABLE} == keys(18, 30)
    assert {key for key, grade in grades.items() if grade == POSSIBLE} == keys(15, 1)


def test_touching_pages_settle_each_others_edges(scene: Scene) -> None:
    """When both pages were fetched, a row on the edge between them was on one of them."""
    change = Statement("UPDATE members SET zip = '009' WHERE id = 30", at_us=5_000, code=None, hostile=False)
    pages = [
        Statement(f"SELECT name FROM members ORDER BY zip, id LIMIT 10 OFFSET {start}", rows=10)
        for start in (0, 10, 20)
    ]
    grades = grades_of(scene.answer(*pages, change))
    assert {key for key, grade in grades.items() if grade < CONFIRMED} == {"30"}


@pytest.mark.slow
def test_rows_that_left_the_set_since_keep_its_last_page_open(scene: Scene) -> None:
    """Twenty-eight rows qualify today; with the two that left since, the page did not hold them all."""
    rows = [dict(row, zip="gone") if row["id"] in (3, 5) else row for row in scene.rows["members"]]
    scene.rows = {**scene.rows, "members": rows}
    left = [
        Statement(f"UPDATE members SET zip = 'gone' WHERE id = {n}", at_us=5_000, code=None, hostile=False)
        for n in (3, 5)
    ]
    text = "SELECT name FROM members WHERE zip <> 'gone' ORDER BY name, id LIMIT 28"
    assert {grades_of(scene.answer(Statement(text, rows=28)))[key] for key in keys(1, 9)} == {CONFIRMED}
    grades = grades_of(scene.answer(Statement(text, rows=28), *left))
    last = sorted(f"name-{n}" for n in range(1, 31) if n not in (3, 5))[-2:]
    assert {grades[name.removeprefix("name-")] for name in last} == {PROBABLE}
    assert grades["1"] == CONFIRMED


def test_drifted_row_puts_what_it_was_joined_to_in_doubt(scene: Scene) -> None:
    """Member 16 has the one visit, put in since: who stood beside it was hardly in the reply."""
    put_in = "INSERT INTO visits (id, member_id, clinic_id, reason) VALUES (900, 16, 1, 'new')"
    visits = [*scene.rows["visits"], {"id": 900, "member_id": 16, "clinic_id": 1, "reason": "new"}]
    scene.rows = {**scene.rows, "visits": visits}
    text = "SELECT m.name FROM members m JOIN visits v ON v.member_id = m.id WHERE v.clinic_id = 1"
    change = Statement(put_in, at_us=5_000, code=None, hostile=False)
    grades = grades_of(scene.answer(Statement(text, rows=20), change))
    assert grades["16"] == POSSIBLE
    assert grades["1"] == CONFIRMED


def test_changed_filter_column_widens_by_that_row_alone(scene: Scene) -> None:
    """The snapshot puts member 4 in zip 009; at the time it may have been in 001."""
    change = Statement("UPDATE members SET zip = '009' WHERE id = 4", at_us=5_000, code=None, hostile=False)
    rows = [dict(row, zip="009") if row["id"] == 4 else row for row in scene.rows["members"]]
    scene.rows = {**scene.rows, "members": rows}
    theft = Statement("SELECT name FROM members WHERE zip = '001' AND id < 12", rows=4)
    store = scene.answer(theft, change)
    assert grades_of(store)["4"] == POSSIBLE
    assert set(grades_of(store)) == keys(1, 4, 7, 10)


def test_value_changed_since_keeps_its_grade(scene: Scene) -> None:
    """A merely projected column changed: who it was is certain, what stood there is not."""
    change = Statement("UPDATE members SET name = 'new' WHERE id = 3", at_us=5_000, code=None, hostile=False)
    store = scene.answer(Statement("SELECT name, zip FROM members WHERE id = 3", rows=1), change)
    assert fields_of(store, "3") == {
        "members.name": (CONFIRMED, "L3", "value-changed"),
        "members.zip": (CONFIRMED, "L3", ""),
    }


def test_unread_write_puts_its_table_in_doubt(scene: Scene) -> None:
    """A write whose rows cannot be told may have touched any of them."""
    change = Statement("UPDATE members SET zip = upper(zip)", at_us=5_000, code=None, hostile=False)
    store = scene.answer(Statement("SELECT name FROM members WHERE zip = '001'", rows=10), change)
    assert set(grades_of(store)) == keys(*range(1, 31))
    assert {grades_of(store)[key] for key in keys(1, 4, 7)} == {PROBABLE}


def test_row_put_in_since_was_not_there_to_be_read(scene: Scene) -> None:
    """Member 4 was put in after the theft, and one of its values written over later still."""
    arrival = Statement(
        "INSERT INTO members (id, name, zip) VALUES (4, 'name-4', '000')",
        at_us=5_000,
        code=None,
        hostile=False,
    )
    change = Statement("UPDATE members SET zip = '001' WHERE id = 4", at_us=6_000, code=None, hostile=False)
    theft = Statement("SELECT name FROM members WHERE premium = 100 AND id < 13", rows=2)
    grades = grades_of(scene.answer(theft, arrival, change))
    assert grades["4"] == POSSIBLE
    assert set(grades) == keys(4, 8, 12)


def test_snapshot_sorted_by_several_columns_says_nothing_of_the_heap(scene: Scene) -> None:
    """Its rows stand in the key's order, which need not be the order they were put in."""
    scene.tables = {**TABLES, "visits": replace(TABLES["visits"], key=("clinic_id", "id"))}
    visits = sorted(scene.rows["visits"], key=lambda row: (row["clinic_id"], row["id"]))
    scene.rows = {**scene.rows, "visits": visits}
    grades = grades_of(scene.answer(Statement("SELECT reason FROM visits LIMIT 4", rows=4)))
    assert set(grades) == keys(*range(1, 16))
    assert set(grades.values()) == {POSSIBLE}
