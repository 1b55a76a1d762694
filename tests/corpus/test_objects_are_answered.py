"""Two shared break-ins into object stores: who was in what went out, and the one object of the other."""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.journeys.command import must

MAP = """
zone: Asia/Tokyo
systems:
  crm:
    tables:
      customers:
        key: customer_id
        person: true
        columns: {customer_id: contract, name: identity, kana: identity, sex: sex, birth_date: birth,
                  zip: contact, pref: contact, address: contact, phone: contact, email: contact}
objects:
  - {keys: export/*}
  - {keys: claims/*}
  - {keys: app/intake/*}
  - {keys: policies/*}
  - {keys: finance/*}
  - {keys: manual/*, holds: []}
"""
_REACHED = frozenset({"confirmed", "probable", "possible"})
Rows = list[dict[str, str]]


def _rows(file: Path) -> Rows:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def _answer(folder: Path, evidence: list[Path], datamap: Path | None, snapshot: Path | None) -> Path:
    case, out = folder / "case", folder / "out"
    must("case", "new", case, *(("--datamap", datamap) if datamap else ()))
    must("evidence", "add", case, *evidence)
    if snapshot is not None:
        must("snapshot", "add", case, snapshot, "--as-of", "2026-06-24T09:00:00+09:00", "--system", "crm")
    must("investigate", case)
    must("export", case, "--to", out)
    assert "as it was sealed" in must("verify", case).out
    return out


def _fields(row: dict[str, str]) -> dict[str, str]:
    told = (field.rpartition("=") for field in row["fields"].split(";") if field)
    return {
        name.partition("customers.")[2]: grade for name, _, grade in told if name.startswith("customers.")
    }


@pytest.fixture(scope="module")
def truth(corpus: Path) -> dict[str, set[str]]:
    held: dict[str, set[str]] = defaultdict(set)
    for row in _rows(corpus / "cloud-objects" / "truth" / "persons.csv"):
        held[row["customer_id"]] |= set(row["fields_received"].split("|"))
    return held


@pytest.mark.slow
def test_people_of_the_objects_come_out(corpus: Path, truth: dict[str, set[str]], tmp_path: Path) -> None:
    here = corpus / "cloud-objects"
    (tmp_path / "map.yaml").write_text(MAP, "utf-8")
    given = [here / "evidence", here / "objects"]
    out = _answer(tmp_path, given, tmp_path / "map.yaml", here / "snapshot")
    persons = {row["key"]: row for row in _rows(out / "persons.csv") if row["table"] == "customers"}
    assert not [key for key in truth if persons[key]["grade"] not in _REACHED]
    received = {
        (key, field.partition(":")[0]): "part" in field for key, fields in truth.items() for field in fields
    }
    confirmed = {
        (key, "address" if name == "pref" else name)
        for key, row in persons.items()
        for name, grade in _fields(row).items()
        if grade.startswith("confirmed")
    }
    right = len(confirmed & received.keys()) / len(confirmed)
    sys.stdout.write(f"cloud-objects: of {len(confirmed):,} confirmed pairs {right:.4f} are true\n")
    assert right >= 0.99
    reached = [key for key, row in persons.items() if row["grade"] in _REACHED]
    assert len(reached) <= len(truth) * 1.02
    parts = {
        (row["key"], name)
        for row in _rows(out / "exposures.csv")
        for name, grade in _fields(row).items()
        if grade.endswith(":part")
    }
    assert parts == {pair for pair, is_part in received.items() if is_part}
    states = {row["object"]: row["state"] for row in _rows(out / "objects.csv")}
    requests = _rows(here / "truth" / "attacker_requests.csv")
    refused = {row["note"].split()[-1] for row in requests if row["status"] in ("403", "404")}
    assert {key for key, state in states.items() if state == "refused"} == refused & states.keys()


@pytest.mark.slow
def test_the_one_object_is_named(corpus: Path, tmp_path: Path) -> None:
    here = corpus / "case-otrf-s3-breach"
    out = _answer(tmp_path, sorted(here.glob("*.json")), None, None)
    (row,) = _rows(out / "objects.csv")
    assert (row["object"], row["requests"], row["bytes_sent"]) == ("ring.txt", "2", "89")
    assert len(_rows(out / "intrusion.csv")) == 11
