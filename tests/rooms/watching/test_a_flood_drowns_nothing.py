"""Alarms are gathered: each key once, one group for one doing, and a flood of them in few messages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashiato.rooms.watching.api import AlarmGroup, Message, RaisedAlarm, raise_alarm, raise_alarms
from ashiato.rooms.watching.services.planning import plan_messages
from ashiato.terms.alarms import AlarmCode
from tests.rooms import server
from tests.rooms.at_once import together
from tests.rooms.watching.watches import AT, alarm, policy

_FORGED = 2_000
_POLICY = policy({"receivers": {"duty": {"ways": [{"mail": "duty@clinic.example"}]}}})


@pytest.mark.usefixtures("database")
def test_an_alarm_handed_on_again_is_one() -> None:
    assert raise_alarm(alarm(1), AT)
    assert not raise_alarm(alarm(1), AT)
    assert AlarmGroup.objects.get().alarms == RaisedAlarm.objects.count() == 1


@pytest.mark.usefixtures("database")
def test_one_doing_is_told_once_until_it_grows_past_a_step() -> None:
    raise_alarm(alarm(1, people=80), AT)
    assert plan_messages(_POLICY, AT) == 1
    for number in range(2, 10):
        raise_alarm(alarm(number, people=150), AT)
    assert plan_messages(_POLICY, AT) == 0
    raise_alarm(alarm(10, people=150), AT)
    assert plan_messages(_POLICY, AT) == 1, "ten times the alarms"
    raise_alarm(alarm(11, people=300), AT)
    assert plan_messages(_POLICY, AT) == 1, "twice the people"
    assert plan_messages(_POLICY, AT) == 0
    assert AlarmGroup.objects.get().people == 300


@pytest.mark.usefixtures("database")
def test_what_comes_an_hour_later_is_another_group() -> None:
    raise_alarm(alarm(1), AT)
    raise_alarm(alarm(2), AT + timedelta(minutes=59))
    raise_alarm(alarm(3), AT + timedelta(minutes=120))
    assert sorted(AlarmGroup.objects.values_list("alarms", flat=True)) == [1, 2]


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_thousands_of_forged_actors_are_few_messages_and_the_grave_ones_are_among_them() -> None:
    told = 0
    for start in range(0, _FORGED, 500):
        numbers = range(start, start + 500)
        forged = [alarm(each, f"198.18.{each // 256}.{each % 256}", people=25) for each in numbers]
        assert raise_alarms(forged, AT) == 500
        assert raise_alarms(forged[:50], AT) == 0
        told += plan_messages(_POLICY, AT)
    raise_alarm(alarm(20_000, "203.0.113.9", code=AlarmCode.CANARY, people=1, people_expected=None), AT)
    raise_alarm(alarm(20_001, "203.0.113.8", people=4_000), AT)
    told += plan_messages(_POLICY, AT)
    groups = AlarmGroup.objects.order_by("-people")
    assert told == Message.objects.count() <= 12
    assert groups[0].people == 4_000
    assert groups[0].actors[0][2] == "203.0.113.8"
    assert groups[0].tellings == groups.get(kind__code=AlarmCode.CANARY).tellings == 1
    assert groups.get(actors_key="").alarms == groups.get(actors_key="").actors_count == _FORGED - 5


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9), st.integers(1, 2_000)), max_size=30))
def test_no_order_of_alarms_loses_one_or_its_highest_number(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, int, int]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("drawn")
    with server.fresh_sqlite(folder):
        for number, (address, minute, people) in enumerate(drawn):
            raise_alarm(alarm(number, f"203.0.113.{address}", people=people), AT + timedelta(minutes=minute))
            plan_messages(_POLICY, AT)
        groups = list(AlarmGroup.objects.all())
        assert sum(group.alarms for group in groups) == len(drawn)
        highest = max((people for *_, people in drawn), default=0)
        assert max((group.people for group in groups), default=0) == highest
        # What was told last is never less than half of what is known by now.
        assert all(2 * group.told_people > group.people for group in groups)


@pytest.mark.slow
@pytest.mark.usefixtures("on_postgresql")
def test_guards_that_raise_at_the_same_moment_are_counted_once() -> None:
    assert together(lambda _: raise_alarm(alarm(1), AT)) == 1
    assert together(lambda number: raise_alarm(alarm(100 + number), AT)) == 6
    assert AlarmGroup.objects.get().alarms == 7
    together(lambda _: bool(plan_messages(_POLICY, AT)))
    assert Message.objects.count() == 1
