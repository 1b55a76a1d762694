"""One night of the shipped break-in, held for client insurers: each gets its own people and nobody else's."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ashiato.engine.api import Outcome, add_evidence, investigate_case, open_outcome
from ashiato.exports.clients.packages import Package, count_unassigned, write_packages
from tests.journeys.demo import DATAMAP, SYSTEM, new_case, take_night


def _persons(package: Package) -> dict[tuple[str, str], str]:
    with (package.folder / "persons.csv").open(encoding="utf-8-sig", newline="") as file:
        return {(row["table"], row["key"]): row["grade"] for row in csv.DictReader(file)}


def _truth(outcome: Outcome) -> dict[str, set[tuple[str, str]]]:
    """Whose each customer is, read from the snapshot's own file and not from the engine's table."""
    (folder,) = (outcome.case.folder / "snapshots").rglob("owners.csv")
    owned: dict[str, set[tuple[str, str]]] = {}
    with folder.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            owned.setdefault(row["prefecture"], set()).add(("owners", row["id"]))
    return owned


@pytest.mark.slow
def test_each_client_of_one_night_gets_its_own_people_alone(tmp_path: Path) -> None:
    told = DATAMAP.read_text(encoding="utf-8").replace(
        "        persona: policyholder\n",
        "        persona: policyholder\n        client: {by: prefecture}\n",
        1,
    )
    (tmp_path / "map.yaml").write_text(told, encoding="utf-8")
    case = new_case(tmp_path / "case", tmp_path / "map.yaml")
    add_evidence(case, [take_night(tmp_path / "evidence")])
    investigate_case(case)
    with open_outcome(case) as outcome:
        packages = {package.client: package for package in write_packages(outcome, tmp_path / "out")}
        held = {client: set(_persons(package)) for client, package in packages.items()}
        assert held == {client: people for client, people in _truth(outcome).items() if client}
        reached = "SELECT count(*) FROM people WHERE system = ? AND table_name = 'owners' AND grade >= 2"
        ((total,),) = outcome.store.rows(reached, [SYSTEM])
        assert sum(package.reached.at_most or 0 for package in packages.values()) == total > 0
        assert count_unassigned(outcome.store).at_most is not None
        for package in packages.values():
            assert _keys_of_exposures(package) <= held[package.client]


def _keys_of_exposures(package: Package) -> set[tuple[str, str]]:
    with (package.folder / "exposures.csv").open(encoding="utf-8-sig", newline="") as file:
        return {(row["table"], row["key"]) for row in csv.DictReader(file)}
