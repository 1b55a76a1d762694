from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from ashiato.engine.api import Case

Run = Callable[..., Result]


def test_case_is_made_with_its_zone(run: Run, tmp_path: Path) -> None:
    made = run("case", "new", tmp_path / "c", "--zone", "Europe/Berlin", "--json")
    assert made.exit_code == 0
    assert json.loads(made.stdout)["zone"] == "Europe/Berlin"
    assert json.loads((tmp_path / "c" / "case.json").read_text())["zone"] == "Europe/Berlin"


def test_folder_in_use_is_refused_with_a_remedy(run: Run, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    refused = run("case", "new", tmp_path)
    assert refused.exit_code == 3
    assert refused.stdout == ""
    assert "something here already" in refused.stderr
    assert "fix: name a new folder" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_unknown_zone_is_refused(run: Run, tmp_path: Path) -> None:
    refused = run("case", "new", tmp_path / "c", "--zone", "Mars/Olympus")
    assert refused.exit_code == 3
    assert "Mars/Olympus" in refused.stderr
    assert not (tmp_path / "c").exists()


def test_evidence_is_sealed_once(run: Run, tmp_path: Path) -> None:
    run("case", "new", tmp_path / "c", "--zone", "UTC")
    (tmp_path / "a.log").write_text("one line\n")
    first = run("evidence", "add", tmp_path / "c", tmp_path / "a.log", "--source", "web1", "--json")
    again = run("evidence", "add", tmp_path / "c", tmp_path / "a.log", "--json")
    assert json.loads(first.stdout)["added"] == ["a.log"]
    assert json.loads(again.stdout) == json.loads(again.stdout) | {"added": [], "already": ["a.log"]}


def test_missing_evidence_names_the_path(run: Run, tmp_path: Path) -> None:
    run("case", "new", tmp_path / "c", "--zone", "UTC")
    refused = run("evidence", "add", tmp_path / "c", tmp_path / "nowhere")
    assert refused.exit_code == 4
    assert "nowhere" in refused.stderr


def test_snapshot_takes_the_only_system_of_the_map(run: Run, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text("systems:\n  crm: {tables: {t: {key: id}}}\n")
    run("case", "new", tmp_path / "c", "--zone", "Asia/Tokyo", "--datamap", tmp_path / "map.yaml")
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "t.csv").write_text("id\n1\n")
    added = run("snapshot", "add", tmp_path / "c", tmp_path / "dump", "--as-of", "2026-06-11T03:12", "--json")
    assert json.loads(added.stdout) == {"system": "crm", "as_of": "2026-06-11T03:12:00+09:00"}


def test_snapshot_asks_which_of_several_systems(run: Run, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text("systems:\n  a: {tables: {}}\n  b: {tables: {}}\n")
    run("case", "new", tmp_path / "c", "--zone", "UTC", "--datamap", tmp_path / "map.yaml")
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "t.csv").write_text("id\n1\n")
    refused = run("snapshot", "add", tmp_path / "c", tmp_path / "dump", "--as-of", "2026-06-11")
    assert refused.exit_code == 3
    assert "--system" in refused.stderr


def test_folder_that_is_no_case_is_refused(run: Run, tmp_path: Path) -> None:
    for words in (
        ("investigate", tmp_path),
        ("verify", tmp_path),
        ("export", tmp_path, "--to", tmp_path / "out"),
        ("explain", tmp_path, "--person", "1"),
        ("datamap", "draft", tmp_path),
    ):
        refused = run(*words)
        assert refused.exit_code == 3, words
        assert "not a case" in refused.stderr


def test_data_map_problems_have_a_line_and_a_fix(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("systems:\n  shop:\n    tabels: {}\n")
    told = run("datamap", "check", path)
    assert told.exit_code == 5
    assert f"{path}:3" in told.stdout
    assert "tables" in told.stdout
    (problem,) = json.loads(run("datamap", "check", path, "--json").stdout)
    assert (problem["line"], problem["level"]) == (3, "error")


def test_case_takes_the_zone_of_its_map(run: Run, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text("zone: Asia/Tokyo\n")
    made = run("case", "new", tmp_path / "c", "--datamap", tmp_path / "map.yaml", "--json")
    assert json.loads(made.stdout)["zone"] == "Asia/Tokyo"
    words = ("--datamap", tmp_path / "map.yaml", "--zone", "UTC", "--json")
    assert json.loads(run("case", "new", tmp_path / "d", *words).stdout)["zone"] == "UTC"


def test_faulty_map_makes_no_case(run: Run, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text("zone: Asia/Tokyo\nsystms: {}\n")
    refused = run("case", "new", tmp_path / "c", "--datamap", tmp_path / "map.yaml")
    assert refused.exit_code == 5
    assert "map.yaml:2" in refused.stderr
    assert not (tmp_path / "c").exists()


def test_map_in_a_case_is_held_against_snapshots(run: Run, case: Case) -> None:
    path = case.datamap_path
    path.write_text(path.read_text().replace("email:", "e_mail:"))
    told = run("datamap", "check", path)
    assert told.exit_code == 0, told.stdout
    assert "advice: " in told.stdout
    assert "the snapshot's table has no column `e_mail`. Fix: did you mean `email`?" in told.stdout
    elsewhere = case.folder.parent / "map.yaml"
    elsewhere.write_text(path.read_text())
    assert run("datamap", "check", elsewhere).stdout == "The data map is right.\n"
