from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.engine.case import Case, open_case
from ashiato.engine.evidence.sealing import Custody, add_evidence
from ashiato.engine.exported import record_export
from ashiato.engine.runs import key_of, list_runs, open_run
from ashiato.engine.snapshots import add_snapshot
from ashiato.engine.store import Store
from ashiato.engine.tables import Table
from ashiato.engine.verifying import Problem, verify_case
from tests.engine.casework import flip_byte, log_lines, new_case, packed


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A case with every kind of thing in it, and an export beside it."""
    made = new_case(tmp_path / "case")
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "access.log").write_bytes(log_lines(2000))
    (logs / "access.log.1.gz").write_bytes(packed(log_lines(900, 9000)))
    add_evidence(made, [logs])
    (tmp_path / "kept.log").write_bytes(log_lines(40, 77_000))
    add_evidence(made, [tmp_path / "kept.log"], Custody(by_reference=True))
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "owners.csv").write_text("id,name\n" + "1,Emi\n" * 2000)
    add_snapshot(made, tmp_path / "tables", "2026-06-11", "petapp")
    _run_and_export(made, tmp_path / "out")
    assert verify_case(made) == []
    return made


def _run_and_export(case: Case, out: Path) -> None:
    run = open_run(case, key_of(case))
    with Store(run.folder) as store:
        numbers = Table("events", "one row per number", {"event_id": "BIGINT"}, ("event_id",))
        store.write(numbers, ((number,) for number in range(20_000)))
        run.mark_done("events", ["events"])
        run.finish(store)
    out.mkdir()
    (out / "persons.csv").write_text("key,grade\n" + "1,confirmed\n" * 1000)
    record_export(run, out, ["persons.csv"])


def _holds(problem: Problem, place: int) -> bool:
    if problem.byte_first is None or problem.byte_last is None:
        return True
    return problem.byte_first <= place <= problem.byte_last


def _files(case: Case, tmp_path: Path) -> dict[str, Path]:
    """One file of each kind, by the name a problem must carry."""
    sealed = sorted((case.folder / "evidence" / "sealed").iterdir(), key=lambda path: path.stat().st_size)
    found = {"access.log.1.gz": sealed[0], "access.log": sealed[1], "kept.log": tmp_path / "kept.log"}
    for pattern in (
        "case.json",
        "ledger.jsonl",
        "evidence/manifest.jsonl",
        "snapshots/*/snapshot.json",
        "snapshots/*/tables/owners.csv",
        "runs/0001/run.json",
        "runs/0001/events.done.json",
        "runs/0001/events.parquet",
        "runs/0001/export-0001.json",
    ):
        path = next(case.folder.glob(pattern))
        found[str(path.relative_to(case.folder))] = path
    found["persons.csv"] = tmp_path / "out" / "persons.csv"
    return found


def test_a_flip_in_any_file_is_found_and_placed(case: Case, tmp_path: Path) -> None:
    for name, path in _files(case, tmp_path).items():
        whole = path.read_bytes()
        last = len(whole) - 1
        for place in {0, last // 7, last // 3, last // 2, last * 4 // 5, last}:
            flip_byte(path, place, 1 << place % 8)
            problems = verify_case(case)
            assert any(name in problem.file and _holds(problem, place) for problem in problems), (name, place)
            path.chmod(0o600)
            path.write_bytes(whole)
    assert verify_case(case) == []


def test_the_place_is_a_block_of_four_kibibytes(case: Case, tmp_path: Path) -> None:
    log = _files(case, tmp_path)["access.log"]
    place = 100_000
    line = log.read_bytes()[:place].count(b"\n") + 1
    flip_byte(log, place)
    (problem,) = verify_case(case)
    assert (problem.byte_first, problem.byte_last) == (98_304, 102_399)
    assert problem.line_first is not None
    assert problem.line_last is not None
    assert problem.line_first <= line <= problem.line_last < problem.line_first + 80
    assert "access.log" in str(problem)
    assert f"line {problem.line_first}-{problem.line_last}" in str(problem)


def test_a_grown_and_a_shrunk_file_are_told(case: Case, tmp_path: Path) -> None:
    log = tmp_path / "kept.log"
    whole = log.read_bytes()
    log.write_bytes(whole + b"one more\n")
    assert "bytes and had" in verify_case(case)[0].what
    log.write_bytes(whole[:-5])
    assert "bytes and had" in verify_case(case)[0].what
    log.unlink()
    assert [str(problem.kind) for problem in verify_case(case)] == ["missing"]


def test_a_missing_file_of_each_kind_is_told(case: Case, tmp_path: Path) -> None:
    for name, path in _files(case, tmp_path).items():
        if name in ("ledger.jsonl", "runs/0001/run.json"):
            continue
        whole = path.read_bytes()
        path.unlink()
        assert verify_case(case), name
        path.write_bytes(whole)


def test_an_emptied_ledger_leaves_everything_unvouched(case: Case) -> None:
    (case.folder / "ledger.jsonl").write_bytes(b"")
    kinds = {(problem.file, str(problem.kind)) for problem in verify_case(case)}
    assert ("case.json", "not in the ledger") in kinds
    assert ("runs/0001", "not in the ledger") in kinds
    assert ("evidence/manifest.jsonl", "not in the ledger") in kinds


def test_a_manifest_cut_back_is_told(case: Case) -> None:
    manifest = case.folder / "evidence" / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes().splitlines(keepends=True)[0])
    problems = verify_case(case)
    assert any("vouches for is not in it" in problem.what for problem in problems)
    assert any("does not list this file" in problem.what for problem in problems)


def test_a_file_slipped_in_is_told(case: Case) -> None:
    (case.folder / "evidence" / "sealed" / "f00d").write_bytes(b"x")
    next(case.folder.glob("snapshots/*/tables")).joinpath("pets.csv").write_text("id\n")
    whats = [problem.what for problem in verify_case(case)]
    assert len(whats) == 2
    assert all("does not list" in what for what in whats)


def test_a_case_carried_elsewhere_is_still_whole(case: Case, tmp_path: Path) -> None:
    report = case.folder / "runs" / "0001" / "report"
    report.mkdir()
    (report / "summary.json").write_text("{}\n")
    record_export(list_runs(case)[0], report, ["summary.json"])
    moved = open_case(case.folder.rename(tmp_path / "elsewhere"), case.clock)
    (tmp_path / "out").rename(tmp_path / "delivered")
    assert verify_case(moved) == []
    flip_byte(moved.folder / "runs" / "0001" / "report" / "summary.json", 1)
    assert [problem.file for problem in verify_case(moved)] == ["runs/0001/report/summary.json"]


def test_a_newer_export_to_a_folder_takes_the_older_ones_place(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "persons.csv").write_text("key,grade\n1,probable\n")
    assert verify_case(case)
    record_export(list_runs(case)[0], out, ["persons.csv"])
    assert verify_case(case) == []
