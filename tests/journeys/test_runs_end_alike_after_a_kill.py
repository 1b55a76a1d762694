"""A run that is killed and taken up again gives the bytes of one that nobody disturbed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ashiato.engine.api import Case, investigate_case, open_case, verify_case
from ashiato.engine.pipeline import STAGES
from ashiato.engine.runs import list_runs
from tests.journeys.command import ASHIATO, must, surroundings
from tests.journeys.demo import DATAMAP, NOW_US, answer, export, make_case, take_night
from tests.journeys.dying import LEDGER

pytestmark = pytest.mark.slow
NAMES = [name for name, _ in STAGES]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The evidence of one night."""
    return take_night(tmp_path_factory.mktemp("night") / "evidence")


@pytest.fixture(scope="module")
def undisturbed(night: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run that nobody disturbed."""
    files = answer(tmp_path_factory.mktemp("undisturbed") / "case", night)
    assert files["persons.csv"].count(b"confirmed/L3") > 400
    return files


def _kill(case: Case, stage: str, place: str) -> None:
    """Investigate in a process that dies at a place."""
    words = [sys.executable, "-m", "tests.journeys.dying", str(case.folder), stage, place]
    done = subprocess.run(words, cwd=ROOT, env=surroundings(), capture_output=True, check=False, timeout=300)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def _left_over(case: Case) -> list[str]:
    return sorted(path.name for path in case.folder.rglob(".*"))


def test_a_run_killed_twice_in_every_stage_ends_alike(
    night: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    """One run dies at every place there is, one after the other, and is taken up again each time."""
    case = make_case(tmp_path / "case", night)
    for number, stage in enumerate([*NAMES, LEDGER]):
        for place in ("first", "last"):
            _kill(case, stage, place)
            (run,) = list_runs(case)
            assert [name for name in NAMES if run.is_done(name)] == NAMES[:number], (stage, place)
            assert run.finished is None
    investigate_case(case)
    assert export(case, tmp_path / "answer") == undisturbed
    assert len(list_runs(case)) == 1
    assert verify_case(case) == []
    assert _left_over(case) == []


def test_the_command_killed_again_and_again_ends_alike(
    night: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    case = make_case(tmp_path / "case", night)
    for before in [None, *NAMES[:-1]]:
        with subprocess.Popen(
            [ASHIATO, "investigate", case.folder],
            env=surroundings(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as child:
            _wait_for_a_table(case.folder / "runs" / "0001", before, child)
            child.kill()
        assert child.returncode == -signal.SIGKILL
    told = must("investigate", case.folder, "--json")
    assert json.loads(told.out)["records"]["all"]["value"] == 20000
    again = open_case(case.folder, lambda: NOW_US)
    assert export(again, tmp_path / "answer") == undisturbed
    assert must("verify", case.folder).code == 0


def _wait_for_a_table(run: Path, before: str | None, child: subprocess.Popen[bytes]) -> None:
    """Wait until the stage after ``before`` has its first table."""
    for _ in range(60_000):
        assert child.poll() is None, child.stderr.read() if child.stderr else ""
        mark = run / f"{before}.done.json"
        since = mark.stat().st_mtime_ns if before and mark.exists() else None if before else 0
        if since is not None and any(time_ns > since for time_ns in _writing_times(run)):
            return
        time.sleep(0.005)
    pytest.fail(f"no table after {before}")


def _writing_times(run: Path) -> Iterator[int]:
    """When each table of a run was written; one that the run takes away meanwhile has no time."""
    for path in run.glob("[!.]*.parquet"):
        with suppress(FileNotFoundError):
            yield path.stat().st_mtime_ns


def test_other_settings_of_the_machine_change_nothing(
    night: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    """Another process, hash seed, zone, language and folder: the same bytes."""
    case, out = tmp_path / "elsewhere" / "case", tmp_path / "elsewhere" / "answer"
    other = make_case(tmp_path / "first", night)
    case.mkdir(parents=True)
    settings = {"PYTHONHASHSEED": "7", "TZ": "America/New_York", "LC_ALL": "C", "COLUMNS": "40"}
    (snapshot,) = (other.folder / "snapshots").glob("*/tables")
    for words in (
        ["case", "new", case, "--zone", "Asia/Tokyo", "--datamap", DATAMAP],
        ["snapshot", "add", case, snapshot, "--as-of", "2026-06-11T03:12:00+09:00", "--system", "petdb"],
        ["evidence", "add", case, night],
        ["investigate", case],
        ["export", case, "--to", out],
    ):
        subprocess.run(
            [ASHIATO, *map(str, words)], env=surroundings() | settings, check=True, capture_output=True
        )
    assert {path.name: path.read_bytes() for path in out.iterdir()} == undisturbed
    investigate_case(other)
    assert _table_hashes(case) == _table_hashes(other.folder)


def _table_hashes(case: Path) -> dict[str, str]:
    entries = [json.loads(line) for line in (case / "ledger.jsonl").read_text().splitlines()]
    (found,) = [entry["results"]["tables"] for entry in entries if entry["action"] == "investigate"]
    assert {"events", "exposures", "people"} <= found.keys()
    return dict(found)
