"""What the program writes of its own work, and what it hands on as STIX, names no value of the snapshot."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tests.journeys.command import must
from tests.journeys.demo import DATAMAP, SYSTEM, take_night, unpack_snapshot

pytestmark = pytest.mark.slow
#: Columns that say nothing of a person by themselves, in words that a program's own notes may hold.
_PLAIN = {"status", "species", "product", "sex", "role"}
_SHORTEST = 4
#: The run speaks of the days of the incident; a visit or sign-up on one of them is no one's secret by that.
_THESE_DAYS = "2026-06-"


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The snapshot's folder, and all that a whole run says of itself, by where it says so."""
    folder = tmp_path_factory.mktemp("own")
    case, tables = folder / "case", unpack_snapshot(folder / "tables")
    told = [
        must("case", "new", case, "--zone", "Asia/Tokyo", "--datamap", DATAMAP),
        must("snapshot", "add", case, tables, "--as-of", "2026-06-11T03:12:00+09:00", "--system", SYSTEM),
        must("evidence", "add", case, take_night(folder / "night")),
        must("datamap", "draft", case),
        must("investigate", case, "--lang", "ja"),
        must("explain", case, "--person", "5201"),
        must("export", case, "--to", folder / "answer"),
        must("export", case, "--to", folder / "shared", "--format", "stix"),
        must("verify", case),
    ]
    texts = {f"screen {number}": one.out + one.err for number, one in enumerate(told)}
    notes = [
        folder / "shared" / "incident.stix.json",
        *case.glob("*.json*"),
        *case.glob("evidence/*.jsonl"),
        *case.glob("runs/*/*.json"),
    ]
    texts |= {path.name: path.read_text() for path in notes}
    return tables, texts


def _values(tables: Path) -> set[str]:
    """Return the snapshot's values that name somebody: no bare numbers, no words of the trade."""
    found: set[str] = set()
    for table in tables.glob("*.csv"):
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found |= {value for column, value in row.items() if column not in _PLAIN}
    named = {value for value in found if len(value) >= _SHORTEST and re.search(r"[^\d.]", value)}
    return {value for value in named if not value.startswith(_THESE_DAYS)}


def test_no_value_of_the_snapshot_is_spoken(spoken: tuple[Path, dict[str, str]]) -> None:
    tables, texts = spoken
    values = _values(tables)
    assert len(values) > 50_000
    assert {
        "ledger.jsonl",
        "manifest.jsonl",
        "run.json",
        "workings.json",
        "incident.stix.json",
    } <= texts.keys()
    assert all(texts[f"screen {number}"] for number in range(9))
    told = {(place, value) for place, text in texts.items() for value in values if value in text}
    assert told == set()


def test_the_search_would_find_a_value(spoken: tuple[Path, dict[str, str]]) -> None:
    tables, _ = spoken
    with (tables / "owners.csv").open(encoding="utf-8", newline="") as file:
        owner = next(csv.DictReader(file))
    assert {owner["name_kanji"], owner["email"], owner["phone"], owner["address"]} <= _values(tables)
