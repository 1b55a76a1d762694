"""For whom a record is held and what its person is: by columns, and nothing where that is not settled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.engine.exposures.scene import CLINICS, MEMBERS, ROWS, Scene, Statement

_NAMED = replace(
    MEMBERS, client_column="insurer", clients={"A01": "Aozora Life", "B02": "Bay Insurance"},
    persona=None, persona_column="insurer", personas={"A01": "policyholder", "B02": "insured"},
)  # fmt: skip
_ROWS: list[dict[str, Any]] = [
    {"id": 1, "name": "a", "insurer": "A01"},
    {"id": 2, "name": "b", "insurer": "B02"},
    {"id": 3, "name": "c", "insurer": "X99"},
    {"id": 4, "name": "d", "insurer": ""},
    {"id": 5, "name": "e", "insurer": "A01"},
]


_TABLES = {
    "members": _NAMED,
    "clinics": replace(CLINICS, person=True, client="Aozora Life"),
    "visits": replace(CLINICS, name="visits", person=True, client_column="gone"),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str | None]]:
    """The client of each record, by table; member 5 has another client in an older snapshot."""
    moved = [row | {"insurer": "B02"} if row["id"] == 5 else row for row in _ROWS]
    rows = {**ROWS, "members": _ROWS}
    older = {500_000_000: {**ROWS, "members": moved}}
    scene = Scene(tmp_path_factory.mktemp("scene"), tables=_TABLES, rows=rows, others=older)
    store = scene.answer(Statement("SELECT name FROM members WHERE id = 1", rows=1))
    told: dict[str, dict[str, str | None]] = {}
    for table, key, client, persona in store.rows(
        "SELECT table_name, record_key, client, persona FROM master ORDER BY ALL"
    ):
        told.setdefault(table, {})[key] = client
        told.setdefault(f"personas of {table}", {})[key] = persona
    return told


Found = dict[str, dict[str, str | None]]


def test_a_column_names_the_client_and_unlisted_values_nobody(found: Found) -> None:
    named = {key: client for key, client in found["members"].items() if key != "5"}
    assert named == {"1": "Aozora Life", "2": "Bay Insurance", "3": None, "4": None}


def test_a_value_without_a_persona_gives_none(found: Found) -> None:
    named = {key: persona for key, persona in found["personas of members"].items() if key != "5"}
    assert named == {"1": "policyholder", "2": "insured", "3": None, "4": None}


def test_a_record_that_changed_its_client_is_nobodys(found: Found) -> None:
    assert found["members"]["5"] is None


def test_a_table_held_for_one_client_is_that_ones(found: Found) -> None:
    assert set(found["clinics"].values()) == {"Aozora Life"}


def test_a_column_that_the_snapshot_lacks_names_nobody(found: Found) -> None:
    assert set(found["visits"].values()) == {None}
