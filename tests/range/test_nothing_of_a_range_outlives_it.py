"""Every process of a range is gone when its keeper is killed; that it is after a stop, the fixture holds."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from range.errors import RangeError
from range.keeper import Wanted
from range.place import Place, find_place
from range.running import find_keeper, start, stop
from tests.journeys.databases import find_program, temporary_folder
from tests.range.living import await_no_process, processes_of

pytestmark = pytest.mark.slow


def _first_process(told: Path) -> int:
    return int((told.read_text("utf-8").split() or ["0"])[0]) if told.exists() else 0


def _kill_and_await(told: Path, place: Place) -> bool:
    """Kill a server by the process its file tells; returns whether another serves within 30 seconds."""
    killed, until = _first_process(told), time.monotonic() + 30
    os.kill(killed, signal.SIGKILL)
    while time.monotonic() < until:
        if _first_process(told) not in {0, killed} and _signs_in(place) == 303:
            return True
        time.sleep(0.2)
    return False


def _signs_in(place: Place) -> int:
    client, reply = place.customer("127.66.9.1", 3)
    client.close()
    return reply.status


def test_killed_servers_come_back_and_a_killed_keeper_leaves_no_process() -> None:
    for name in ("nginx", "initdb", "mariadbd"):
        find_program(name)
    with temporary_folder() as (kept, _):
        folder = kept / "range"
        start(Wanted(folder, 200))
        keeper = find_keeper(folder)
        assert keeper is not None
        assert len(processes_of(folder)) > 8
        with pytest.raises(RangeError, match="already"):
            start(Wanted(folder, 200))
        place = find_place(folder, "insurer")
        for killed in (folder / "insurer/nginx/nginx.pid", folder / "insurer/postgresql/pg/postmaster.pid"):
            assert _kill_and_await(killed, place), f"{killed.name}: not started again"
        os.kill(keeper, signal.SIGKILL)
        assert not await_no_process(folder)
        assert find_keeper(folder) is None
        assert not stop(folder)
