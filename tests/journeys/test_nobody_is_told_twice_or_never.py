"""Everybody is told once, whatever breaks meanwhile; judged by what a mail server took."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.sending_faults import run_faults
from tests.rooms import server

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _server_of_its_own() -> Iterator[None]:
    """Whatever server a run brings up, the tests after it have theirs."""
    home = server.home()
    yield
    server.use_home(home)


@pytest.mark.parametrize(("engine", "people", "faults"), [("sqlite", 2_000, 20), ("postgresql", 2_000, 20)])
def test_everybody_is_told_once_whatever_breaks(engine: str, people: int, faults: int) -> None:
    figures = run_faults(people, faults, engine, seed=7)
    assert sum(figures.faults.values()) == faults
    assert (figures.lost, figures.twice, figures.in_doubt) == (0, 0, 0), figures
    assert figures.handed == people
    # Twenty faults over four workers may all fall between two claims.
    assert figures.doubted > 0 or engine == "postgresql"
    assert figures.sum_holds
    assert figures.strays == 0
