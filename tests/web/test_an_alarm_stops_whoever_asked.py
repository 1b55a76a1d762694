"""From the line of a log to an ended session: an alarm is told, answered by a plan, and seen to hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from ashiato.outside.controls.live_databases import LiveDatabase
from ashiato.outside.controls.sessions_sql import SessionsSql
from ashiato.outside.controls.targets import TargetKind
from ashiato.rooms.containing.api import Plan, Policy, Stand
from ashiato.rooms.containing.policy import policy_of
from ashiato.rooms.watching.api import RaisedAlarm
from ashiato.terms.alarms import Actor, ActorKind, Alarm, AlarmCode
from ashiato.terms.times import us_of
from ashiato.web.guarding import ServerLink
from tests.guard.watched import Watched
from tests.rooms.containing.pens import NOW, STATEMENTS, Pen
from tests.web.handing_on import hand_on

pytestmark = pytest.mark.usefixtures("database")
_AT = us_of(datetime(2026, 11, 23, 3, 0, tzinfo=UTC))


@pytest.fixture
def pen(tmp_path: Path) -> Pen:
    return Pen(tmp_path / "site.sqlite3")


def _link(pen: Pen) -> ServerLink:
    return ServerLink("web-1", pen.clock, pen.means())


def _alarm(*actors: tuple[ActorKind, str], key: str = "k") -> Alarm:
    named = tuple(Actor("shop", kind, value) for kind, value in actors)
    return Alarm(
        key, AlarmCode.PEOPLE_BUDGET, "people-budget", _AT, _AT, _AT, named, 60, 30, 60, ("a.log:1",)
    )


def _answer(key: str = "k") -> tuple[str, str]:
    return RaisedAlarm.objects.values_list("answer", "plan").get(key=key)


def test_a_session_that_sees_too_many_people_is_ended(pen: Pen, tmp_path: Path) -> None:
    folder = tmp_path / "guard"
    folder.mkdir()
    watched, link = Watched(folder), _link(pen)
    for number in range(60):
        watched.ask(f"/owners/{number * number}", "203.0.113.7", "a")

    def tell(alarm: Alarm) -> None:
        assert hand_on(link, alarm)

    with watched.guard(tell) as guard:
        guard.hand_on()
    assert pen.ended() == {"a"}
    answers = set(RaisedAlarm.objects.values_list("answer", flat=True))
    assert "verified" in answers


def test_what_stops_one_asker_goes_by_itself_and_once(pen: Pen) -> None:
    alarm = _alarm((ActorKind.SESSION, "a"), (ActorKind.ADDRESS, "203.0.113.7"))
    assert hand_on(_link(pen), alarm)
    assert hand_on(_link(pen), alarm), "a guard that was killed hands it on again"
    plan = Plan.objects.get()
    assert (plan.stand, plan.is_automatic, plan.reach) == (Stand.VERIFIED, True, 1)
    assert [(step.kind, step.value) for step in plan.steps.all()] == [("session", "a")]
    assert pen.ended() == {"a"}
    assert _answer() == ("verified", str(plan.pk))


@pytest.mark.parametrize("hostile", ["a' OR '1'='1", "a\nb", "\x1b[2J", "x" * 300, ""])
def test_whom_no_control_can_name_is_told_of_and_nothing_is_touched(pen: Pen, hostile: str) -> None:
    assert hand_on(_link(pen), _alarm((ActorKind.SESSION, hostile), (ActorKind.ADDRESS, "203.0.113.7")))
    assert not Plan.objects.exists()
    assert _answer() == ("", "")
    assert pen.ended() == set()


def test_above_what_goes_by_itself_persons_are_asked(pen: Pen) -> None:
    pen.policy = Policy()
    assert hand_on(_link(pen), _alarm((ActorKind.SESSION, "a")))
    plan = Plan.objects.get()
    assert (plan.stand, plan.approvals_needed) == (Stand.PROPOSED, 2)
    assert _answer() == ("proposed", str(plan.pk))
    assert pen.ended() == set()


def test_a_part_that_is_at_fault_costs_no_alarm(pen: Pen) -> None:
    pen.path.unlink()
    assert hand_on(_link(pen), _alarm((ActorKind.SESSION, "a")))
    assert RaisedAlarm.objects.filter(key="k").exists()
    assert Plan.objects.get().stand == Stand.FAILED
    assert _answer()[0] == "failed"
    assert pen.clock.now() >= NOW


def _group(*sessions: str, key: str = "k") -> Alarm:
    """An alarm of a network, with its members as a guard names them."""
    members = [(kind, name) for name in sessions for kind in (ActorKind.ACCOUNT, ActorKind.SESSION)]
    return _alarm((ActorKind.NETWORK, "203.0.113.0/24"), *members, key=key)


def test_the_sessions_of_a_spread_attack_end_by_themselves_and_no_account_or_network(pen: Pen) -> None:
    pen.policy = policy_of({"automatic_reach": 2})
    assert hand_on(_link(pen), _group(*"abcdefgh"))
    plan = Plan.objects.get()
    assert (plan.stand, plan.is_automatic, plan.reach) == (Stand.VERIFIED, True, 8)
    assert set(plan.steps.values_list("kind", flat=True)) == {"session"}
    assert pen.ended() == set("abcdefgh")
    assert hand_on(_link(pen), _group(*"abcdefgh", key="later"))
    assert _answer("later") == ("verified", str(plan.pk))
    assert Plan.objects.count() == 1


def test_no_more_sessions_an_hour_than_the_operator_said(pen: Pen) -> None:
    pen.policy = policy_of({"automatic_reach": 1, "automatic_sessions": 4})
    for _ in range(2):
        assert hand_on(_link(pen), _group(*"abcdef")), "a guard that was killed hands it on again"
    assert pen.ended() == set("abcd"), "those who saw most, whom the guard names first"
    waits = Plan.objects.get(alarm_key="k/rest")
    assert (waits.stand, waits.approvals_needed, waits.reach) == (Stand.PROPOSED, 2, 2)
    assert hand_on(_link(pen), _group(*"gh", key="second"))
    assert pen.ended() == set("abcdg"), "one goes by its reach alone"
    pen.clock.at += timedelta(minutes=61)
    assert hand_on(_link(pen), _group(*"ef", key="third"))
    assert pen.ended() >= set("ef")


@pytest.mark.parametrize("said", [{}, {"automatic_reach": 0}, {"automatic_sessions": 100}], ids=str)
def test_a_spread_attack_waits_for_persons_where_nothing_goes_by_itself(
    pen: Pen, said: dict[str, int]
) -> None:
    pen.policy = policy_of(said)
    assert hand_on(_link(pen), _group(*"abc"))
    assert (Plan.objects.get().stand, pen.ended()) == (Stand.PROPOSED, set())


class _Doorman(SessionsSql):
    """Turns addresses away, by the same table."""

    takes: ClassVar = frozenset({TargetKind.ADDRESS, TargetKind.NETWORK})


def _address(last: int, *more: tuple[ActorKind, str]) -> Alarm:
    return _alarm((ActorKind.ADDRESS, f"203.0.113.{last}"), *more, key=f"k{last}-{len(more)}")


def test_one_address_of_an_alarm_is_stopped_by_itself_so_many_times_an_hour(pen: Pen) -> None:
    pen.policy = policy_of({"automatic_addresses": 2})
    for last in range(10):
        pen.write(f"INSERT INTO sessions VALUES ('203.0.113.{last}', 0)")
    doorman = _Doorman(LiveDatabase("sqlite", str(pen.path)), STATEMENTS)
    link = ServerLink("web-1", pen.clock, pen.means(door=doorman))
    assert hand_on(link, _address(1, (ActorKind.ADDRESS, "203.0.113.2")))
    assert hand_on(link, _address(1, (ActorKind.NETWORK, "203.0.113.0/24")))
    assert pen.ended() == set(), "of a group nobody knows who is honest"
    for last in (3, 3, 4, 5):
        assert hand_on(link, _address(last))
    assert pen.ended() == {"203.0.113.3", "203.0.113.4"}
    assert _answer("k5-0")[0] == "proposed"
    pen.clock.at += timedelta(minutes=61)
    assert hand_on(link, _address(6))
    assert "203.0.113.6" in pen.ended()
    pen.policy = policy_of({"automatic_reach": 5})
    assert hand_on(ServerLink("web-1", pen.clock, pen.means(door=doorman)), _address(7))
    assert "203.0.113.7" not in pen.ended()


@pytest.mark.parametrize(
    ("address", "window_s", "is_stopped"),
    [("192.0.2.20", 3600, False), ("192.0.2.20", 60, True), ("198.51.100.1", 3600, True)],
)
def test_who_works_in_the_office_at_a_persons_pace_is_stopped_by_a_persons_word(
    pen: Pen, address: str, window_s: int, *, is_stopped: bool
) -> None:
    pen.policy = policy_of({"automatic_reach": 5, "never": {"networks": ["192.0.2.0/24"]}})
    alarm = replace(_alarm((ActorKind.SESSION, "a"), (ActorKind.ADDRESS, address)), window_s=window_s)
    assert hand_on(_link(pen), alarm)
    assert (pen.ended(), _answer()[0]) == (({"a"}, "verified") if is_stopped else (set(), "proposed"))
