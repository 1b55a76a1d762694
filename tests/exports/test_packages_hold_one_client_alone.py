"""A client's package holds that client's records and no trace of anybody else's."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ashiato.datamap.model import DataMap
from ashiato.engine.api import Outcome, create_case
from ashiato.engine.runs import key_of, open_run
from ashiato.exports.clients.packages import Package, Told, count_unassigned, list_clients, write_packages
from ashiato.law.api import Number, assess, load_rulebook, parse_diary
from ashiato.terms.counts import Unit
from ashiato.terms.errors import CaseError
from ashiato.terms.times import us_of
from tests.exports.sample_run import ROWS, write_run

CLIENTS = ("Aozora Life", "ベイ損保 / ../etc", "=cmd|calc")
_DIARY = parse_diary(
    "case: Secret of Bay\nzone: Asia/Tokyo\nentries:\n"
    "  - {known: 2026-06-25, by: Bay desk, says: Bay rang, sets: {law.JP: true, role: contractor, "
    "leak: leak_possible, unauthorised_access: true, data.personal: true, data.special_care: true, "
    "people: {exact: 4711}}}\n"
    "  - {known: 2026-07-01, sets: {sign.data_stolen: true, leak: leak_confirmed}}\n"
)
_TOLD = Told(_DIARY, us_of(datetime(2026, 7, 2, tzinfo=ZoneInfo("Asia/Tokyo"))))


def _key(number: int) -> str:
    return f"{number}-{'xyzw'[number % 4]}{number * 7919}"


def _rows() -> dict[str, list[dict[str, Any]]]:
    """Nine records, of three clients in turn, the last one nobody's; each key is a word of its own."""
    named = {"system": "shop", "table_name": "members"}
    records = [{**named, "record_key": _key(n)} for n in range(9)]
    others = "|".join(_key(n) for n in range(9))
    people = [
        {
            **record,
            "persona": "member",
            "grade": 4 - n % 3,
            "fields": "members.name=confirmed/L3",
            "person_id": f"shop/members/{_key(n)}",
            "widest_person_id": f"shop/members/{_key(0)}",
            "reasons": f"whose(others={others};{others});drift(column=name)",
        }
        for n, record in enumerate(records)
    ]
    exposures = [
        {
            **record,
            "path": "p1",
            "field": "members.name",
            "rung": "L3",
            "grade": 4 - n % 3,
            "part": None,
            "reasons": f"whose(others={others})",
        }
        for n, record in enumerate(records)
    ]
    proofs = [
        {**record, "path": "p1", "event_id": 1 + n % 8, "shows": "request"}
        for n, record in enumerate(records)
    ]
    master = [
        {**record, "persona": "member", "client": None if n == 8 else CLIENTS[n % 3]}
        for n, record in enumerate(records)
    ]
    paths = [row | {"title": f"Records gone through: {others}"} for row in ROWS["paths"]]
    return {
        **ROWS,
        "people": people,
        "exposures": exposures,
        "proofs": proofs,
        "master": master,
        "paths": paths,
    }


@pytest.fixture
def outcome(tmp_path: Path) -> Outcome:
    case = create_case(tmp_path / "case", "Asia/Tokyo", lambda: 0)
    run = open_run(case, key_of(case))
    return Outcome(case, run, write_run(run.folder, _rows()), DataMap())


def _packages(outcome: Outcome, to: Path) -> dict[str, Package]:
    return {package.client: package for package in write_packages(outcome, to, _TOLD)}


def test_no_package_names_a_record_of_another_client(outcome: Outcome, tmp_path: Path) -> None:
    packages = _packages(outcome, tmp_path / "out")
    assert set(packages) == set(CLIENTS)
    for number, client in enumerate(CLIENTS):
        package = packages[client]
        text = "".join((package.folder / name).read_text("utf-8-sig") for name in package.files)
        assert {n for n in range(9) if _key(n) in text} == {n for n in range(8) if n % 3 == number}
        assert not [other for other in CLIENTS if other != client and other in text]
        assert not [word for word in ("Secret", "desk", "rang", "4711", "special_care") if word in text]
        assert package.folder.parent == tmp_path / "out"


def test_a_package_counts_its_own_records_with_unit_and_bound(outcome: Outcome, tmp_path: Path) -> None:
    package = _packages(outcome, tmp_path)["Aozora Life"]
    with (package.folder / "persons.csv").open(encoding="utf-8-sig", newline="") as file:
        persons = list(csv.DictReader(file))
    assert [person["key"] for person in persons] == sorted(_key(n) for n in (0, 3, 6))
    assert {person["reasons"] for person in persons} == {"drift;whose"}
    told = json.loads((package.folder / "client.json").read_text("utf-8"))
    assert told["client"] == "Aozora Life"
    reached = told["records"]["reached"]
    assert (reached["at_least"]["value"], reached["at_most"]["value"], reached["at_most"]["unit"]) == (
        3,
        3,
        "records",
    )
    assert told["records"]["by_grade"]["confirmed"]["value"] == 3


def test_what_is_nobodys_is_counted_and_packed_nowhere(outcome: Outcome, tmp_path: Path) -> None:
    packages = _packages(outcome, tmp_path)
    assert sum(package.records for package in packages.values()) == 8
    assert count_unassigned(outcome.store).at_most == 1


def test_a_clients_diary_waits_for_the_day_it_was_told(outcome: Outcome, tmp_path: Path) -> None:
    package = _packages(outcome, tmp_path)["Aozora Life"]
    text = (package.folder / "facts.yaml").read_text("utf-8")
    seen = parse_diary(
        text.replace("role: client", "role: client\n      law.JP: true\n      data.personal: true")
    )
    at = datetime(2026, 7, 5, tzinfo=seen.zone)
    final = assess(seen, load_rulebook(), at).duty("jp-appi-final")
    assert final is not None
    assert (final.due, final.start_missing) == (None, "known")
    told = parse_diary(seen.text.replace('"unknown"', '"2026-07-02"'))
    final = assess(told, load_rulebook(), at).duty("jp-appi-final")
    assert final is not None
    assert str(final.due) == "2026-08-31"
    standing = told.standing(at)
    assert str(standing["records"].entry.known) == "2026-07-02"
    (run,) = {
        number.run
        for number in (standing["records"].value, standing["people"].value)
        if isinstance(number, Number)
    }
    assert standing["records"].value == Number(Unit.RECORDS, 3, 3 + 1, run=run)
    assert standing["people"].value == Number(Unit.PEOPLE, 1, 3 + 1, run=run)


def test_the_same_run_gives_the_same_bytes(outcome: Outcome, tmp_path: Path) -> None:
    first, second = _packages(outcome, tmp_path / "a"), _packages(outcome, tmp_path / "b")
    for client, package in first.items():
        again = second[client]
        assert package.folder.name == again.folder.name
        assert all(
            (package.folder / n).read_bytes() == (again.folder / n).read_bytes() for n in package.files
        )


def test_a_run_without_clients_says_what_the_map_lacks(outcome: Outcome) -> None:
    outcome.store.rows("CREATE OR REPLACE TABLE master AS SELECT 1 AS record_key, NULL AS client")
    with pytest.raises(CaseError, match="no record names a client"):
        list_clients(outcome)
    outcome.store.rows("CREATE OR REPLACE TABLE master AS SELECT 1 AS record_key")
    with pytest.raises(CaseError, match="before clients were known"):
        list_clients(outcome)
