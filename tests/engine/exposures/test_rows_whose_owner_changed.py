"""Whose a row that came out was: by the log's own writes, else whoever it may have been of is possible."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.model import Belongs, DataTable
from ashiato.engine.store import Store
from ashiato.terms.grades import Grade
from tests.engine.exposures.scene import MEMBERS, VISITS, Scene, Statement, keys

NOTES = DataTable("notes", key=("id",), belongs=Belongs("visits", ("visit_id",)))
PEOPLE = [{"id": n, "name": f"name-{n}", "zip": "001"} for n in range(1, 6)]
#: Whose each visit is today, and once was; of the others a snapshot has nothing.
OWNERS: dict[int, tuple[int | None, int]] = {
    1: (1, 1),
    2: (3, 2),
    4: (None, 4),
    5: (None, 5),
    6: (None, 5),
}
BEFORE = (
    "INSERT INTO visits (id, member_id, reason) VALUES (5, 5, 'r5')",
    "UPDATE visits SET member_id = 5 WHERE id = 6",
    "INSERT INTO visits (id, member_id, reason) VALUES (8, 4, 'r8')",
)
SINCE = (
    "UPDATE visits SET member_id = 3 WHERE id = 2",
    *(f"UPDATE visits SET member_id = NULL WHERE id = {n}" for n in (4, 5, 6)),
    "DELETE FROM visits WHERE id = 7",
    "DELETE FROM visits WHERE id = 8",
)
TIED = "SELECT v.reason FROM visits v JOIN members m ON m.id = v.member_id"
EVERYBODY, SECOND = dict.fromkeys(keys(1, 2, 3, 4, 5), Grade.POSSIBLE), {"2": Grade.POSSIBLE}
LOOKED_UP = {n: f"SELECT reason FROM visits WHERE id = {n}" for n in (1, 2, 4, 5, 6, 7, 8)}
NOTED = "SELECT text FROM notes WHERE visit_id = 2"
ANSWERS = {
    LOOKED_UP[1]: {"1": Grade.CONFIRMED},
    # Hung anew, emptied, and taken out since.
    LOOKED_UP[2]: EVERYBODY,
    LOOKED_UP[4]: EVERYBODY,
    LOOKED_UP[7]: EVERYBODY,
    NOTED: EVERYBODY,
    # The log says whose they were.
    LOOKED_UP[5]: {"5": Grade.CONFIRMED},
    LOOKED_UP[6]: {"5": Grade.CONFIRMED},
    LOOKED_UP[8]: {"4": Grade.POSSIBLE},
    # The statement says whose it asks for.
    "SELECT reason FROM visits WHERE member_id = 2": SECOND,
    "SELECT reason FROM visits WHERE member_id = 3": {"3": Grade.PROBABLE},
    f"{TIED} WHERE m.name = 'name-2'": SECOND,
    "SELECT reason FROM visits WHERE member_id IN (SELECT id FROM members WHERE name = 'name-2')": SECOND,
    # It does not say it of every row.
    f"{TIED.replace(' JOIN', ' LEFT JOIN')} AND m.id = 4 WHERE v.id = 2": EVERYBODY,
    "SELECT reason FROM visits v WHERE v.id = 2 OR EXISTS (SELECT 1 FROM members m "
    "WHERE m.id = v.member_id AND m.id = 6)": EVERYBODY,
    "SELECT (SELECT m.name FROM members m WHERE m.id = v.member_id AND m.id = 4), reason FROM visits v "
    "WHERE v.id = 2": EVERYBODY,
    f"{TIED} AND m.id = 6 UNION ALL SELECT v.reason FROM visits v WHERE v.id = 2": EVERYBODY,
}


def answer(folder: Path, *since: str, before: Sequence[str] = BEFORE, older: bool = False) -> Store:
    """Ask everything at noon, each on its own path; ``older``: there is a snapshot of the night before."""
    now = [{"id": n, "member_id": owner, "reason": f"r{n}"} for n, (owner, _) in OWNERS.items()]
    then = [{"id": n, "member_id": owner, "reason": f"r{n}"} for n, (_, owner) in OWNERS.items()]
    rows: dict[str, list[dict[str, Any]]] = {
        "members": PEOPLE,
        "visits": now,
        "notes": [{"id": 9, "visit_id": 2, "text": "t"}],
    }
    tables = {table.name: table for table in (MEMBERS, VISITS, NOTES)}
    others = {600: {**rows, "visits": then}} if older else {}
    asked = [Statement(text, rows=1, path=f"P{n}") for n, text in enumerate(ANSWERS)]
    writes = [(text, 500) for text in before] + [(text, 5_000) for text in since]
    honest = [Statement(text, at_us=at_us, code=None, hostile=False) for text, at_us in writes]
    return Scene(folder, rows=rows, tables=tables, others=others).answer(*asked, *honest)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return answer(tmp_path_factory.mktemp("told"), *SINCE)


def grades(store: Store, text: str) -> dict[str, int]:
    """Return whom a statement reached, and how surely."""
    sql = "SELECT record_key, max(grade) FROM exposures WHERE path = ? GROUP BY record_key"
    return dict(store.rows(sql, [f"P{list(ANSWERS).index(text)}"]))


@pytest.mark.parametrize("text", ANSWERS)
def test_owner_is_known_asked_for_or_anybody(told: Store, text: str) -> None:
    assert grades(told, text) == ANSWERS[text]


def test_open_owners_come_with_fields_and_proofs(told: Store) -> None:
    at = list(ANSWERS).index(LOOKED_UP[4])
    sql = "SELECT field, rung, reasons FROM exposures WHERE record_key = '5' AND path = ?"
    assert told.rows(sql, [f"P{at}"]) == [("visits.reason", "L2", "drift")]
    shown = told.rows(
        "SELECT event_id FROM proofs WHERE record_key = '5' AND path = ? ORDER BY 1", [f"P{at}"]
    )
    assert shown == [(2 * at,), (2 * at + 1,)]


@pytest.mark.slow
def test_older_snapshot_tells_whose_they_were(tmp_path: Path) -> None:
    store = answer(tmp_path, *SINCE, older=True)
    assert grades(store, LOOKED_UP[2]) == {"2": Grade.CONFIRMED}
    assert grades(store, LOOKED_UP[4]) == {"4": Grade.CONFIRMED}
    assert grades(store, NOTED) == {"2": Grade.CONFIRMED}


@pytest.mark.slow
def test_write_that_says_whose_they_were_leaves_those(tmp_path: Path) -> None:
    store = answer(tmp_path, "UPDATE visits SET member_id = 3 WHERE member_id = 2", before=())
    assert grades(store, LOOKED_UP[2]) == {"2": Grade.POSSIBLE, "3": Grade.POSSIBLE}
    assert grades(store, "SELECT reason FROM visits WHERE member_id = 3") == {"3": Grade.PROBABLE}
    assert grades(store, f"{TIED} WHERE m.name = 'name-2'") == SECOND


@pytest.mark.slow
def test_owner_deleted_since_is_told_by_the_log(tmp_path: Path) -> None:
    store = answer(tmp_path, "DELETE FROM members WHERE id = 77", before=())
    assert grades(store, LOOKED_UP[1]) == {"1": Grade.CONFIRMED}
    assert grades(store, LOOKED_UP[4]) == {}
    sql = "SELECT path, events FROM limits WHERE reason = 'not-in-master' AND params = 'record=members 77'"
    joined = list(ANSWERS).index(f"{TIED} WHERE m.name = 'name-2'")
    assert {(f"P{list(ANSWERS).index(LOOKED_UP[4])}", 1), (f"P{joined}", 1)} <= set(store.rows(sql))


@pytest.mark.slow
def test_write_of_any_row_leaves_every_owner_open(tmp_path: Path) -> None:
    store = answer(tmp_path, "UPDATE visits SET member_id = 3 WHERE reason LIKE 'r%'")
    assert grades(store, LOOKED_UP[1]) == grades(store, LOOKED_UP[2]) == EVERYBODY
