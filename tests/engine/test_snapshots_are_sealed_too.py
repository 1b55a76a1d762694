from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.engine.case import Case
from ashiato.engine.ledger import list_entries
from ashiato.engine.snapshots import add_snapshot, list_snapshots
from ashiato.engine.verifying import verify_case
from ashiato.terms.errors import CaseError, EvidenceError
from tests.engine.casework import new_case


def _tables(folder: Path, name: str = "Emi") -> Path:
    folder.mkdir()
    (folder / "owners.csv").write_text(f"id,name\n1,{name}\n")
    (folder / "schema.sql").write_text("CREATE TABLE owners (id int PRIMARY KEY, name text);\n")
    (folder / "notes.txt").write_text("not a table")
    return folder


def test_tables_and_schema_are_copied_and_listed(tmp_path: Path) -> None:
    case = new_case(tmp_path / "case")
    snapshot = add_snapshot(case, _tables(tmp_path / "t"), "2026-06-11T03:12:00", "petapp")
    assert list_snapshots(case) == (snapshot,)
    assert snapshot.system == "petapp"
    assert snapshot.as_of_us == 1_781_115_120_000_000
    assert sorted(path.name for path in snapshot.folder.iterdir()) == ["owners.csv", "schema.sql"]
    assert (snapshot.folder / "owners.csv").read_text() == "id,name\n1,Emi\n"
    assert verify_case(case) == []


def test_snapshots_are_listed_by_system_and_time(tmp_path: Path) -> None:
    case = new_case(tmp_path / "case")
    tables = _tables(tmp_path / "t")
    for as_of, system in (("2026-06-12", "b"), ("2026-06-11", "b"), ("2026-06-13", "a/../x")):
        add_snapshot(case, tables, as_of, system)
    listed = [(one.system, one.as_of_us) for one in list_snapshots(case)]
    assert listed == sorted(listed)
    assert [system for system, _ in listed] == ["a/../x", "b", "b"]
    assert len({one.folder for one in list_snapshots(case)}) == 3


def test_the_same_snapshot_again_changes_nothing(tmp_path: Path) -> None:
    case = new_case(tmp_path / "case")
    first = add_snapshot(case, _tables(tmp_path / "t"), "2026-06-11", "s")
    assert add_snapshot(case, tmp_path / "t", "2026-06-11", "s") == first
    assert len(list_entries(case.folder, "snapshot add")) == 1
    with pytest.raises(CaseError, match="another snapshot"):
        add_snapshot(case, _tables(tmp_path / "other", "Dan"), "2026-06-11", "s")


def test_folders_without_tables_are_refused(tmp_path: Path) -> None:
    case = new_case(tmp_path / "case")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CaseError, match="no table is here"):
        add_snapshot(case, tmp_path / "empty", "2026-06-11", "s")
    with pytest.raises(CaseError, match="no table is here"):
        add_snapshot(case, tmp_path / "nowhere", "2026-06-11", "s")
    assert list_snapshots(case) == ()


def test_a_snapshot_cut_short_before_the_ledger_is_made_good(tmp_path: Path) -> None:
    case = new_case(tmp_path / "case")
    ledger = case.folder / "ledger.jsonl"
    before = ledger.read_bytes()
    _add(case, tmp_path)
    ledger.write_bytes(before)
    assert ["cut short" in problem.what for problem in verify_case(case)] == [True]
    add_snapshot(case, tmp_path / "t", "2026-06-11", "s")
    assert verify_case(case) == []


def _add(case: Case, tmp_path: Path) -> None:
    add_snapshot(case, _tables(tmp_path / "t"), "2026-06-11", "s")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"id,name\n1,Emi\n2,Ken,extra\n", r"owners\.csv"),
        ("id,name\n1,\u8868\u793a\n".encode("cp932"), r"owners\.csv:2"),
        (b"\xff\xfe\x00\x00\x01" * 50, r"owners\.csv"),
    ],
    ids=["ragged", "cp932", "noise"],
)
def test_file_that_is_no_table_is_refused_with_its_place(content: bytes, place: str, tmp_path: Path) -> None:
    case = new_case(tmp_path / "case")
    tables = _tables(tmp_path / "t")
    (tables / "owners.csv").write_bytes(content)
    with pytest.raises(EvidenceError, match=place):
        add_snapshot(case, tables, "2026-06-12", "petapp")
    assert list_snapshots(case) == ()
    assert not [path for path in (case.folder / "snapshots").iterdir() if path.is_dir()]
