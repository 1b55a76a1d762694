from __future__ import annotations

import json
import stat
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.case import create_case, moment_us_of, open_case, zone_of
from ashiato.engine.ledger import check_chain, list_entries
from ashiato.terms.errors import CaseError
from ashiato.terms.times import iso_of
from tests.engine.casework import NOW_US, new_case

TOKYO = ZoneInfo("Asia/Tokyo")


def test_a_new_case_is_complete_and_private(tmp_path: Path) -> None:
    datamap = tmp_path / "map.yaml"
    datamap.write_text("systems: {}\n")
    case = create_case(tmp_path / "deep" / "case", "Asia/Tokyo", lambda: NOW_US, datamap)
    names = {path.name for path in case.folder.iterdir()}
    assert names == {"case.json", "datamap.yaml", "evidence", "ledger.jsonl", "lock", "runs", "snapshots"}
    assert stat.S_IMODE(case.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((case.folder / "case.json").stat().st_mode) == 0o600
    assert case.datamap_path.read_text() == "systems: {}\n"
    again = open_case(case.folder, lambda: NOW_US)
    assert (again.folder, again.zone) == (case.folder, TOKYO)
    assert [entry["action"] for entry in list_entries(case.folder)] == ["case new"]
    assert check_chain(case.folder) == []


def test_a_case_can_be_carried_elsewhere(tmp_path: Path) -> None:
    case = new_case(tmp_path / "case")
    moved = case.folder.rename(tmp_path / "other name")
    assert open_case(moved, lambda: NOW_US).folder == moved


def test_a_folder_in_use_is_not_made_a_case(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "letter.txt").write_text("mine")
    with pytest.raises(CaseError, match="something here already"):
        new_case(tmp_path / "case")
    assert [path.name for path in (tmp_path / "case").iterdir()] == ["letter.txt"]


def test_a_newer_format_is_refused_with_words(tmp_path: Path) -> None:
    case = new_case(tmp_path / "case")
    kept = json.loads((case.folder / "case.json").read_text())
    kept |= {"format": 2, "made_by": "ashiato 9.1"}
    (case.folder / "case.json").write_text(json.dumps(kept))
    with pytest.raises(CaseError, match=r"format 2, made by ashiato 9.1.*up to format 1"):
        open_case(case.folder, lambda: NOW_US)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "1", "zone": "UTC"}', "\0\0", '{"format": 1}'])
def test_a_damaged_case_file_is_told(tmp_path: Path, text: str) -> None:
    case = new_case(tmp_path / "case")
    (case.folder / "case.json").write_text(text)
    with pytest.raises(CaseError, match=r"case\.json cannot be read"):
        open_case(case.folder, lambda: NOW_US)


def test_a_folder_without_a_case_is_told(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="not a case"):
        open_case(tmp_path, lambda: NOW_US)


@pytest.mark.parametrize("name", ["Asia/Tokio", "../../etc/passwd", "", "\0", "/etc/localtime"])
def test_zones_that_do_not_exist_are_told(name: str) -> None:
    with pytest.raises(CaseError, match="no time zone"):
        zone_of(name)


def test_a_naive_time_takes_the_zone_of_the_case() -> None:
    assert moment_us_of("2026-06-11T03:12:00", TOKYO) == moment_us_of("2026-06-10T18:12:00Z", TOKYO)
    assert moment_us_of("2026-06-11 03:12:00+00:00", TOKYO) == moment_us_of("2026-06-11T12:12:00", TOKYO)
    with pytest.raises(CaseError, match="is not a time"):
        moment_us_of("yesterday", TOKYO)


@given(st.integers(0, 4_000_000_000_000_000))
def test_times_written_are_read_back(time_us: int) -> None:
    assert moment_us_of(iso_of(time_us, TOKYO), TOKYO) == time_us
