"""Each form of statement, run by SQLite over the same rows: what came out is what was reached."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ashiato.engine.store import Store
from ashiato.terms.grades import Grade
from tests.engine.exposures.scene import CLINIC_ROWS, Scene, Statement, fields_of, grades_of

pytestmark = pytest.mark.first_quick

MEMBERS = [
    {
        "id": n,
        "name": f"name-{n}",
        "zip": f"{n:03}",
        "premium": 100 + n,
        "note": f"note-{n}" if n % 2 else None,
    }
    for n in range(1, 7)
]
VISITS = [{"id": n, "member_id": 1 + n % 3, "clinic_id": 1, "reason": f"reason-{n}"} for n in range(1, 6)]
VISITS.append({"id": 6, "member_id": 99, "clinic_id": 2, "reason": "of nobody"})
ROWS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "members": MEMBERS,
    "visits": VISITS,
    "clinics": CLINIC_ROWS,
}

FORMS = {
    "case": "SELECT CASE WHEN premium > 103 THEN name ELSE note END FROM members",
    "simple case": "SELECT CASE id WHEN 1 THEN name WHEN 2 THEN zip END FROM members",
    "coalesce": "SELECT coalesce(note, name) FROM members",
    "nullif": "SELECT nullif(name, 'name-2'), id + 1000 AS k FROM members",
    "case inside": "SELECT d.c FROM (SELECT id, CASE WHEN id < 3 THEN name ELSE zip END AS c FROM members) d "
    "WHERE d.id IN (2, 4)",
    "coalesce over a join": "SELECT coalesce(v.reason, m.name) FROM members m "
    "LEFT JOIN visits v ON v.member_id = m.id",
    "beside nothing": "SELECT note || name FROM members",
    "row number": "SELECT t.name FROM (SELECT m.name, row_number() OVER "
    "(PARTITION BY v.member_id ORDER BY v.id DESC) AS rn FROM visits v "
    "JOIN members m ON m.id = v.member_id) t "
    "WHERE t.rn = 1",
    "count over all": "SELECT name, count(*) OVER () FROM members WHERE id < 4",
    "lag": "SELECT zip, lag(name) OVER (ORDER BY id) FROM members WHERE id < 4",
    "named window": "SELECT name, rank() OVER w FROM members WHERE id < 3 WINDOW w AS (ORDER BY id)",
    "right join": "SELECT m.name, v.reason FROM visits v RIGHT JOIN members m ON v.member_id = m.id",
    "right join of two": "SELECT m.name FROM visits v JOIN clinics c ON c.id = v.clinic_id AND c.id = 1 "
    "RIGHT JOIN members m ON v.member_id = m.id WHERE v.id IS NULL",
    "full join": "SELECT m.name, v.reason FROM members m FULL JOIN visits v "
    "ON v.member_id = m.id AND v.id < 3 WHERE m.id < 5 OR m.id IS NULL",
    "intersect": "SELECT name FROM members WHERE id < 4 INTERSECT SELECT name FROM members WHERE id > 1",
    "except": "SELECT name FROM members WHERE id < 4 EXCEPT SELECT name FROM members WHERE id > 1",
    "union": "SELECT name FROM members WHERE id < 3 UNION SELECT reason FROM visits WHERE id = 1",
    "values": "SELECT m.name FROM members m JOIN (VALUES (1), (3)) AS w ON w.column1 = m.id",
    "recursive": "WITH RECURSIVE t(id, n) AS (SELECT id, name FROM members WHERE id = 1 UNION ALL "
    "SELECT m.id, m.name FROM members m JOIN t ON m.id = t.id + 1 WHERE m.id < 4) SELECT n FROM t",
    "grouped inside": "SELECT m.name FROM members m JOIN (SELECT member_id, count(*) AS n FROM visits "
    "GROUP BY member_id) v ON v.member_id = m.id WHERE v.n > 1",
    "cte in a condition": "WITH p AS (SELECT member_id FROM visits WHERE id < 3) "
    "SELECT name FROM members WHERE id IN (SELECT member_id FROM p)",
}
#: Each by itself: what one writes, the next would find.
WRITES = {
    "update returning": "UPDATE members SET premium = 7 WHERE id = 3 RETURNING name",
    "update of its own condition": "UPDATE members SET zip = '009' WHERE zip = '004' RETURNING name",
    "delete returning": "DELETE FROM members WHERE id IN (2, 3) RETURNING name",
    "upsert returning": "INSERT INTO visits (id, member_id, clinic_id, reason) VALUES (2, 3, 1, 'z') "
    "ON CONFLICT (id) DO UPDATE SET clinic_id = 1 RETURNING reason",
}
#: A moment after the snapshot: what a write then found is what the snapshot holds.
LATER = 2_000_000_000


def came_out(text: str) -> tuple[set[tuple[str, str]], int]:
    """Run a statement by SQLite; returns whose fields its values are, and how many rows it gave."""
    base = sqlite3.connect(":memory:")
    for table, rows in ROWS.items():
        base.execute(f"CREATE TABLE {table} ({', '.join(rows[0])}, PRIMARY KEY (id))")
        marks = ", ".join("?" for _ in rows[0])
        base.executemany(f"INSERT INTO {table} VALUES ({marks})", [tuple(row.values()) for row in rows])
    told = base.execute(text).fetchall()
    held = {value for row in told for value in row if isinstance(value, str)}
    fields = {
        (str(row["id"] if table == "members" else row["member_id"]), f"{table}.{column}")
        for table in ("members", "visits")
        for row in ROWS[table]
        for column, value in row.items()
        if isinstance(value, str) and any(value in text for text in held)
    }
    people = {str(row["id"]) for row in MEMBERS}
    return {field for field in fields if field[0] in people}, len(told)


def reached_by(forms: Mapping[str, str], folder: Path) -> tuple[Store, dict[str, set[tuple[str, str]]]]:
    """Answer the statements together, each a path of its own; returns whose fields each surely reached."""
    asked = [
        Statement(text, rows=came_out(text)[1], at_us=LATER + 1000 * place, path=form)
        for place, (form, text) in enumerate(forms.items())
    ]
    store = Scene(folder, rows=ROWS).answer(*asked)
    found: dict[str, set[tuple[str, str]]] = {form: set() for form in forms}
    for path, key, name, grade in store.rows(
        "SELECT path, record_key, field, grade FROM exposures WHERE field NOT LIKE '%id'"
    ):
        if grade >= Grade.PROBABLE and "premium" not in name:
            found[path].add((key, name))
    return store, found


@pytest.mark.slow
@pytest.mark.parametrize("forms", [FORMS, *({form: text} for form, text in WRITES.items())])
def test_what_came_out_is_what_was_reached(forms: dict[str, str], tmp_path: Path) -> None:
    store, found = reached_by(forms, tmp_path)
    assert found == {form: came_out(text)[0] for form, text in forms.items()}
    assert not store.rows("SELECT * FROM limits WHERE reason IN ('parse-failed', 'semantics')")


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        (
            "SELECT zip, sum(premium) FROM members WHERE id = 3 GROUP BY zip",
            {"members.zip", "members.premium"},
        ),
        ("SELECT max(name), count(*) FROM members WHERE id < 4", {"members.name"}),
        ("SELECT avg(premium) FROM members WHERE id < 4", {"members.premium"}),
        ("SELECT sum(premium) OVER () FROM members WHERE id < 4", {"members.premium"}),
        (
            "SELECT zip, string_agg(name, ',') FROM members WHERE id = 3 GROUP BY zip",
            {"members.zip", "members.name"},
        ),
        ("SELECT count(*) FROM members WHERE id = 3 HAVING count(*) > 1", set()),
    ],
)
def test_aggregated_columns_of_small_groups_are_named(scene: Scene, text: str, reached: set[str]) -> None:
    store = scene.answer(Statement(text, rows=1))
    assert set(fields_of(store, "3")) == reached


def test_groups_are_as_large_as_their_people(scene: Scene) -> None:
    text = (
        "SELECT c.title, count(*) FROM members m JOIN visits v ON v.member_id = m.id "
        "JOIN clinics c ON c.id = v.clinic_id WHERE m.id < 10 GROUP BY c.title"
    )
    few = grades_of(scene.answer(Statement(text, rows=2)))
    assert few == {str(n): Grade.POSSIBLE.value for n in range(1, 10)}


def test_ties_of_a_row_number_leave_who_was_first_open(tmp_path: Path) -> None:
    text = (
        "SELECT name FROM (SELECT name, row_number() OVER (ORDER BY premium % 2) AS rn FROM members) t "
        "WHERE rn = 1"
    )
    grades = grades_of(Scene(tmp_path, rows=ROWS).answer(Statement(text, rows=1)))
    assert set(grades) == {"1", "2", "3", "4", "5", "6"}
    assert Grade.CONFIRMED not in grades.values()


@pytest.mark.parametrize(
    "text",
    ["COPY members (name) TO STDOUT", "COPY (SELECT name FROM members) TO STDOUT WITH CSV"],
)
def test_copied_out_columns_are_returned(scene: Scene, text: str) -> None:
    assert set(fields_of(scene.answer(Statement(text, rows=30)), "7")) == {"members.name"}


@pytest.mark.parametrize(
    "text", ["SELECT name INTO kept FROM members", "CREATE TABLE kept AS SELECT name FROM members"]
)
def test_rows_kept_aside_are_possible(scene: Scene, text: str) -> None:
    assert fields_of(scene.answer(Statement(text, rows=30)), "7")["members.name"][0] == Grade.POSSIBLE


def test_constants_made_distinct_beside_people_are_replayed(scene: Scene) -> None:
    made = "SELECT w FROM (SELECT 'a' AS w UNION SELECT 'b') AS e"
    text = f"SELECT name FROM members WHERE id = 3 UNION ALL {made}"
    store = scene.answer(Statement(text, rows=3))
    assert grades_of(store) == {"3": Grade.CONFIRMED}
    assert store.rows("SELECT reason FROM limits") == []


def test_constants_grouped_beside_people_are_replayed(scene: Scene) -> None:
    made = "SELECT max(w) FROM (SELECT 'a' AS w) AS e GROUP BY w"
    text = f"SELECT name FROM members WHERE id = 3 UNION ALL {made}"
    store = scene.answer(Statement(text, rows=2))
    assert grades_of(store) == {"3": Grade.CONFIRMED}
    assert store.rows("SELECT reason FROM limits") == []
