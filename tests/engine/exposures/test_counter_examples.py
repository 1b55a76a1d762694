"""Seven statements over six people on which other notions of access give no good answer (docs/semantics.md).

Deleting a row to see whether the reply changes calls nobody reached by the answers of one bit and by ties;
naming every row that was looked at calls everybody reached.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.engine.store import Store
from tests.engine.exposures.scene import MEMBERS, Scene, Statement

PEOPLE = [(1, "A", "100", 5), (2, "B", "100", 7), (3, "C", "200", 7), (4, "D", "300", 9), (5, "E", "300", 9),
          (6, "F", "300", 1)]  # fmt: skip
ROWS = {"members": [dict(zip(("id", "name", "zip", "prem"), row, strict=True)) for row in PEOPLE]}
WITHOUT = (
    "SELECT id FROM members m WHERE NOT EXISTS (SELECT 1 FROM members o WHERE o.prem > 8 AND o.id = m.id)"
)

#: Statement and rows of its reply -> of each person and field, the grade and its reasons.
ANSWERS = {
    ("SELECT name FROM members WHERE zip = '100'", 2): {
        "1 name": (4, ""),
        "2 name": (4, ""),
    },
    ("SELECT DISTINCT zip FROM members", 3): {
        **{f"{n} zip": (2, "whose") for n in (1, 2, 4, 5, 6)},
        "3 zip": (4, ""),
    },
    ("SELECT EXISTS (SELECT 1 FROM members WHERE zip = '100')", 1): {
        f"{n} {name}": (2, "blind") for n in (1, 2) for name in ("id", "zip")
    },
    ("SELECT max(prem) FROM members", 1): {f"{n} prem": (2, "aggregate") for n in range(1, 7)},
    ("SELECT zip, count(*) FROM members GROUP BY zip HAVING count(*) >= 3", 1): {
        f"{n} zip": (2, "aggregate") for n in (4, 5, 6)
    },
    ("SELECT name FROM members WHERE id = 4 AND name > 'M'", 0): {
        "4 id": (2, "blind"),
        "4 name": (2, "blind"),
    },
    (WITHOUT, 4): {
        **{f"{n} id": (4, "") for n in (1, 2, 3, 6)},
        **{f"{n} {name}": (2, "blind") for n in (4, 5) for name in ("id", "prem")},
    },
}


def answer(folder: Path, text: str, rows: int, people: list[dict[str, object]] | None = None) -> Store:
    """Answer one statement that only an intruder would run."""
    made = {"members": people or ROWS["members"]}
    return Scene(folder, rows=made, tables={"members": MEMBERS}).answer(Statement(text, rows=rows, code=None))


@pytest.mark.parametrize(("text", "rows"), ANSWERS)
def test_counter_example_is_answered_right(tmp_path: Path, text: str, rows: int) -> None:
    found = answer(tmp_path, text, rows).rows("SELECT record_key, field, grade, reasons FROM exposures")
    said = {f"{key} {field.partition('.')[2]}": (grade, reasons) for key, field, grade, reasons in found}
    assert said == ANSWERS[text, rows]


def test_holders_of_an_extreme_are_possible_among_many(tmp_path: Path) -> None:
    many: list[dict[str, object]] = [{"id": n, "name": "x", "zip": "1", "prem": n // 2} for n in range(1, 40)]
    store = answer(tmp_path, "SELECT max(prem) FROM members", 1, many)
    assert store.rows("SELECT record_key, grade FROM exposures ORDER BY 1") == [("38", 2), ("39", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 FROM clinics WHERE (SELECT substr(name, 1, 1) FROM members WHERE id = 4) > 'M'",
        "SELECT 1 FROM clinics WHERE 7 < ascii((SELECT name FROM members ORDER BY id LIMIT 1 OFFSET 3))",
        "SELECT CASE WHEN (SELECT name FROM members WHERE id = 4) LIKE 'D%' THEN 1 END",
        "SELECT id IN (SELECT id FROM members WHERE id = 4) FROM clinics",
    ],
)
def test_blind_questions_reach_whom_they_ask_about(tmp_path: Path, text: str) -> None:
    store = Scene(tmp_path).answer(Statement(text, rows=0, code=None))
    assert store.rows("SELECT DISTINCT record_key, grade, reasons FROM exposures") == [("4", 2, "blind")]
