"""A statement run at several moments reaches what each of them reaches alone: nothing is merged away.

The oracle is the engine asked once per moment; whom a moment must reach is said beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.model import Belongs, DataTable
from ashiato.terms.grades import Grade
from tests.engine.exposures.scene import MEMBERS, VISITS, Scene, Statement

pytestmark = pytest.mark.slow

NOTES = DataTable("notes", key=("id",), belongs=Belongs("visits", ("visit_id",)))
TABLES = {table.name: table for table in (MEMBERS, VISITS, NOTES)}
ROWS: dict[str, list[dict[str, Any]]] = {
    "members": [
        {"id": n, "name": f"name-{n}", "zip": "001", "note": None if n == 3 else "x"} for n in range(1, 6)
    ],
    "visits": [{"id": n, "member_id": 1, "reason": f"r{n}"} for n in (1, 2)],
    "notes": [{"id": 1, "visit_id": 2, "text": "n1"}],
}


def wrote(text: str, at_us: int) -> Statement:
    return Statement(text, at_us=at_us, code=None, hostile=False)


def unread(table: str) -> str:
    """Return a statement that nobody can read, but for the table that it names."""
    return f"SELECT nobody FROM {table}, (nothing anybody reads"


NOTED = tuple(
    wrote(f"UPDATE members SET note = {value} WHERE id = 3", at_us)
    for value, at_us in (("NULL", 500), ("upper(zip)", 2_000), ("NULL", 5_000))
)
HUNG = tuple(
    wrote(f"UPDATE visits SET member_id = {owner} WHERE id = 2", at_us)
    for owner, at_us in ((1, 500), (5, 2_000), (1, 5_000))
)
GONE = (
    wrote("INSERT INTO visits (id, member_id, reason) VALUES (9, 4, 'r9')", 2_000),
    wrote("DELETE FROM visits WHERE id = 9", 5_000),
)
ANY_NOTE = (wrote("UPDATE notes SET text = reverse(text) WHERE random() < 0.5", 9_000),)


@dataclass(frozen=True)
class Asked:
    """What was run, at 1,000 and 3,000 and 8,000, what was written, and what the second must reach."""

    text: str
    writes: tuple[Statement, ...]
    member: str
    field: str


CASES = {
    "a value filled for a while": Asked(unread("members"), NOTED, "3", "members.note"),
    "a row that hung on another": Asked(unread("visits"), HUNG, "5", "visits.reason"),
    "a row of one that hung on another": Asked(unread("notes"), HUNG, "5", "notes.text"),
    "a row that no snapshot holds": Asked(unread("visits"), GONE, "4", "visits.reason"),
    "any row in doubt, of one that hung on another": Asked(
        "SELECT id FROM notes WHERE text = 'other'", (*ANY_NOTE, *HUNG), "5", "notes.id"
    ),
    "an owner asked for by the key": Asked(
        "SELECT reason FROM visits WHERE member_id = 5", HUNG, "5", "visits.reason"
    ),
    "a page of rows that were otherwise": Asked(
        "SELECT note, name FROM members WHERE note IS NOT NULL ORDER BY id LIMIT 2 OFFSET 2",
        NOTED,
        "3",
        "members.note",
    ),
}


def reached(folder: Path, *statements: Statement) -> dict[tuple[str, str], int]:
    folder.mkdir()
    found = Scene(folder, tables=TABLES, rows=ROWS).answer(*statements)
    sql = "SELECT record_key, field, max(grade) FROM exposures GROUP BY ALL"
    return {(key, name): grade for key, name, grade in found.rows(sql)}


@pytest.mark.parametrize("name", CASES)
def test_moments_together_reach_what_each_reaches_alone(tmp_path: Path, name: str) -> None:
    asked = CASES[name]
    runs = [Statement(asked.text, at_us=at_us) for at_us in (1_000, 3_000, 8_000)]
    alone = [reached(tmp_path / str(run.at_us), *asked.writes, run) for run in runs]
    assert alone[1].get((asked.member, asked.field), 0) >= Grade.POSSIBLE
    together = reached(tmp_path / "all", *asked.writes, runs[2], runs[0], runs[1])
    assert "nobody" not in asked.text or set(together.values()) == {Grade.POSSIBLE}
    for told in alone:
        assert not {one: grade for one, grade in told.items() if together.get(one, 0) < grade}


def test_refusal_does_not_stand_for_the_reply_after_it(tmp_path: Path) -> None:
    refused = Statement(unread("members"), code=403, body_bytes=0)
    assert not reached(tmp_path / "refused", refused)
    told = reached(tmp_path / "both", refused, replace(refused, code=200, body_bytes=900, at_us=2_000))
    assert {key for key, _ in told} == {"1", "2", "3", "4", "5"}
