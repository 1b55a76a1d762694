"""Each kind of statement reaches just the members whose rows came out of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ashiato.terms.grades import Grade
from tests.engine.exposures.scene import ROWS, Scene, Statement, fields_of, grades_of, keys

CONFIRMED, PROBABLE, POSSIBLE = Grade.CONFIRMED.value, Grade.PROBABLE.value, Grade.POSSIBLE.value


def site(rows: dict[str, list[dict[str, object]]] = ROWS) -> sqlite3.Connection:
    """Return the site's own database, on another engine than ours."""
    base = sqlite3.connect(":memory:")
    for name, held in rows.items():
        columns = list(held[0])
        base.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
        marks = ", ".join("?" * len(columns))
        base.executemany(f"INSERT INTO {name} VALUES ({marks})", [tuple(row.values()) for row in held])
    return base


def reached_by(sql: str) -> set[str]:
    """Ask the site's database whose rows a statement returned; the query names the members itself."""
    return {str(row[0]) for row in site().execute(sql)}


CASES = {
    "point": ("SELECT name FROM members WHERE id = 7", "SELECT 7"),
    "text literal over a number": ("SELECT name FROM members WHERE id = '7'", "SELECT 7"),
    "range": (
        "SELECT name FROM members WHERE id BETWEEN 3 AND 5",
        "SELECT id FROM members WHERE id BETWEEN 3 AND 5",
    ),
    "in list": (
        "SELECT name FROM members WHERE id IN (2, 9, 99)",
        "SELECT id FROM members WHERE id IN (2,9)",
    ),
    "like": (
        "SELECT name FROM members WHERE name LIKE 'name-1%'",
        "SELECT id FROM members WHERE name LIKE 'name-1%'",
    ),
    "disjunction": (
        "SELECT zip FROM members WHERE zip = '001' OR premium = 103",
        "SELECT id FROM members WHERE zip = '001' OR premium = 103",
    ),
    "inner join": (
        (
            "SELECT m.name, v.reason FROM members m JOIN visits v ON v.member_id = m.id "
            "WHERE v.reason = 'reason-2'"
        ),
        "SELECT member_id FROM visits WHERE reason = 'reason-2'",
    ),
    "left join": (
        "SELECT m.name, v.reason FROM members m LEFT JOIN visits v ON v.member_id = m.id WHERE m.id > 14",
        "SELECT id FROM members WHERE id > 14",
    ),
    "comma join": (
        "SELECT m.name FROM members m, visits v WHERE v.member_id = m.id AND v.clinic_id = 2",
        "SELECT m.id FROM members m, visits v WHERE v.member_id = m.id AND v.clinic_id = 2",
    ),
    "child rows alone": (
        "SELECT reason FROM visits WHERE clinic_id = 1",
        "SELECT member_id FROM visits WHERE clinic_id = 1",
    ),
    "derived table": (
        "SELECT d.name FROM (SELECT id, name FROM members WHERE premium > 101) d WHERE d.id < 9",
        "SELECT id FROM members WHERE premium > 101 AND id < 9",
    ),
    "common table expression": (
        (
            "WITH rich AS (SELECT id, name FROM members WHERE premium >= 103) "
            "SELECT name FROM rich WHERE id > 20"
        ),
        "SELECT id FROM members WHERE premium >= 103 AND id > 20",
    ),
    "union all": (
        "SELECT title FROM clinics UNION ALL SELECT name FROM members WHERE id < 4",
        "SELECT id FROM members WHERE id < 4",
    ),
    "scalar subquery with no FROM": (
        (
            "SELECT title, id FROM clinics UNION ALL "
            "SELECT (SELECT name FROM members ORDER BY id OFFSET 4 LIMIT 1), 0"
        ),
        "SELECT id FROM members ORDER BY id LIMIT 1 OFFSET 4",
    ),
    "count of one's own rows beside them": (
        (
            "SELECT m.name, (SELECT count(*) FROM visits v WHERE v.member_id = m.id) AS n FROM members m "
            "WHERE m.zip = '001' ORDER BY m.id LIMIT 3"
        ),
        "SELECT id FROM members WHERE zip = '001' ORDER BY id LIMIT 3",
    ),
    "value looked up per row": (
        "SELECT reason, (SELECT title FROM clinics WHERE clinics.id = clinic_id) FROM visits WHERE id = 503",
        "SELECT member_id FROM visits WHERE id = 503",
    ),
    "ordered page": (
        "SELECT name FROM members ORDER BY id DESC LIMIT 5 OFFSET 10",
        "SELECT id FROM members ORDER BY id DESC LIMIT 5 OFFSET 10",
    ),
    "copying aggregate": (
        "SELECT string_agg(name, ',') FROM members WHERE zip = '002'",
        "SELECT id FROM members WHERE zip = '002'",
    ),
    "copy out": (
        "COPY (SELECT name FROM members WHERE id < 3) TO STDOUT",
        "SELECT id FROM members WHERE id < 3",
    ),
    "whole row": ("SELECT json_agg(m) FROM members m WHERE id < 3", "SELECT id FROM members WHERE id < 3"),
    "array of ids": (
        "SELECT name FROM members WHERE id = ANY('{4,6}')",
        "SELECT id FROM members WHERE id IN (4, 6)",
    ),
}


@pytest.mark.slow
def test_statements_reach_just_these_members(scene: Scene) -> None:
    """The members of the replay are those of another engine, asked in its own words."""
    reached = scene.grades_each([statement for statement, _ in CASES.values()], rows=None)
    for name, (statement, asked) in CASES.items():
        assert set(reached[statement]) == reached_by(asked), name
        assert min(reached[statement].values()) >= PROBABLE, name


def test_equal_row_count_confirms_what_was_sent(scene: Scene) -> None:
    """A count equal to the replay's, and a success, prove delivery."""
    store = scene.answer(Statement("SELECT name, zip FROM members WHERE zip = '001'", rows=10))
    assert set(grades_of(store).values()) == {CONFIRMED}
    assert fields_of(store, "1") == {
        "members.name": (CONFIRMED, "L3", ""),
        "members.zip": (CONFIRMED, "L3", ""),
    }


def test_other_row_count_leaves_a_doubt(scene: Scene) -> None:
    store = scene.answer(Statement("SELECT name FROM members WHERE zip = '001'", rows=9))
    assert fields_of(store, "1") == {"members.name": (PROBABLE, "L2", "count-differs")}


def test_key_in_the_address_confirms_without_a_count(scene: Scene) -> None:
    """An id that stands whole in a success's address proves delivery; a part of it does not."""
    asked = Statement("SELECT name FROM members WHERE id = 12", target="/members/12?full=1")
    other = Statement("SELECT name FROM members WHERE id = 2", target="/members/12?full=1")
    store = scene.answer(asked, other)
    assert fields_of(store, "12")["members.name"] == (CONFIRMED, "L3", "")
    assert fields_of(store, "2")["members.name"] == (PROBABLE, "L2", "count-missing")


def test_star_lists_every_filled_column(scene: Scene) -> None:
    """A NULL or empty value is no field reached."""
    store = scene.answer(Statement("SELECT * FROM members WHERE id IN (1, 2)", rows=2))
    assert set(fields_of(store, "1")) == {f"members.{c}" for c in ("id", "name", "zip", "premium", "note")}
    assert "members.note" not in fields_of(store, "2")


def test_expressions_carry_their_columns(scene: Scene) -> None:
    text = (
        "SELECT upper(substr(name, 1, 3)) || zip, CASE WHEN premium > 5 THEN 'a' ELSE 'b' END "
        "FROM members WHERE id = 3"
    )
    store = scene.answer(Statement(text, rows=1))
    assert set(fields_of(store, "3")) == {"members.name", "members.zip"}


def test_bound_values_replay_like_literals(scene: Scene) -> None:
    bound = Statement("SELECT name FROM members WHERE zip = $1 AND id < $2", binds='["001", "9"]', rows=3)
    assert set(grades_of(scene.answer(bound))) == keys(1, 4, 7)


def test_missing_bind_widens_to_the_table(scene: Scene) -> None:
    """Nobody is lost: every row the table has is possible, and the limit is named."""
    store = scene.answer(Statement("SELECT name FROM members WHERE zip = $1"))
    assert grades_of(store) == dict.fromkeys(keys(*range(1, 31)), POSSIBLE)
    assert store.rows("SELECT DISTINCT field, reasons FROM exposures") == [("members.name", "bind-missing")]
    assert ("bind-missing", 1) in store.rows("SELECT reason, events FROM limits")


def test_many_executions_of_one_shape_keep_apart(tmp_path: Path) -> None:
    """Set at a time is the same as one at a time."""
    texts = [f"SELECT name FROM members WHERE id = {n} LIMIT 1" for n in (3, 8, 8, 21)]
    together = Scene(tmp_path).answer(*(Statement(text, rows=1) for text in texts))
    assert set(grades_of(together)) == keys(3, 8, 21)
    rows = together.rows("SELECT event_id, record_key FROM proofs WHERE shows <> 'request' ORDER BY event_id")
    assert rows == [(0, "3"), (2, "8"), (4, "8"), (6, "21")]


def test_many_stretches_hold_each_the_rows_between_its_own_bounds(scene: Scene) -> None:
    """More of them than DuckDB walks a table for: both sides are sorted then."""
    bounds = [(first, first + n % 4) for n, first in enumerate([*range(33)] * 2)]
    texts = [f"SELECT name FROM members WHERE id BETWEEN {first} AND {last}" for first, last in bounds]
    store = scene.answer(*(Statement(text) for text in texts))
    found = store.rows("SELECT event_id, row_ord + 1 FROM lineage_rows ORDER BY 1, 2")
    assert found == [
        (2 * n, key) for n, (first, last) in enumerate(bounds) for key in range(1, 31) if first <= key <= last
    ]
