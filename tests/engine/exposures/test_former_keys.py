"""Rows whose key was written after the newest snapshot: who they are, and who hangs on them since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from ashiato.engine.exposures.former_keys import under_given_keys_sql, write_former_keys
from ashiato.engine.store import Store
from tests.engine.exposures.scene import AS_OF_US, Scene, Statement, few_members, fields_of, grades_of, keys
from tests.engine.exposures.test_lives_of_rows_no_snapshot_holds import VISITS

pytestmark = pytest.mark.first_quick

MEMBERS = [{"id": n, "name": f"name-{n}", "zip": "1", "premium": 100, "note": "x"} for n in range(1, 6)]
RENAMED = "UPDATE members SET id = 77 WHERE id = 5"
PUT_IN = "INSERT INTO visits (id, member_id, reason) VALUES (50, 77, 'secret')"
HUNG = "UPDATE visits SET member_id = 77 WHERE id = 2"
POSSIBLE = 2


def answered(scene: Scene, text: str, *writes: str, asked_after: int = 9) -> Store:
    """The answer to a hostile statement after so many of these writes, all since the newest snapshot."""
    made = [
        Statement(written, rows=1, at_us=AS_OF_US + 1_000_000 * nth, code=None, hostile=False)
        for nth, written in enumerate(writes, start=1)
    ]
    asked = Statement(text, rows=1, at_us=AS_OF_US + 1_000_000 * asked_after + 500_000)
    return few_members(scene, MEMBERS).answer(asked, *made)


@pytest.mark.slow
def test_person_who_may_have_yet_another_key_is_still_the_one_of_the_first(scene: Scene) -> None:
    text = "SELECT name FROM members WHERE zip <> '2'"
    grades = grades_of(answered(scene, text, RENAMED, "CALL f()", asked_after=1))
    assert {key for key, grade in grades.items() if grade >= POSSIBLE} == keys(1, 2, 3, 4, 5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "write"),
    [
        ("SELECT reason FROM visits WHERE id = 50", PUT_IN),
        ("SELECT reason FROM visits WHERE member_id = 77", PUT_IN),
        ("SELECT reason FROM visits WHERE id = 2", HUNG),
        ("SELECT reason FROM visits WHERE member_id = 77", HUNG),
        ("SELECT v.reason FROM members m JOIN visits v ON v.member_id = m.id WHERE m.id = 77", PUT_IN),
    ],
)
def test_rows_hung_on_a_key_written_since_are_the_person_s_of_the_key_before(
    scene: Scene, text: str, write: str
) -> None:
    store = answered(scene, text, RENAMED, write)
    assert grades_of(store) == {"5": POSSIBLE}
    assert "visits.reason" in fields_of(store, "5")
    assert store.rows("SELECT params FROM limits WHERE reason = 'not-in-master'") == []


#: When visit 50, which the snapshot hangs on member 77, was read (seconds); who is there; writes and when.
GONE = {
    "who had the key is gone too": (-4, MEMBERS[:4], {RENAMED: -9, "DELETE FROM members WHERE id = 77": -8}),
    "the key was another's when the row was read": (2, MEMBERS, {RENAMED: 5}),
    "the key was another's since": (
        7,
        MEMBERS,
        {RENAMED: 2, "DELETE FROM members WHERE id = 77": 4, "INSERT INTO members (id) VALUES (77)": 6},
    ),
    "nobody else had it when the row was read": (7, MEMBERS, {RENAMED: 2}),
}


@pytest.mark.slow
@pytest.mark.parametrize("which", GONE)
def test_owner_in_no_snapshot_is_listed_unless_somebody_known_had_the_key_then(
    scene: Scene, which: str
) -> None:
    read_at, members, writes = GONE[which]
    few_members(scene, members)
    scene.rows = {**scene.rows, "visits": [{"id": 50, "member_id": 77, "clinic_id": 1, "reason": "secret"}]}
    made = [
        Statement(text, rows=1, at_us=AS_OF_US + 1_000_000 * at, code=None, hostile=False)
        for text, at in writes.items()
    ]
    asked = Statement("SELECT reason FROM visits WHERE id = 50", rows=1, at_us=AS_OF_US + 1_000_000 * read_at)
    store = scene.answer(asked, *made)
    listed = store.rows("SELECT params FROM limits WHERE reason = 'not-in-master'")
    known = which == "nobody else had it when the row was read"
    assert listed == ([] if known else [("record=members 77",)])
    assert grades_of(store).get("5") == (POSSIBLE if members == MEMBERS else None)


def test_key_of_several_columns_is_given_part_by_part(tmp_path: Path) -> None:
    store = Store(tmp_path)
    table = replace(VISITS, key=("id", "member_id"))
    row = {"id": [1], "member_id": [4], "reason": ["r"], "_ord": [0], "_key": ["1|4"]}
    store.write_as("visits", pa.table(row))
    write_former_keys(store, [("visits", "8|9", "1|4", 5, 7), ("visits", "8|9", "1|4", 8, 9)])
    asked = f"SELECT _ord, id, member_id, reason FROM ({under_given_keys_sql(table, list(table.columns))})"
    assert store.rows(asked) == [(0, 8, 9, "r")]
