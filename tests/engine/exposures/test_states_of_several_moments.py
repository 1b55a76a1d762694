from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ashiato.datamap.model import Column, DataTable
from tests.engine.exposures.scene import (
    AS_OF_US,
    CLINIC_ROWS,
    CLINICS,
    TABLES,
    VISITS,
    Scene,
    Statement,
    fields_of,
    grades_of,
    keys,
)

pytestmark = pytest.mark.first_quick

CONFIRMED, PROBABLE, POSSIBLE = 4, 3, 2
BEFORE_US, NOON_US = 100, 1_000
MEMBERS = [
    {"id": n, "name": f"name-{n}", "zip": f"{n % 3:03}", "premium": 100 + n, "note": f"n{n}"}
    for n in range(1, 6)
]
VISIT_ROWS = [{"id": n, "member_id": n, "clinic_id": 1, "reason": f"r{n}"} for n in (1, 2, 3)]
Rows = Sequence[Mapping[str, Any]]


def without(rows: Rows, *gone: int) -> Rows:
    return [row for row in rows if row["id"] not in gone]


def changed(rows: Rows, key: int, **values: object) -> Rows:
    return [{**row, **values} if row["id"] == key else row for row in rows]


def tables(members: Rows = MEMBERS, visits: Rows = VISIT_ROWS) -> dict[str, Rows]:
    return {"members": members, "visits": visits, "clinics": CLINIC_ROWS}


def write(text: str, at_us: int, rows: int | None = 1) -> Statement:
    return Statement(text, rows=rows, at_us=at_us, code=None, hostile=False)


def stolen(text: str, rows: int, at_us: int = NOON_US) -> Statement:
    return Statement(text, rows=rows, at_us=at_us)


@pytest.fixture
def two(scene: Scene) -> Scene:
    """Two snapshots, one before and one after noon, alike unless a test says otherwise."""
    scene.rows, scene.others = tables(), {BEFORE_US: tables()}
    return scene


def test_row_that_only_the_older_snapshot_holds_is_found(two: Scene) -> None:
    """Fault 28: it was deleted since, and is a record of its own."""
    two.rows = tables(without(MEMBERS, 5))
    deleted = write("DELETE FROM members WHERE id = 5", 5_000)
    store = two.answer(stolen("SELECT name FROM members WHERE zip = '002'", 2), deleted)
    assert grades_of(store) == {"2": CONFIRMED, "5": CONFIRMED}
    assert store.rows("SELECT count(*) FROM master WHERE record_key = '5'") == [(1,)]


def test_row_deleted_before_the_statement_is_not_in_it(two: Scene) -> None:
    two.rows = tables(without(MEMBERS, 5))
    deleted = write("DELETE FROM members WHERE id = 5", 500)
    store = two.answer(stolen("SELECT name FROM members WHERE zip = '002'", 1), deleted)
    assert grades_of(store) == {"2": CONFIRMED}


def test_row_gone_that_no_write_explains_is_in_doubt(two: Scene) -> None:
    two.rows = tables(without(MEMBERS, 5))
    grades = grades_of(two.answer(stolen("SELECT name FROM members WHERE zip = '002'", 2)))
    assert set(grades) == keys(2, 5)
    assert POSSIBLE <= grades["5"] < CONFIRMED


def test_union_still_names_what_was_deleted_since(two: Scene) -> None:
    two.rows = tables(visits=without(VISIT_ROWS, 3))
    union = stolen("SELECT name FROM members WHERE id = 1 UNION SELECT reason FROM visits", 4)
    store = two.answer(union, write("DELETE FROM visits WHERE id = 3", 5_000))
    assert fields_of(store, "3") == {"visits.reason": (CONFIRMED, "L3", "")}


@pytest.mark.parametrize(("at_us", "expected"), [(500, {"1", "4"}), (1_500, {"1", "3", "4"})])
def test_one_write_between_two_snapshots_settles_both_sides(
    two: Scene, at_us: int, expected: set[str]
) -> None:
    """The value written is not in the log, yet both sides of it are known."""
    two.rows = tables(changed(MEMBERS, 3, zip="001"))
    moved = write("UPDATE members SET zip = substr(zip, 1, 2) || '1' WHERE id = 3", 1_000)
    store = two.answer(stolen("SELECT name FROM members WHERE zip = '001'", len(expected), at_us), moved)
    assert grades_of(store) == dict.fromkeys(expected, CONFIRMED)


@pytest.mark.slow
def test_write_of_unnamed_rows_is_told_apart_by_two_snapshots(two: Scene) -> None:
    """With one snapshot everybody would be in doubt."""
    two.rows = tables(changed(changed(MEMBERS, 3, zip="009"), 4, zip="009"))
    moved = write("UPDATE members SET zip = '009' WHERE premium IN (103, 104)", 5_000, rows=2)
    grades = grades_of(two.answer(stolen("SELECT name FROM members WHERE zip = '000'", 1), moved))
    assert grades == {"3": CONFIRMED}
    two.others = {}
    assert len(grades_of(two.answer(stolen("SELECT name FROM members WHERE zip = '000'", 1), moved))) == 5


@pytest.mark.slow
def test_change_that_no_write_explains_is_probable_at_most(two: Scene) -> None:
    two.rows = tables(changed(MEMBERS, 3, zip="001"))
    by_old = grades_of(two.answer(stolen("SELECT name FROM members WHERE zip = '000'", 1)))
    by_new = grades_of(two.answer(stolen("SELECT name FROM members WHERE zip = '001'", 2)))
    assert by_old == {"3": POSSIBLE}
    assert by_new == {"1": CONFIRMED, "4": CONFIRMED, "3": PROBABLE} or by_new["3"] in (PROBABLE, POSSIBLE)


def test_old_value_is_found_in_the_older_snapshot(two: Scene) -> None:
    """Fault 12: it was there then, so the field is confirmed without a doubt."""
    two.rows = tables(changed(MEMBERS, 3, note=None))
    emptied = write("UPDATE members SET note = NULL WHERE id = 3", 5_000)
    store = two.answer(stolen("SELECT note FROM members WHERE id = 3", 1), emptied)
    assert fields_of(store, "3") == {"members.note": (CONFIRMED, "L3", "")}


def test_value_that_was_empty_then_is_not_reached(two: Scene) -> None:
    two.others = {BEFORE_US: tables(changed(MEMBERS, 3, note=None))}
    filled = write("UPDATE members SET note = 'x' WHERE id = 3", 5_000)
    store = two.answer(stolen("SELECT id, note FROM members WHERE id = 3", 1), filled)
    assert set(fields_of(store, "3")) == {"members.id"}


def test_literals_rebuild_the_state_after_an_older_snapshot(scene: Scene) -> None:
    """The only snapshot was taken before; the log's own writes lead up to the statement."""
    scene.rows = tables()
    later = AS_OF_US + 1_000
    store = scene.answer(
        write("UPDATE members SET zip = '077' WHERE id = 3", later),
        stolen("SELECT name FROM members WHERE zip = '077'", 1, later + 10),
        write("UPDATE members SET zip = '078' WHERE id = 3", later + 20),
    )
    assert grades_of(store) == {"3": CONFIRMED}


def test_literals_rebuild_the_state_before_a_newer_snapshot(scene: Scene) -> None:
    scene.rows = tables(changed(MEMBERS, 3, zip="078"))
    store = scene.answer(
        write("UPDATE members SET zip = '077' WHERE id = 3", 500),
        stolen("SELECT name FROM members WHERE zip = '077'", 1),
        write("UPDATE members SET zip = '078' WHERE id = 3", 2_000),
    )
    assert grades_of(store) == {"3": CONFIRMED}


def test_absence_is_as_of_the_statement(two: Scene) -> None:
    """NOT EXISTS over a row that was there then, and over one that was not yet."""
    two.rows = tables(visits=[*without(VISIT_ROWS, 3), {**VISIT_ROWS[0], "id": 9, "member_id": 4}])
    none = "SELECT name FROM members m WHERE NOT EXISTS (SELECT 1 FROM visits v WHERE v.member_id = m.id)"
    store = two.answer(
        stolen(none, 2),
        write("DELETE FROM visits WHERE id = 3", 5_000),
        write("INSERT INTO visits (id, member_id, clinic_id, reason) VALUES (9, 4, 1, 'r1')", 6_000),
    )
    assert {key for key, grade in grades_of(store).items() if grade == CONFIRMED} == keys(4, 5)


def test_outer_join_in_a_condition_keeps_those_without(two: Scene) -> None:
    two.rows = tables(visits=without(VISIT_ROWS, 3))
    inner = "SELECT o.id FROM members o LEFT JOIN visits v ON v.member_id = o.id WHERE v.id IS NULL"
    store = two.answer(
        stolen(f"SELECT name FROM members WHERE id IN ({inner})", 2),
        write("DELETE FROM visits WHERE id = 3", 5_000),
    )
    assert {key for key, grade in grades_of(store).items() if grade == CONFIRMED} == keys(4, 5)


def test_deletion_that_returns_rows_reaches_them(two: Scene) -> None:
    two.rows = tables(without(MEMBERS, 3))
    store = two.answer(stolen("DELETE FROM members WHERE id = 3 RETURNING name", 1))
    assert grades_of(store) == {"3": CONFIRMED}


@pytest.mark.slow
def test_key_written_since_is_found_by_its_old_name(scene: Scene) -> None:
    scene.rows = tables()
    moved = write("UPDATE members SET id = 3 WHERE id = 77", 5_000)
    store = scene.answer(stolen("SELECT name FROM members WHERE id = 77", 1), moved)
    assert grades_of(store) == {"3": CONFIRMED}
    nobody = scene.answer(stolen("SELECT name FROM members WHERE id = 3", 0), moved)
    assert grades_of(nobody) == {}


def test_pages_count_the_rows_of_their_time(two: Scene) -> None:
    two.rows = tables(without(MEMBERS, 1))
    page = stolen("SELECT name FROM members ORDER BY id LIMIT 2 OFFSET 2", 2)
    store = two.answer(page, write("DELETE FROM members WHERE id = 1", 5_000))
    assert grades_of(store) == {"3": CONFIRMED, "4": CONFIRMED}


def test_updated_at_says_which_rows_did_not_change(scene: Scene) -> None:
    told = [{**row, "changed": "1970-01-01 00:00:00"} for row in MEMBERS]
    told[2]["changed"] = "1970-01-01 00:10:00"
    scene.rows = tables(told)
    table = DataTable("members", key=("id",), person=True, updated_at="changed", columns={
        "changed": Column("changed", type="timestamp with time zone")})  # fmt: skip
    scene.tables = {**TABLES, "members": table}
    swept = write("UPDATE members SET zip = '009' WHERE premium = 103", 500_000_000, rows=None)
    stolen_then = stolen("SELECT name FROM members WHERE zip = '001'", 2, 300_000_000)
    grades = grades_of(scene.answer(stolen_then, swept))
    assert set(grades) == keys(1, 3, 4)
    assert (grades["1"], grades["4"]) == (CONFIRMED, CONFIRMED)


def test_columns_that_never_change_are_believed(scene: Scene) -> None:
    """What cannot be read may have written anything but these."""
    scene.rows = tables()
    fixed = DataTable("members", key=("id",), person=True, columns={"zip": Column("zip", immutable=True)})
    scene.tables = {"members": fixed, "visits": VISITS, "clinics": CLINICS}
    unread = write("UPDATE members SET name = = 'x'", 5_000, rows=None)
    grades = grades_of(scene.answer(stolen("SELECT note FROM members WHERE zip = '001'", 2), unread))
    assert set(grades) == keys(1, 4)


@pytest.mark.slow
def test_rows_moved_since_stood_elsewhere_in_the_heap(scene: Scene) -> None:
    """Fault 21: the snapshot has the heap as it was left; two rows were written after the statement."""
    order = [1, 3, 4, 5, 2, 8, 7, 9, 12, 10, 11, 6]
    rows = [{**MEMBERS[0], "id": n, "name": f"name-{n}"} for n in order]
    scene.rows = tables(rows)
    since = [write(f"UPDATE members SET note = 'new' WHERE id = {n}", 5_000 + n) for n in (11, 6)]
    grades = grades_of(scene.answer(stolen("SELECT name FROM members LIMIT 4", 4), *since))
    assert {"1", "3", "4", "5", "6", "11"} <= set(grades), "either may have stood among the first"
    settled = grades_of(scene.answer(stolen("SELECT name FROM members LIMIT 4", 4, 6_000), *since))
    assert set(settled) == keys(1, 3, 4, 5)


@pytest.mark.slow
def test_composite_keys_in_order_say_nothing_of_the_heap(scene: Scene) -> None:
    """Fault 5."""
    rows = [{"branch": n // 4, "no": n % 4, "mail": f"m{n}"} for n in range(12)]
    scene.tables = {"members": DataTable("members", key=("branch", "no"), person=True)}
    scene.rows = {"members": rows}
    for sort in (("branch", "no"), ("no", "branch")):
        scene.rows = {"members": sorted(rows, key=lambda row: [row[name] for name in sort])}
        assert len(grades_of(scene.answer(stolen("SELECT mail FROM members LIMIT 4", 4)))) == 12


def lacking(rows: Rows, *names: str) -> Rows:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


@pytest.mark.parametrize(
    ("older", "told"),
    [
        (tables(visits=lacking(VISIT_ROWS, "member_id")), "column=db.visits.member_id,as_of=1970-01-01T09"),
        (
            tables(members=lacking(MEMBERS, "id")),
            "column=db.members.id,as_of=1970-01-01T09:00:00.000100+09:00",
        ),
        (tables(members=lacking(MEMBERS, "note")), ""),
    ],
)
def test_older_columns_that_differ_are_told_and_cost_no_more(
    two: Scene, older: dict[str, Rows], told: str
) -> None:
    two.others = {BEFORE_US: older}
    store = two.answer(stolen("SELECT m.name FROM members m JOIN visits v ON v.member_id = m.id", 3))
    assert grades_of(store) == {"1": CONFIRMED, "2": CONFIRMED, "3": CONFIRMED}
    limits = [params for (params,) in store.rows("SELECT params FROM limits")]
    assert [params for params in limits if params.startswith(told)] == limits if told else not limits


def test_column_that_no_snapshot_has_leaves_the_rest_whole(scene: Scene) -> None:
    scene.rows = tables(visits=lacking(VISIT_ROWS, "member_id"))
    store = scene.answer(stolen("SELECT name FROM members WHERE zip = '001'", 2))
    assert grades_of(store) == {"1": CONFIRMED, "4": CONFIRMED}
    assert store.rows("SELECT reason, count(*) FROM limits GROUP BY reason") == [("snapshot-missing", 1)]


@pytest.mark.parametrize(
    "texts",
    [
        ("BEGIN; UPDATE members SET zip = '009' WHERE id = 1; DELETE FROM members WHERE id = 4; COMMIT",),
        ("PREPARE moving AS UPDATE members SET zip = $1 WHERE id = $2", "EXECUTE moving ('009', 1)",
         "DELETE FROM members WHERE id = 4"),
    ],
)  # fmt: skip
def test_writes_of_several_statements_and_prepared_ones_count(two: Scene, texts: tuple[str, ...]) -> None:
    two.rows = tables(changed(without(MEMBERS, 4), 1, zip="009"))
    since = [write(text, 5_000 + n, rows=None) for n, text in enumerate(texts)]
    grades = grades_of(two.answer(stolen("SELECT name FROM members WHERE zip = '001'", 2), *since))
    assert grades == {"1": CONFIRMED, "4": CONFIRMED}


def in_turn(*texts: str, at_us: int, connection: str = "c1") -> list[Statement]:
    """Statements of one connection, a microsecond after each other."""
    return [
        Statement(text, at_us=at_us + n, code=None, hostile=False, connection=connection)
        for n, text in enumerate(texts)
    ]


def test_writes_that_were_rolled_back_never_were(scene: Scene) -> None:
    scene.rows = tables()
    later = AS_OF_US + 1_000
    undone = in_turn(
        "BEGIN", "UPDATE members SET zip = '009'", "DELETE FROM members WHERE id = 4", "ROLLBACK", at_us=later
    )
    store = scene.answer(*undone, stolen("SELECT name FROM members WHERE zip = '001'", 2, later + 10))
    assert grades_of(store) == {"1": CONFIRMED, "4": CONFIRMED}


@pytest.mark.slow
def test_writes_are_seen_by_others_from_their_commit_on(scene: Scene) -> None:
    scene.rows = tables()
    later = AS_OF_US + 1_000
    kept = in_turn("BEGIN", "UPDATE members SET zip = '001' WHERE id = 3", at_us=later)
    kept += in_turn("COMMIT", at_us=later + 100)
    before = grades_of(
        scene.answer(*kept, stolen("SELECT name FROM members WHERE zip = '001'", 2, later + 50))
    )
    after = grades_of(
        scene.answer(*kept, stolen("SELECT name FROM members WHERE zip = '001'", 3, later + 200))
    )
    assert (before["1"], before["3"]) == (CONFIRMED, POSSIBLE)
    assert after == {"1": CONFIRMED, "3": CONFIRMED, "4": CONFIRMED}


def test_writes_of_a_transaction_without_an_end_are_in_doubt(scene: Scene) -> None:
    scene.rows = tables()
    later = AS_OF_US + 1_000
    begun = in_turn("BEGIN", "UPDATE members SET zip = '001' WHERE id = 3", at_us=later)
    grades = grades_of(
        scene.answer(*begun, stolen("SELECT name FROM members WHERE zip = '001'", 3, later + 50))
    )
    assert (grades["1"], grades["3"]) == (PROBABLE, POSSIBLE)


def test_conditions_hold_for_rows_of_which_they_are_not_in_doubt(scene: Scene) -> None:
    """Another row's note was written since; that leaves this one's as it was."""
    scene.rows = tables()
    since = [
        write("UPDATE members SET zip = '001' WHERE id = 3", 5_000),
        write("UPDATE members SET note = 'x' WHERE id = 5", 6_000),
    ]
    text = "SELECT name FROM members WHERE zip = '001' AND note = 'n1'"
    assert set(grades_of(scene.answer(stolen(text, 1), *since))) == keys(1)
