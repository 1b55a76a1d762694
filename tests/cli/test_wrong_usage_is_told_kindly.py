"""What a newcomer does wrong: each time the place, the fault and the remedy, and nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from ashiato.engine.api import Case

Run = Callable[..., Result]


@pytest.fixture
def empty(run: Run, tmp_path: Path) -> Path:
    """A case without anything in it."""
    folder = tmp_path / "c"
    assert run("case", "new", folder, "--zone", "UTC").exit_code == 0
    return folder


def test_case_without_evidence_is_not_investigated(run: Run, empty: Path) -> None:
    refused = run("investigate", empty)
    assert refused.exit_code == 3
    assert "there is no evidence in this case" in refused.stderr
    assert "ashiato evidence add" in refused.stderr
    assert list((empty / "runs").iterdir()) == []


def test_engine_that_is_none_is_wrong_usage(run: Run, case: Case) -> None:
    refused = run("investigate", case.folder, "--engine", "sparc")
    assert refused.exit_code == 2
    assert "write duckdb, spark or spark://HOST:PORT" in refused.stderr


@pytest.mark.parametrize("inside", ["evidence", "snapshots/x", "runs/0001"])
def test_answer_is_not_written_among_what_is_sealed(run: Run, case: Case, inside: str) -> None:
    before = sorted(case.folder.rglob("*"))
    refused = run("export", case.folder, "--to", case.folder / inside)
    assert refused.exit_code == 3
    assert "holds what is sealed" in refused.stderr
    assert sorted(case.folder.rglob("*")) == before


def test_single_table_names_its_folder_as_remedy(run: Run, empty: Path, tmp_path: Path) -> None:
    (tmp_path / "owners.csv").write_text("id\n1\n")
    refused = run("snapshot", "add", empty, tmp_path / "owners.csv", "--as-of", "2026-01-01")
    assert refused.exit_code == 3
    assert "owners.csv: this is one table" in refused.stderr
    assert "fix: name its folder" in refused.stderr


def test_snapshot_that_is_not_there_is_told(run: Run, empty: Path, tmp_path: Path) -> None:
    refused = run("snapshot", "add", empty, tmp_path / "nowhere", "--as-of", "2026-01-01")
    assert refused.exit_code == 3
    assert "nowhere: there is no such file or folder" in refused.stderr


def test_case_folder_stands_for_its_map(run: Run, case: Case) -> None:
    assert run("datamap", "check", case.folder).stdout == "The data map is right.\n"


def test_map_that_says_nothing_is_told_as_such(run: Run, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text("\n")
    told = run("datamap", "check", tmp_path / "map.yaml")
    assert told.exit_code == 0
    assert "it names no table" in told.stdout


def test_verbs_stand_in_the_order_of_work(run: Run) -> None:
    listed = run("--help").stdout.split("Commands:")[1].splitlines()
    names = [line.split()[0] for line in listed if line.startswith("  ") and line.strip()][:15]
    answers = ["investigate", "explain", "pin", "unpin", "people", "duties", "clients", "draft", "notify"]
    assert names == ["case", "evidence", "snapshot", "datamap", *answers, "verify", "export"]
    assert "..." not in "".join(listed[:16])
