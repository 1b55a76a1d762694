"""One night of the shipped break-in among people of every state: minors, the protected, the dead, the past.

The example's own tables stay as its logs and its truth know them; here marks are put on copies of people whom
the truth says were reached, in columns that the intruder never asked for.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from ashiato.engine.api import Outcome, add_evidence, investigate_case, open_outcome
from tests.journeys.demo import DATAMAP, TRUTH, new_case, take_night, unpack_snapshot

pytestmark = pytest.mark.slow
_STATES = """\
        states:
          past: withdrawn_at
          deceased: {by: care, is: [deceased]}
          protected: {by: care, is: [DV]}
        guardian: {table: owners, by: parent}
"""
_COLUMNS = """\
          withdrawn_at: {type: date}
          care: {type: text}
          parent: {type: integer}
          shelter: {type: text, category: contact, means: address, contact: safe}
"""
_SHELTER = "大阪府大阪市北区梅田9-9"


def _reached() -> list[str]:
    """Return customers whom the intruder received in that night, as the truth has it."""
    text = gzip.decompress((TRUTH / "persons.csv.gz").read_bytes()).decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return sorted({row["owner_id"] for row in rows if row["attack"] == "a2"})


def _mark(folder: Path, marks: dict[str, dict[str, str]]) -> None:
    path = folder / "owners.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    named = [*rows[0], "care", "parent", "shelter"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, named, restval="")
        writer.writeheader()
        writer.writerows(row | marks.get(row["id"], {}) for row in rows)


@pytest.fixture(scope="module")
def marked() -> dict[str, str]:
    """Six of those reached, by what becomes of them."""
    wanted = ("minor", "orphan", "protected", "deceased", "guardian", "past")
    return dict(zip(wanted, _reached()[10:], strict=False))


@pytest.fixture(scope="module")
def outcome(marked: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    folder = tmp_path_factory.mktemp("states")
    text = DATAMAP.read_text(encoding="utf-8")
    start = text.index("        states: {past: withdrawn_at}")
    text = text[:start] + _STATES + text[text.index("\n", start) + 1 :]
    text = text.replace("          withdrawn_at: {type: date}\n", _COLUMNS, 1)
    (folder / "map.yaml").write_text(text, encoding="utf-8")
    snapshot = unpack_snapshot(folder / "tables")
    _mark(
        snapshot,
        {
            marked["minor"]: {"birth_date": "2012-04-01", "parent": marked["guardian"]},
            marked["orphan"]: {"birth_date": "2013-04-01"},
            marked["protected"]: {"care": "DV", "shelter": _SHELTER},
            marked["deceased"]: {"care": "deceased"},
            marked["past"]: {"withdrawn_at": "2026-01-31"},
        },
    )
    case = new_case(folder / "case", folder / "map.yaml", snapshot)
    add_evidence(case, [take_night(folder / "evidence")])
    investigate_case(case)
    with open_outcome(case) as opened:
        yield opened


def _person(outcome: Outcome, key: str) -> tuple[str, str | None, set[str]]:
    """Return a customer's states, addressee and the usable ways, each as channel/use."""
    ((person, states, addressee),) = outcome.store.rows(
        "SELECT p.person_id, p.states, p.addressee_id FROM persons AS p JOIN people AS r "
        "ON r.person_id = p.person_id WHERE r.table_name = 'owners' AND r.record_key = ?",
        [key],
    )
    ways = outcome.store.rows(
        "SELECT channel, address_use FROM contacts WHERE person_id = ? AND usable", [addressee or person]
    )
    return states, addressee, {f"{channel}/{use}" for channel, use in ways}


def test_a_minors_notice_goes_to_the_guardian_whom_the_map_links(
    outcome: Outcome, marked: dict[str, str]
) -> None:
    states, addressee, ways = _person(outcome, marked["minor"])
    assert "minor" in states.split(";")
    assert addressee == _person_id(outcome, marked["guardian"])
    assert "letter/now" in ways
    states, addressee, _ = _person(outcome, marked["orphan"])
    assert {"minor", "guardian-unknown"} <= set(states.split(";"))
    assert addressee in (None, _person_id(outcome, marked["orphan"]))


def test_a_protected_person_is_told_where_it_is_safe_alone(outcome: Outcome, marked: dict[str, str]) -> None:
    states, _, ways = _person(outcome, marked["protected"])
    assert "protected" in states.split(";")
    assert ways == {"letter/safe"}


def test_nothing_goes_to_the_dead_by_itself(outcome: Outcome, marked: dict[str, str]) -> None:
    states, _, ways = _person(outcome, marked["deceased"])
    assert "deceased" in states.split(";")
    assert {way for way in ways if not way.startswith("publication")} == set()


def test_who_has_left_is_told_as_others_are(outcome: Outcome, marked: dict[str, str]) -> None:
    states, _, ways = _person(outcome, marked["past"])
    assert states == "past"
    assert "letter/now" in ways


def test_everybody_is_told_or_published_for(outcome: Outcome) -> None:
    ((people, reachable, published),) = outcome.store.rows(
        "SELECT count(*), count(*) FILTER (WHERE is_reachable), "
        "count(*) FILTER (WHERE person_id IN (SELECT person_id FROM contacts WHERE channel = 'publication')) "
        "FROM persons"
    )
    assert people == reachable + published > 400
    assert published >= 1, "the dead"


def _person_id(outcome: Outcome, key: str) -> str:
    ((person,),) = outcome.store.rows(
        "SELECT person_id FROM people WHERE table_name = 'owners' AND record_key = ?", [key]
    )
    return str(person)
