"""A write that may have touched any row puts a table in doubt as a whole, once for all executions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ashiato.datamap.model import Column, DataTable
from tests.engine.exposures.scene import MEMBER_ROWS, ROWS, TABLES, Scene, Statement, grades_of, keys

CONFIRMED, PROBABLE, POSSIBLE = 4, 3, 2
NOON_US, SINCE_US = 1_000, 5_000
EVERYBODY = keys(*range(1, 31))
Field = tuple[str, str]
Told = tuple[int, str]


def write(text: str, at_us: int = SINCE_US) -> Statement:
    return Statement(text, rows=None, at_us=at_us, code=None, hostile=False)


MOVED = write("UPDATE members SET zip = $1 WHERE id = $2")
UNREAD = write("UPDATE visits SET reason = = 'x'", 1_900)
NAMED = write("UPDATE members SET zip = '002' WHERE id = 7", 1_500)
JOINED = "SELECT m.name FROM members m JOIN visits v ON v.member_id = m.id WHERE v.reason = 'reason-{}'"
SHAPES = {
    "filtered": "SELECT name, note FROM members WHERE zip = '00{}'",
    "paged": "SELECT name FROM members WHERE premium = 10{} ORDER BY zip, id LIMIT 2",
    "joined": JOINED,
    "witness": "SELECT v.reason FROM visits v WHERE v.clinic_id = {} AND EXISTS "
    "(SELECT 1 FROM members m WHERE m.id = v.member_id AND m.zip = '001')",
    "absent": "SELECT m.name FROM members m LEFT JOIN visits v ON v.member_id = m.id "
    "AND v.reason = 'reason-{}' WHERE v.id IS NULL",
    "counted": "SELECT count(*) FROM members WHERE zip = '00{}'",
    "grouped": "SELECT zip, max(name) FROM members WHERE premium = 10{} GROUP BY zip",
}  # fmt: skip


def asked(shape: str) -> list[Statement]:
    """One shape with several values, before and after the writes, some without a reply that carries rows."""
    return [
        Statement(shape.format(n), rows=n, at_us=NOON_US + 300 * n, code=500 if n == 1 else 200)
        for n in range(4)
    ]


def grades_by_field(scene: Scene, name: str, statements: Sequence[Statement]) -> dict[Field, Told]:
    """The grade and rung of each record's field, of statements asked together with all writes."""
    folder = scene.folder / name
    folder.mkdir()
    store = replace(scene, folder=folder).answer(*statements, MOVED, UNREAD, NAMED)
    sql = "SELECT record_key, field, max(grade), max(rung) FROM exposures GROUP BY ALL"
    return {(key, field): (grade, rung) for key, field, grade, rung in store.rows(sql)}


def as_one_path(told: dict[Field, Told]) -> dict[Field, Told]:
    """What only decided about a record is named only where nothing of it came out."""
    out = {key for (key, _), (_, rung) in told.items() if rung > "L1"}
    return {(key, field): at for (key, field), at in told.items() if key not in out or at[1] > "L1"}


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_executions_together_are_told_as_each_alone(name: str, scene: Scene) -> None:
    """The oracle replays them one at a time; what a record has is the surest that any of them gives it."""
    statements = asked(SHAPES[name])
    alone: dict[Field, Told] = {}
    for number, statement in enumerate(statements):
        for at, told in grades_by_field(scene, f"alone{number}", [statement]).items():
            alone[at] = max(told, alone.get(at, told))
    assert alone
    assert grades_by_field(scene, "together", statements) == as_one_path(alone)


def test_rows_are_named_once_for_executions_of_one_kind(scene: Scene) -> None:
    statements = [
        Statement(f"SELECT name FROM members WHERE zip = '{n:03}'", rows=0, at_us=NOON_US + n)
        for n in range(40)
    ]
    store = scene.answer(*statements, MOVED)
    ((rows, named),) = store.rows(
        "SELECT count(*), count(DISTINCT row_ord) FROM all_rows WHERE plan = 0 AND kind = 'drift'"
    )
    assert (rows, named) == (30, 30)
    assert set(grades_of(store)) == EVERYBODY


@pytest.mark.slow
def test_reply_that_carries_nothing_stands_for_no_other(scene: Scene) -> None:
    """The first execution's page is empty; the second's was sent."""
    empty = Statement(
        "SELECT name FROM members WHERE zip = '001'", rows=0, at_us=1_000, body_bytes=0, code=404
    )
    sent = Statement("SELECT name FROM members WHERE zip = '002'", rows=0, at_us=2_000)
    assert grades_of(scene.answer(empty, MOVED)) == {}
    assert set(grades_of(scene.answer(empty, sent, MOVED))) == EVERYBODY


def test_statement_after_the_last_write_is_in_no_doubt(scene: Scene) -> None:
    late = Statement(
        "SELECT name FROM members WHERE zip = '001' AND premium = 103", rows=2, at_us=SINCE_US + 1_000
    )
    grades = grades_of(scene.answer(late, MOVED))
    assert set(grades.values()) == {CONFIRMED}
    assert len(grades) < 10


def test_condition_that_stands_firm_still_bounds_the_rows(scene: Scene) -> None:
    asked_for = Statement("SELECT name FROM members WHERE zip = '001' AND premium = 103", rows=3)
    expected = {str(row["id"]) for row in MEMBER_ROWS if row["premium"] == 103}
    assert set(grades_of(scene.answer(asked_for, MOVED))) == expected


def test_rows_that_say_when_they_were_written_are_left_out(scene: Scene) -> None:
    late = [{**row, "changed": f"1970-01-01 00:{10 if row['id'] == 3 else 0:02}:00"} for row in MEMBER_ROWS]
    scene.rows = {**ROWS, "members": late}
    changed = Column("changed", type="timestamp with time zone")
    table = DataTable("members", key=("id",), person=True, updated_at="changed", columns={"changed": changed})
    scene.tables = {**TABLES, "members": table}
    at_us = 300_000_000
    asked_for = [
        Statement(f"SELECT name FROM members WHERE zip = '{n:03}'", rows=10, at_us=at_us + n) for n in (1, 7)
    ]
    grades = grades_of(scene.answer(*asked_for, replace(MOVED, at_us=500_000_000)))
    of_today = {str(row["id"]) for row in MEMBER_ROWS if row["zip"] == "001"}
    assert set(grades) == of_today | keys(3)
    assert grades["3"] == POSSIBLE


@pytest.mark.slow
def test_answer_hangs_on_no_order_of_the_log(scene: Scene, tmp_path: Path) -> None:
    statements = asked(SHAPES["filtered"])
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    first = replace(scene, folder=one).answer(*statements, MOVED)
    second = replace(scene, folder=other).answer(MOVED, *statements[::-1])
    assert grades_of(first) == grades_of(second)
