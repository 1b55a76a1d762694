"""Every process of a range is gone when its keeper is killed; that it is after a stop, the fixture holds."""

from __future__ import annotations

import os
import signal

import pytest

from range.errors import RangeError
from range.keeper import Wanted
from range.running import find_keeper, start, stop
from tests.journeys.databases import find_program, temporary_folder
from tests.range.living import await_no_process, processes_of

pytestmark = pytest.mark.slow


def test_a_killed_keeper_leaves_no_process() -> None:
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
        os.kill(keeper, signal.SIGKILL)
        assert not await_no_process(folder)
        assert find_keeper(folder) is None
        assert not stop(folder)
