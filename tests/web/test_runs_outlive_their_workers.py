"""Real workers over a real case: killed, two at once, told to stop; no run is lost, none is made twice."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from ashiato.engine.api import check_chain, list_entries
from ashiato.rooms.accounts.api import add_staff
from ashiato.rooms.cases import api
from tests.journeys import demo
from tests.rooms import server

pytestmark = pytest.mark.slow
_MOST_SECONDS = 180


@pytest.fixture
def file(tmp_path: Path) -> Iterator[api.CaseFile]:
    """One night of the shipped break-in, known to a server in a data folder of its own."""
    before = server.home()
    case = demo.make_case(tmp_path / "night", demo.take_night(tmp_path / "evidence"))
    server.use_home(tmp_path / "home")
    try:
        yield api.open_casefile(case.folder, timezone.now())
    finally:
        server.use_home(before)


class _Workers:
    def __init__(self, home: Path) -> None:
        self.home, self.begun = home, list[subprocess.Popen[bytes]]()

    def begin(self) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "ashiato.web.runner", str(self.home)]
        self.begun.append(subprocess.Popen(words, stdin=subprocess.PIPE, cwd=demo.DEMO))
        return self.begun[-1]

    def end_all(self) -> None:
        for each in self.begun:
            assert each.stdin is not None
            each.stdin.close()
        assert {each.wait(60) for each in self.begun} <= {0, -9}


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[_Workers]:
    begun = _Workers(tmp_path / "home")
    try:
        yield begun
    finally:
        begun.end_all()


def _wait(file: api.CaseFile, until: Callable[[api.Investigation], bool]) -> api.Investigation:
    for _ in range(_MOST_SECONDS * 10):
        newest = api.newest_of(file)
        assert newest is not None
        if until(newest):
            return newest
        time.sleep(0.1)
    raise TimeoutError(str(api.newest_of(file)))


def _is_reading(run: api.Investigation) -> bool:
    return run.stand == api.Stand.RUNNING and run.stage not in {"", "evidence"}


def test_a_run_outlives_its_worker_and_stops_and_goes_on(file: api.CaseFile, workers: _Workers) -> None:
    aoi, folder = add_staff("aoi"), Path(file.folder)
    api.ask_run(file, aoi, timezone.now())
    told = workers.begin()
    _wait(file, lambda run: run.stand == api.Stand.RUNNING)
    told.terminate()
    assert told.wait(60) == 0
    assert [(run.stand, run.deaths) for run in api.list_open()] == [(api.Stand.WAITING, 0)]
    first = workers.begin()
    holder = _wait(file, _is_reading).lock_file
    first.kill()
    first.wait()
    for _ in range(2):
        workers.begin()
    _wait(file, lambda run: run.lock_file != holder and _is_reading(run))
    assert api.ask_stop(file, aoi, timezone.now())
    assert _wait(file, lambda run: not run.is_open).stand == api.Stand.STOPPED
    assert _runs(folder) == [("0001", False)]
    api.ask_run(file, aoi, timezone.now())
    done = _wait(file, lambda run: not run.is_open)
    assert (done.stand, done.run, done.fault) == (api.Stand.DONE, 1, "")
    assert _runs(folder) == [("0001", True)]
    assert [entry["action"] for entry in list_entries(folder)].count("investigate") == 1
    assert check_chain(folder) == []


def _runs(folder: Path) -> list[tuple[str, bool]]:
    """Each run's folder, and whether its answer is pinned."""
    kept = sorted((folder / "runs").iterdir())
    return [(one.name, '"finished": null' not in (one / "run.json").read_text()) for one in kept]


def test_a_run_that_cannot_be_made_says_where(file: api.CaseFile, workers: _Workers) -> None:
    datamap = Path(file.folder) / "datamap.yaml"
    datamap.write_text("systems: [nothing\n", encoding="utf-8")
    api.ask_run(file, add_staff("aoi"), timezone.now())
    workers.begin()
    failed = _wait(file, lambda run: not run.is_open)
    assert failed.stand == api.Stand.FAILED
    assert "datamap.yaml:" in failed.fault_place
    assert failed.fault_fix
