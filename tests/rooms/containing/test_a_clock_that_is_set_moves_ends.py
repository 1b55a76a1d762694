"""The wall clock set forward or back: a plan holds as long as was promised, no shorter and no longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from ashiato.outside.controls.nftables import Nftables
from ashiato.rooms.accounts.api import LedgerEntry
from ashiato.rooms.containing import api
from tests.rooms.containing.pens import Hourglass, Pen, wishes

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class _Set(Hourglass):
    """A clock whose hands somebody sets; the steady one goes on by itself."""

    seconds: float = 0.0

    def steady(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        super().wait(seconds)
        self.seconds += seconds


def _round(watch: api.WallClock) -> None:
    watch.take_round()
    api.take_round(watch.means)


@pytest.mark.slow
@pytest.mark.parametrize(
    "by", [timedelta(days=1), timedelta(minutes=10), -timedelta(days=1), -timedelta(minutes=10)], ids=str
)
def test_a_plan_holds_as_long_as_was_promised(tmp_path: Path, by: timedelta) -> None:
    pen = Pen(tmp_path / "site", _Set())
    watch = api.WallClock(pen.means())
    plan = api.propose(pen.means(), wishes("a"), api.Cause("walk", alarm_key="before"))
    pen.clock.wait(1800)
    _round(watch)
    pen.clock.at += by
    pen.clock.wait(5)
    new = api.propose(pen.means(), wishes("b"), api.Cause("walk", alarm_key="after"))
    _round(watch)
    assert pen.ended() == {"a", "b"}
    pen.clock.wait(1790)
    _round(watch)
    assert pen.ended() == {"a", "b"}
    pen.clock.wait(10)
    _round(watch)
    assert pen.ended() == {"b"}
    plan.refresh_from_db()
    assert (plan.stand, LedgerEntry.objects.filter(verb="containment end moved").count()) == ("expired", 1)
    pen.clock.wait(1800)
    _round(watch)
    new.refresh_from_db()
    assert (new.stand, pen.ended()) == ("expired", set())


def test_a_clock_that_is_kept_right_moves_nothing(tmp_path: Path) -> None:
    pen = Pen(tmp_path / "site", _Set())
    watch = api.WallClock(pen.means())
    plan = api.propose(pen.means(), wishes("a"), api.Cause("walk", alarm_key="k"))
    until = plan.until
    for _ in range(5):
        pen.clock.wait(5)
        pen.clock.at += timedelta(seconds=1)
        _round(watch)
    plan.refresh_from_db()
    assert plan.until == until


def test_what_a_state_tells_of_time_moves_with_it() -> None:
    assert Nftables().shifted({"denied": True, "until": 100}, -40) == {"denied": True, "until": 60}
    assert Nftables().shifted({"denied": False, "until": None}, 40) == {"denied": False, "until": None}
