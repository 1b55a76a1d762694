"""What the generator found, as small as it gets; those still open are strict, and shout when mended.

``at_least``: the grade every one of these members must have by docs/semantics.md; ``not_confirmed``: who must
not be confirmed; ``named``: fields of a member that must be said, ``unsaid``: that must not be confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ashiato.terms.grades import Grade
from tests.engine.exposures.scene import CLINIC_ROWS, Scene, Statement, fields_of, grades_of
from tests.proof.known import KNOWN

pytestmark = pytest.mark.first_quick

MEMBERS = [{"id": n, "name": f"name-{n}", "zip": "", "premium": 100 + n, "note": "x"} for n in range(1, 6)]
VISITS = [{"id": n, "member_id": n, "clinic_id": 1, "reason": f"r{n}"} for n in (1, 2)]
MANY_VISITS = [{"id": n, "member_id": 1 + n % 2, "clinic_id": 1, "reason": "r"} for n in range(20)]
UNNOTED = [{**row, "note": None if row["id"] == 3 else "x"} for row in MEMBERS]
#: Longer after the snapshot than any other moment of the scene.
LATER = 2_000_000_000


def write(text: str, at_us: int = 5_000) -> Statement:
    """Return an honest write."""
    return Statement(text, at_us=at_us, code=None, hostile=False)


@dataclass(frozen=True)
class Example:
    """A fault's smallest case, and what holds once it is mended; ``known`` names it while it is open."""

    known: str | None
    statements: tuple[Statement, ...]
    at_least: tuple[str, ...] = ()
    not_confirmed: tuple[str, ...] = ()
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unsaid: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    members: Sequence[Mapping[str, Any]] = tuple(MEMBERS)
    visits: Sequence[Mapping[str, Any]] = tuple(VISITS)


WITH_VISIT = "SELECT name FROM members m WHERE EXISTS (SELECT 1 FROM visits v WHERE v.member_id = m.id)"
WITHOUT_VISIT = WITH_VISIT.replace("EXISTS", "NOT EXISTS")
GONE = write("DELETE FROM visits WHERE id = 3")
NEW = write("INSERT INTO members (id, name) VALUES (9, 'a')", LATER)
BESIDE = (
    "SELECT c.title, (SELECT m.name FROM members m ORDER BY m.name LIMIT 1 OFFSET 1) "
    "FROM clinics c WHERE c.id = 1"
)
EXAMPLES = {
    "witness deleted since": Example(None, (Statement(WITH_VISIT, rows=3), GONE), at_least=("3",)),
    "witness deleted before": Example(
        None,
        (
            write("DELETE FROM visits WHERE id = 2", LATER),
            Statement(
                "SELECT name FROM members WHERE id = 2 AND id IN (SELECT member_id FROM visits)",
                at_us=LATER + 1_000_000,
                target="/members/2",
            ),
        ),
        not_confirmed=("2",),
    ),
    "another witness than the one deleted before": Example(
        None,
        (
            write("DELETE FROM visits WHERE id = 2", LATER),
            Statement(WITH_VISIT + " AND m.id = 2", at_us=LATER + 1_000_000, target="/members/2"),
        ),
        at_least=("2",),
        visits=(*VISITS, {**VISITS[1], "id": 3}),
    ),
    "joined row deleted since": Example(
        None,
        (Statement("SELECT m.name FROM members m JOIN visits v ON v.member_id = m.id", rows=3), GONE),
        at_least=("3",),
    ),
    "absence that was none": Example(None, (Statement(WITHOUT_VISIT, rows=3), GONE), not_confirmed=("3",)),
    "witness put in since": Example(
        None,
        (
            Statement(WITHOUT_VISIT, rows=4),
            write("INSERT INTO visits (id, member_id, clinic_id, reason) VALUES (2, 2, 1, 'r2')"),
        ),
        named={"2": ("members.name",)},
    ),
    "page after rows put in": Example(
        None,
        (NEW, Statement(BESIDE, rows=1, at_us=LATER + 100)),
        at_least=("1",),
        not_confirmed=("2",),
    ),
    "joined row's condition changed since": Example(
        None,
        (
            Statement(
                "SELECT m.name FROM members m JOIN visits v ON v.member_id = m.id WHERE v.reason = 'r1'",
                rows=2,
            ),
            write("UPDATE visits SET reason = 'r2' WHERE id = 2"),
        ),
        at_least=("2",),
    ),
    "joined row's owner changed since": Example(
        None,
        (
            Statement("SELECT m.name FROM members m JOIN visits v ON v.member_id = m.id", rows=2),
            write("UPDATE visits SET member_id = 2 WHERE id = 2"),
        ),
        at_least=("3",),
    ),
    "value filled since": Example(
        None,
        (
            Statement("SELECT id, note FROM members WHERE id = 3", rows=1),
            write("UPDATE members SET note = 'x' WHERE id = 3"),
        ),
        unsaid={"3": ("members.note",)},
    ),
    "value emptied since": Example(
        None,
        (
            Statement("SELECT id, note FROM members WHERE id = 3", rows=1),
            write("UPDATE members SET note = NULL WHERE id = 3"),
        ),
        named={"3": ("members.note",)},
        members=UNNOTED,
    ),
    "branch not taken": Example(
        None,
        (
            Statement(
                "SELECT CASE WHEN premium > 102 THEN name ELSE note END FROM members WHERE id = 3", rows=1
            ),
        ),
        unsaid={"3": ("members.note",)},
    ),
    "second choice of coalesce": Example(
        None,
        (Statement("SELECT coalesce(note, name) FROM members WHERE id = 3", rows=1),),
        unsaid={"3": ("members.name",)},
    ),
    "length is no value": Example(
        None,
        (Statement("SELECT length(name) AS e FROM members WHERE id = 3", rows=1),),
        unsaid={"3": ("members.name",)},
    ),
    "piece with nothing in it": Example(
        None,
        (Statement("SELECT substr(zip, 2, 1) AS e FROM members WHERE id < 4", rows=3),),
        at_least=("2",),
        not_confirmed=("2",),
        named={"3": ("members.zip",)},
        members=[{**row, "zip": "1" if row["id"] == 2 else "103"} for row in MEMBERS],
    ),
    "text beside nothing is nothing": Example(
        None,
        (Statement("SELECT note || name AS e FROM members WHERE id = 3", rows=1),),
        unsaid={"3": ("members.name",)},
        members=UNNOTED,
    ),
    "many rows of few people": Example(
        None,
        (
            Statement(
                "SELECT v.clinic_id, count(*) FROM members m JOIN visits v ON v.member_id = m.id "
                "GROUP BY v.clinic_id",
                rows=1,
            ),
        ),
        at_least=("1", "2"),
        visits=MANY_VISITS,
    ),
    "extreme beyond which a row was put in since": Example(
        None,
        (
            Statement("SELECT max(id) AS told FROM members WHERE premium > 100", rows=1),
            write("INSERT INTO members (id, name, premium) VALUES (12, 'a', 200)"),
        ),
        at_least=("11",),
        members=[
            *({**MEMBERS[0], "id": n, "name": f"name-{n}", "premium": 100 + n} for n in range(1, 13)),
        ],
    ),
    "nothing but an empty value": Example(
        None,
        (Statement("SELECT note FROM members WHERE id = 3", rows=1),),
        at_least=("3",),
        members=UNNOTED,
    ),
    "sum of one": Example(
        None,
        (Statement("SELECT zip, sum(premium) FROM members WHERE id = 3 GROUP BY zip", rows=1),),
        named={"3": ("members.premium",)},
    ),
    "grouped beside another field": Example(
        None,
        (
            Statement("SELECT name, count(premium) AS told FROM members GROUP BY name", rows=5),
            Statement("SELECT id FROM members", rows=5),
        ),
        named={"3": ("members.name",)},
    ),
    "only joined": Example(
        None,
        (Statement("SELECT v.reason FROM members m JOIN visits v ON v.member_id = m.id", rows=2),),
        unsaid={"1": ("members.id",)},
    ),
    "staged in another table": Example(
        None,
        (Statement("INSERT INTO clinics (id, title) SELECT id, name FROM members WHERE id = 1", rows=1),),
        at_least=("1",),
    ),
    "row as one value": Example(
        None,
        (Statement("SELECT row_to_json(m) FROM members m WHERE id = 1", rows=1),),
        named={"1": ("members.name",)},
    ),
    "key written since": Example(
        None,
        (
            Statement("SELECT name FROM members WHERE id = 77", rows=1),
            write("UPDATE members SET id = 3 WHERE id = 77"),
        ),
        at_least=("3",),
    ),
    "value that nobody's row holds too": Example(
        None,
        (Statement("SELECT c.id FROM clinics c UNION SELECT m.id FROM members m WHERE m.id = 1", rows=2),),
        at_least=("1",),
        not_confirmed=("1",),
    ),
    "witness among rows with a history": Example(
        None,
        (
            write("UPDATE members SET note = 'y' WHERE id = 5", 500),
            Statement(
                "SELECT p.name FROM members AS p WHERE EXISTS "
                "(SELECT 1 FROM members AS c WHERE c.id = p.id AND c.note <> 'z')",
                rows=5,
            ),
            write("UPDATE members SET note = 'z' WHERE id = 5"),
        ),
        named={str(n): ("members.name",) for n in range(1, 6)},
    ),
    "group that one of its ten joined since": Example(
        None,
        (
            Statement("SELECT zip, count(*) FROM members WHERE note = 'x' GROUP BY zip", rows=1),
            write("UPDATE members SET note = 'x' WHERE id = 10"),
        ),
        at_least=tuple(str(n) for n in range(1, 11)),
        members=tuple({**MEMBERS[0], "id": n} for n in range(1, 11)),
    ),
    "row that lost its owner since": Example(
        None,
        (
            Statement("SELECT reason FROM visits WHERE id = 2", rows=1),
            write("UPDATE visits SET member_id = NULL WHERE id = 2"),
        ),
        at_least=("2",),
        visits=({**VISITS[0]}, {**VISITS[1], "member_id": None}),
    ),
    "page before several rows were deleted at once": Example(
        None,
        (
            Statement("SELECT name FROM members ORDER BY premium LIMIT 1 OFFSET 4", rows=1),
            Statement("DELETE FROM members WHERE zip = 'y'", at_us=5_000, code=None, hostile=False, rows=3),
        ),
        at_least=("2", "3", "4", "5"),
        unsaid={"5": ("members.name",)},
    ),
    "page before rows nobody counted were deleted": Example(
        None,
        (
            Statement("SELECT name FROM members ORDER BY premium LIMIT 1 OFFSET 4", rows=1),
            write("DELETE FROM members WHERE zip = 'y'"),
        ),
        at_least=("1", "5"),
    ),
    "page after rows alike were put in": Example(
        None,
        (
            write("INSERT INTO members (name, premium) VALUES ('a', 1), ('a', 1), ('a', 1)", LATER),
            Statement("SELECT name FROM members ORDER BY premium LIMIT 1 OFFSET 4", rows=1, at_us=LATER + 9),
        ),
        at_least=("2",),
        not_confirmed=("5",),
    ),
    "page after rows were put in that the statement does not write out": Example(
        None,
        (
            write("INSERT INTO members (name, premium) SELECT title, 1 FROM clinics", LATER),
            Statement("SELECT name FROM members ORDER BY premium LIMIT 1 OFFSET 4", rows=1, at_us=LATER + 9),
        ),
        at_least=("3",),
        not_confirmed=("5",),
    ),
    "witness deleted since, if it was, by a condition too": Example(
        None,
        (Statement(WITH_VISIT, rows=3), write("DELETE FROM visits WHERE id = 3 AND reason = 'x'")),
        at_least=("3",),
    ),
    "witness deleted since in a transaction without an end": Example(
        None,
        (
            Statement(WITH_VISIT, rows=3, connection="1"),
            Statement("BEGIN", at_us=4_000, code=None, hostile=False, connection="2"),
            replace(GONE, connection="2"),
        ),
        at_least=("3",),
    ),
    "page after rows were deleted in a transaction without an end": Example(
        None,
        (
            Statement("BEGIN", at_us=400, code=None, hostile=False, connection="2"),
            replace(write("DELETE FROM members WHERE zip = 'y'", 500), connection="2"),
            Statement("SELECT name FROM members ORDER BY premium LIMIT 1 OFFSET 4", rows=1, connection="1"),
        ),
        at_least=("1", "5"),
        not_confirmed=("5",),
    ),
    "page after rows were copied in that the log counts as none": Example(
        None,
        (
            Statement("COPY members FROM STDIN", rows=0, at_us=LATER, code=None, hostile=False),
            Statement("SELECT name FROM members ORDER BY premium LIMIT 1 OFFSET 4", rows=1, at_us=LATER + 9),
        ),
        at_least=("1",),
        not_confirmed=("5",),
    ),
    "row put in and written since under no name": Example(
        None,
        (
            write("INSERT INTO visits (member_id, reason) VALUES (3, 'a')", LATER),
            write("UPDATE visits SET reason = 'b' WHERE clinic_id IS NULL", LATER + 5),
            Statement(
                "SELECT m.name, v.reason FROM members m JOIN visits v ON v.member_id = m.id "
                "WHERE v.reason = 'b'",
                rows=1,
                at_us=LATER + 9,
            ),
        ),
        at_least=("3",),
    ),
    "page of a joined row's many since moved together": Example(
        None,
        (
            Statement(
                "SELECT v.reason FROM members m JOIN visits v ON v.member_id = m.id "
                "ORDER BY m.name, v.id LIMIT 2 OFFSET 2",
                rows=2,
            ),
            write("UPDATE members SET name = 'a' WHERE id = 1"),
        ),
        at_least=("3",),
        not_confirmed=("1",),
        members=[{**row, "name": "a" if row["id"] == 1 else row["name"]} for row in MEMBERS],
        visits=[{**VISITS[0], "id": n, "member_id": m} for n, m in enumerate((1, 1, 1, 1, 2, 2, 3, 3, 4))],
    ),
    "row before one of several alike": Example(
        None,
        (Statement("SELECT id, lag(note) OVER (ORDER BY zip) FROM members", rows=5),),
        named={str(n): ("members.note",) for n in range(1, 6)},
        unsaid={str(n): ("members.note",) for n in range(1, 6)},
    ),
    "row that ties with others over two pages": Example(
        None,
        tuple(Statement(f"SELECT name FROM members ORDER BY zip LIMIT 2 OFFSET {n}", rows=2) for n in (0, 2)),
        at_least=("1", "2", "3", "4", "5"),
        not_confirmed=("1", "2", "3", "4", "5"),
    ),
    "row that ties with others over all pages": Example(
        None,
        tuple(Statement(f"SELECT name FROM members ORDER BY zip LIMIT 3 OFFSET {n}", rows=2) for n in (0, 3)),
        at_least=("1", "2", "3", "4", "5"),
    ),
    "group that one came to since, who may be its least": Example(
        None,
        (
            Statement("SELECT zip, min(id) FROM members GROUP BY zip", rows=5),
            write("UPDATE members SET zip = '' WHERE id = 1"),
        ),
        at_least=tuple(str(n) for n in range(1, 11)),
        members=[{**MEMBERS[0], "id": n, "zip": "" if n < 11 else f"z{n}"} for n in range(1, 15)],
    ),
    "row before others, two of them alike": Example(
        None,
        (Statement("SELECT id, lead(note) OVER (ORDER BY premium) FROM members", rows=5),),
        named={str(n): ("members.note",) for n in (2, 3, 4, 5)},
        unsaid={"4": ("members.note",), "5": ("members.note",)},
        members=tuple({**row, "premium": min(int(str(row["premium"])), 104)} for row in MEMBERS),
    ),
}


def _parameter(name: str, known: str | None) -> Any:
    marks = [pytest.mark.xfail(strict=True, reason=KNOWN[known])] if known else []
    return pytest.param(name, marks=marks, id=name)


@pytest.mark.parametrize("name", [_parameter(name, example.known) for name, example in EXAMPLES.items()])
def test_found_fault_stays_mended(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    rows = {"members": example.members, "visits": example.visits, "clinics": CLINIC_ROWS}
    store = Scene(tmp_path, rows=rows).answer(*example.statements)
    grades = grades_of(store)
    for key in example.at_least:
        assert grades.get(key, 0) >= Grade.POSSIBLE, f"member {key} is lost"
    for key in example.not_confirmed:
        assert grades.get(key, 0) < Grade.CONFIRMED, f"member {key} is confirmed"
    for key, names in example.named.items():
        assert set(names) <= set(fields_of(store, key)), f"a field of member {key} is lost"
    for key, names in example.unsaid.items():
        said = fields_of(store, key)
        assert not [n for n in names if n in said and said[n][0] == Grade.CONFIRMED], f"a field of {key}"
