"""One range for all tests of a worker, gone when they end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from range.keeper import Wanted
from range.place import Place, find_place
from range.running import running
from tests.journeys.databases import find_program, temporary_folder
from tests.range.living import await_no_process

PEOPLE = 2000


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """The folder of a range with both sites; skipped where a server is not installed."""
    for name in ("nginx", "initdb", "mariadbd"):
        find_program(name)
    with temporary_folder() as (kept, _):
        wanted = Wanted(kept / "range", PEOPLE, seed=11)
        with running(wanted):
            yield wanted.folder
        assert not await_no_process(wanted.folder), "stopped, and yet something runs"


@pytest.fixture(scope="session", params=["insurer", "agency"])
def place(folder: Path, request: pytest.FixtureRequest) -> Place:
    """Each site of it."""
    return find_place(folder, request.param)
