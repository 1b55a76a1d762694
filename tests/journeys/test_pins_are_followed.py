"""What an analyst says of lines is followed, told with its reason, and leaves nobody out in silence."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from ashiato.engine.api import HONEST, HOSTILE, Case, investigate_case, pin_lines, take_back, verify_case
from ashiato.terms.errors import CaseError
from tests.journeys.demo import export
from tests.journeys.finished import Finished
from tests.journeys.shop import WALKED, open_shop, write_shop

pytestmark = pytest.mark.slow
_WALK = "access.log:301-360"
_SCAN = "our own check, <ticket> (7); =1+1"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A shop whose break-in was investigated."""
    case = open_shop(write_shop(tmp_path_factory.mktemp("pins")))
    investigate_case(case)
    return case


def _again(case: Case, name: str) -> Finished:
    investigate_case(case)
    return Finished(case, export(case, case.folder.parent / name))


def _table(finished: Finished, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(finished.files[name].decode("utf-8-sig").splitlines()))


def test_what_is_left_out_is_listed_with_whom_it_spares(shop: Case) -> None:
    before = _again(shop, "before")
    assert pin_lines(shop, _WALK, HONEST, _SCAN, "Aoi") == len(WALKED)
    after = _again(shop, "after")
    spared = {int(row["key"]): row for row in _table(after, "spared.csv")}
    assert {key for key, row in spared.items() if row["would_be"] == "confirmed"} == set(WALKED)
    assert {row["stays"] for row in spared.values()} <= {"not shown", "possible"}
    assert not {int(key) for key, grade in after.grades.items() if grade == "confirmed"} & set(WALKED)
    (told,) = after.summary["excluded"]
    assert (told["analyst"], told["because"]) == ("Aoi", _SCAN)
    assert told["records"]["at_least"]["value"] == len(WALKED) == told["by_these_only"]["value"]
    lines = [int(row["line"]) for row in _table(after, "excluded.csv") if row["file"] == "access.log"]
    assert set(range(301, 361)) <= set(lines)
    assert not {(row["file"], row["line"]) for row in _table(after, "intrusion.csv")} & {
        (row["file"], row["line"]) for row in _table(after, "excluded.csv")
    }
    assert "our own check" in after.files["report.html"].decode()
    take_back(shop, _WALK, "no longer sure", "Aoi")
    assert _again(shop, "back").files == before.files


def test_a_pinned_line_is_hostile_by_its_reason(shop: Case) -> None:
    lines = {int(row["line"]) for row in _table(_again(shop, "first"), "intrusion.csv")}
    free = next(line for line in range(1, 300) if line not in lines) if len(lines) < 300 else 301
    pin_lines(shop, f"access.log:{free}", HOSTILE, "ransom note (1)", "Aoi")
    after = _again(shop, "hostile")
    (row,) = [
        row
        for row in _table(after, "intrusion.csv")
        if (row["file"], row["line"]) == ("access.log", str(free))
    ]
    assert (row["confidence"], row["why"]) == ("1", "pinned(by=Aoi,because=ransom note _1_)")
    assert after.files == _again(shop, "same").files
    assert list(verify_case(shop)) == []
    take_back(shop, f"access.log:{free}", "done", "Aoi")


@pytest.mark.parametrize(
    ("place", "because", "told"),
    [
        ("access.log", "x", "names no line"),
        ("other.log:3", "x", "no such file"),
        ("access.log:99999", "x", "no such line: the file has"),
        ("access.log:1", "  ", "needs a reason"),
    ],
)
def test_a_place_that_tells_nothing_is_refused(shop: Case, place: str, because: str, told: str) -> None:
    with pytest.raises(CaseError, match=told) as refused:
        pin_lines(shop, place, HOSTILE, because, "Aoi")
    assert place.split(":", maxsplit=1)[0] in str(refused.value)
    with pytest.raises(CaseError, match="no pin here"):
        take_back(shop, place, "x", "Aoi")


def test_the_ledger_keeps_every_word(shop: Case) -> None:
    entries = [json.loads(line) for line in (shop.folder / "ledger.jsonl").read_text().splitlines()]
    said = [entry["inputs"] for entry in entries if entry["action"] in ("pin", "unpin")]
    assert all({"place", "analyst", "because"} <= word.keys() for word in said)


def test_nothing_can_be_pinned_before_it_is_read(tmp_path: Path) -> None:
    case = open_shop(write_shop(tmp_path))
    with pytest.raises(CaseError, match="nothing has been read yet"):
        pin_lines(case, "access.log:1", HOSTILE, "x", "Aoi")
