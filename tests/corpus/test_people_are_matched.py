"""The shared registers: records of one human are joined, strangers and households are not."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

import pytest

from ashiato.datamap.load import load_datamap
from tests.conftest import ROOT
from tests.engine.people.registers import Matched, match_tables, write_table

_LEAST_F1 = 0.97
_LEAST_PRECISION, _LEAST_RECALL = 0.98, 0.95
#: What the columns of FEBRL's sets are, in the categories of any map; nothing is said of what they mean.
_FEBRL = """
systems:
  register:
    tables:
      people:
        person: true
        key: rec_id
        columns:
          {rec_id: {type: text}, given_name: identity, surname: identity, street_number: contact,
           address_1: contact, address_2: contact, suburb: contact, postcode: contact, state: contact,
           date_of_birth: birth, soc_sec_id: government number}
"""


def _pairs(groups: Iterable[Iterable[str]]) -> set[tuple[str, str]]:
    return {(one, other) for group in groups for one, other in combinations(sorted(group), 2)}


def _grouped(person_of: Mapping[str, str]) -> list[list[str]]:
    held: dict[str, list[str]] = defaultdict(list)
    for record, person in person_of.items():
        held[person].append(record)
    return list(held.values())


def _rates(name: str, matched: Matched, truth: Mapping[str, str]) -> tuple[float, float]:
    """Print and return precision and recall over pairs of records."""
    true, found = _pairs(_grouped(truth)), _pairs(_grouped({key: matched.persons[key] for key in truth}))
    precision, recall = len(true & found) / max(len(found), 1), len(true & found) / max(len(true), 1)
    left = set(matched.pairs_in_review())
    print(  # noqa: T201 - one rate per set
        f"{name}: precision {precision:.4f}, recall {recall:.4f}, "
        f"F1 {2 * precision * recall / max(precision + recall, 1e-9):.4f} over {len(true):,} true pairs; "
        f"in review {len(left):,}, of them true {len(left & true):,}"
    )
    return precision, recall


@pytest.mark.slow
@pytest.mark.parametrize("number", ["1", "2"])
def test_febrl_people_are_joined(corpus: Path, tmp_path: Path, number: str) -> None:
    file = corpus / "people-febrl" / f"dataset{number}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines, skipinitialspace=True)
    write_table(tmp_path / "snapshot", "people", head, rows)
    matched = match_tables(tmp_path, {"register": tmp_path / "snapshot"}, _FEBRL)
    truth = {row[0]: row[0].split("-")[1] for row in rows}
    precision, recall = _rates(f"people-febrl dataset{number}", matched, truth)
    assert 2 * precision * recall / (precision + recall) >= _LEAST_F1


@pytest.mark.slow
def test_planted_duplicates_are_joined_and_households_are_not(corpus: Path, tmp_path: Path) -> None:
    insurer = corpus / "pet-insurer"
    with (insurer / "truth" / "identity.csv").open(encoding="utf-8", newline="") as lines:
        known = list(csv.DictReader(lines))
    datamap = load_datamap(ROOT / "examples" / "pet-insurer" / "datamap.yaml")
    matched = match_tables(tmp_path, {next(iter(datamap.systems)): insurer / "snapshot"}, datamap)
    truth = {row["owner_id"]: row["person_key"] for row in known}
    precision, recall = _rates("pet-insurer", matched, truth)
    household = {row["owner_id"]: row["household_key"] for row in known}
    found = _pairs(_grouped({key: matched.persons[key] for key in truth}))
    merged = [pair for pair in found - _pairs(_grouped(truth)) if household[pair[0]] == household[pair[1]]]
    assert precision >= _LEAST_PRECISION
    assert recall >= _LEAST_RECALL
    assert merged == []
