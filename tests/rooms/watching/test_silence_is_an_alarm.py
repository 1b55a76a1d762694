"""A guard that no longer shows itself is an alarm, so is a source without lines; a clock's jump is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from ashiato.rooms.watching.api import AlarmGroup, Silences, heartbeat, stop_guard
from tests.rooms.watching.watches import AT, policy

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class _Clock:
    """Two clocks, each set by itself."""

    moment: datetime = AT
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.moment

    def steady(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


_POLICY = policy({"guard_silent_seconds": 60, "source_silent_minutes": 5})


def codes() -> list[tuple[str, str]]:
    """What was raised: the reason, and of what."""
    return sorted(AlarmGroup.objects.values_list("kind__code", "rule"))


def test_a_guard_that_stands_still_is_told_of_once_for_each_silence() -> None:
    clock = _Clock()
    one = Silences(_POLICY, clock)
    heartbeat("web-1", {}, AT)
    assert one.take_round() == 0
    clock.wait(61)
    assert one.take_round() == 1
    assert not one.is_guarded
    assert one.take_round() == 0
    assert Silences(_POLICY, clock).take_round() == 0, "another worker has seen nothing yet"
    heartbeat("web-1", {}, AT)
    assert one.take_round() == 0
    assert one.is_guarded
    clock.wait(61)
    assert one.take_round() == 1
    assert codes() == [("guard-silent", "web-1")]
    assert AlarmGroup.objects.get().alarms == 2


def test_a_guard_stopped_in_order_may_be_silent() -> None:
    clock = _Clock()
    one = Silences(_POLICY, clock)
    heartbeat("web-1", {"access.log": 1}, AT)
    one.take_round()
    stop_guard("web-1", AT)
    clock.wait(10_000)
    assert one.take_round() == 0


def test_a_clock_that_jumps_makes_no_alarm() -> None:
    clock = _Clock()
    one = Silences(_POLICY, clock)
    heartbeat("web-1", {"access.log": 1}, AT)
    one.take_round()
    clock.moment += timedelta(days=1)
    clock.wait(30)
    assert one.take_round() == 0


def test_each_silent_source_is_told_of_while_its_guard_lives() -> None:
    clock = _Clock()
    one = Silences(_POLICY, clock)
    for minute in range(7):
        heartbeat("web-1", {"access.log": minute, "postgresql.log": 7, "audit.log": None}, AT)
        one.take_round()
        clock.wait(60)
    assert codes() == [("source-silent", "web-1: audit.log"), ("source-silent", "web-1: postgresql.log")]
    heartbeat("web-1", {"access.log": 8}, AT)
    clock.wait(10)
    assert one.take_round() == 0
    clock.wait(600)
    assert one.take_round() == 1, "the guard alone: nobody knows how its sources are"
