"""A guard that no longer shows itself is an alarm; a jump of the clock is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from ashiato.rooms.watching.api import AlarmGroup, Silences, heartbeat, raise_alarm, stop_guard
from ashiato.terms.alarms import AlarmCode
from tests.rooms.watching.watches import ALARM, AT, policy

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


_POLICY = policy({"guard_silent_seconds": 60})


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


def test_each_silent_source_of_a_guard_is_a_group_of_its_own() -> None:
    for name in ("access.log", "error.log", "access.log"):
        key, lines = f"{name}:{AlarmGroup.objects.count()}", (f"/var/log/nginx/{name}:7",)
        silent = replace(ALARM, key=key, code=AlarmCode.SOURCE_SILENT, rule="source-silent", lines=lines)
        raise_alarm(replace(silent, actors=(), people=0, people_expected=None), AT)
    assert sorted(AlarmGroup.objects.values_list("alarms", flat=True)) == [1, 2]
