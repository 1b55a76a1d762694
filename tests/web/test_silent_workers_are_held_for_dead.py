"""A worker of another machine, or one whose lock was not taken along: its silence alone can prove it dead."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from django.utils import timezone

from ashiato.engine.case import writing
from ashiato.rooms.accounts.api import add_staff
from ashiato.rooms.cases import api
from ashiato.rooms.living import MachineClock, held_lock, machine_id
from ashiato.web.running import Worker
from tests.cli.sample_case import make_case

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class _Clock(MachineClock):
    """The machine's clock, whose steady seconds the test moves."""

    seconds: float = 0.0

    def steady(self) -> float:
        return self.seconds


def _running(folder: Path, holder: api.Holder) -> api.CaseFile:
    """A run that a holder took up and that somebody asked to stop: let go of, it is over."""
    file, aoi, now = (
        api.open_casefile(make_case(folder).folder, timezone.now()),
        add_staff("aoi"),
        timezone.now(),
    )
    asked = api.ask_run(file, aoi, now)
    api.claim(asked, holder, now)
    api.ask_stop(file, aoi, now)
    return file


@pytest.mark.parametrize("machine", ["elsewhere 1", machine_id()], ids=["elsewhere", "lock left behind"])
def test_two_minutes_without_a_beat_end_it_and_a_beat_does_not(tmp_path: Path, machine: str) -> None:
    holder = api.Holder(machine, str(tmp_path / "none.lock"))
    file = _running(tmp_path, holder)
    clock = _Clock()
    worker = Worker(api.Holder(machine_id(), str(tmp_path / "mine.lock")), lambda: False, clock)
    for seconds, is_beating in ((0.0, False), (100.0, True), (200.0, False), (219.0, False)):
        clock.seconds = seconds
        if is_beating:
            api.note_step(api.list_open()[0], holder, api.Step("reading", 0, 1))
        assert not worker.take_one()
        assert [run.stand for run in api.list_open()] == [api.Stand.RUNNING]
    clock.seconds = 221.0
    worker.take_one()
    over = api.newest_of(file)
    assert over is not None
    assert over.stand == api.Stand.STOPPED


def test_a_worker_that_holds_its_lock_here_is_never_held_for_dead(tmp_path: Path) -> None:
    lock = tmp_path / "held.lock"
    with held_lock(lock):
        _running(tmp_path, api.Holder(machine_id(), str(lock)))
        clock = _Clock()
        worker = Worker(api.Holder(machine_id(), str(tmp_path / "mine.lock")), lambda: False, clock)
        for seconds in (0.0, 10_000.0):
            clock.seconds = seconds
            assert not worker.take_one()
        assert [run.stand for run in api.list_open()] == [api.Stand.RUNNING]


@pytest.mark.slow
def test_a_case_that_another_holds_is_waited_for_and_one_that_is_gone_is_not(tmp_path: Path) -> None:
    case, now = make_case(tmp_path), timezone.now()
    file, clock = api.open_casefile(case.folder, now), _Clock()
    asked, lock = api.ask_run(file, add_staff("aoi"), now), tmp_path / "mine.lock"
    with held_lock(lock):
        worker = Worker(api.Holder(machine_id(), str(lock)), lambda: False, clock)
        with writing(case):
            assert worker.take_one()
        (waiting,) = api.list_open()
        assert (waiting.stand, waiting.deaths) == (api.Stand.WAITING, 0)
        assert "is being written by process" in waiting.fault
        assert not worker.take_one()  # not again at once
        clock.seconds = 11.0
        elsewhere = api.Holder("elsewhere 1", "gone.lock")
        api.claim(asked, elsewhere, now)
        api.release_dead(api.list_open()[0], now)
        (case.folder / "lock").write_text('{"pid": 7, "host": "elsewhere"}')
        assert worker.take_one()
    over = api.newest_of(file)
    assert over is not None
    assert over.stand in {api.Stand.DONE, api.Stand.FAILED}
    assert "being written" not in over.fault
