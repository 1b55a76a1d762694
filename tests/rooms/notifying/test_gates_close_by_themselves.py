"""Rates close gates: a server that takes mails and never says so is stopped before everybody is in doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ashiato.outside.messages.outcomes import Accepted, InDoubt, NotAccepted, Outcome, Still
from ashiato.rooms.cases.api import make_key, name_by
from ashiato.rooms.notifying.handing import Handed, Handing
from ashiato.rooms.notifying.models import Campaign, LeftAlone, Notice
from ashiato.rooms.notifying.sending import Pace, Progress, SendingWorker
from ashiato.rooms.notifying.services.gating import GateKind, open_gate
from tests.rooms.notifying import scenes

_PEOPLE = 600


@pytest.mark.usefixtures("database")
def test_doubts_close_their_gate_until_a_hand_opens_it(tmp_path: Path) -> None:
    made = scenes.campaign()
    scenes.plan(made, [scenes.person(f"p{number}", "email") for number in range(_PEOPLE)])
    scenes.release(made)
    answers = True

    def hand(notice: Notice, _at: datetime, _still: Still) -> Handed:
        outcome = Accepted(notice.reference) if answers else InDoubt("no answer to the final dot")
        return Handed(outcome, "digest")

    def work() -> tuple[str, ...]:
        handing = Handing({"email": hand})
        pace = Pace(claim=100, record=100, hands=1)
        return SendingWorker(made, handing, scenes.TestClock(), tmp_path / "workers", pace).run().closed

    answers = False
    assert work() == ("doubts",)
    assert states()["unknown"] == 200
    assert made.gates.get(kind="doubts").why == "200 of 200 are in doubt; 50 of 1,000 may"
    assert work() == ("doubts",)
    assert states()["unknown"] == 200
    answers = True
    later = scenes.AT.replace(hour=scenes.AT.hour + 1)
    open_gate(made, GateKind.DOUBTS, scenes.approvers()[0], "the server answers again", later)
    assert work() == ()
    assert states() == {"unknown": 200, "handed": _PEOPLE - 200}


@pytest.mark.usefixtures("database")
def test_who_is_spared_is_nobodys_bounce(tmp_path: Path) -> None:
    made = scenes.campaign()
    scenes.plan(made, [scenes.person(f"p{number}", "email", "letter") for number in range(250)])
    scenes.release(made)
    key = make_key("addresses-left-alone")
    LeftAlone.objects.bulk_create(
        LeftAlone(
            channel="email",
            address_key=name_by(key, "email", f"p{number}@example.jp"),
            why="unknown-address",
            since=scenes.AT,
        )
        for number in range(100)
    )
    assert work(made, lambda _: Accepted("id"), tmp_path).closed == ()
    assert states() == {"bounced": 100, "handed": 150, "planned": 100}


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("outcome", "where"),
    [
        (NotAccepted("check the key: 401", permanent=False), {"planned": 120}),
        (InDoubt("the provider answers 503"), {"planned": 20, "unknown": 100}),
    ],
)
def test_an_outside_that_takes_nothing_is_let_be_longer_each_time(
    outcome: Outcome, where: dict[str, int], tmp_path: Path
) -> None:
    made = scenes.campaign()
    scenes.plan(made, [scenes.person(f"p{number}", "email") for number in range(120)])
    scenes.release(made)
    clock, seen = scenes.TestClock(), list[float]()

    def answer(_: Notice) -> Outcome:
        seen.append(clock.seconds)
        return outcome

    done = work(made, answer, tmp_path, clock, lambda: len(seen) >= 100)
    assert sorted(set(seen)) == [0.0, 1.0]
    assert [seen.count(each) for each in (0.0, 1.0)] == [50, 50]
    assert done.trouble == outcome.cause  # type: ignore[union-attr]  # both have one
    assert states() == where


@pytest.mark.usefixtures("database")
def test_an_outside_is_let_be_for_as_long_as_it_asks(tmp_path: Path) -> None:
    made = scenes.campaign()
    scenes.plan(made, [scenes.person(f"p{number}", "email") for number in range(60)])
    scenes.release(made)
    clock, seen = scenes.TestClock(), list[float]()

    def answer(_: Notice) -> Outcome:
        seen.append(clock.seconds)
        return NotAccepted("slower: 429", permanent=False, wait_s=90)

    work(made, answer, tmp_path, clock, lambda: len(seen) >= 60)
    assert sorted(set(seen)) == [0.0, 90.0]
    later = Notice.objects.exclude(not_before=None).values_list("not_before", flat=True)
    assert set(later) == {scenes.AT + timedelta(seconds=90)}


@pytest.mark.usefixtures("database")
def test_an_outside_that_took_some_and_then_asks_is_let_be_too(tmp_path: Path) -> None:
    made = scenes.campaign()
    scenes.plan(made, [scenes.person(f"p{number}", "email") for number in range(100)])
    scenes.release(made)
    clock, seen = scenes.TestClock(), list[float]()

    def answer(_: Notice) -> Outcome:
        seen.append(clock.seconds)
        taken = len(seen) % 50 < 10
        return Accepted("id") if taken else NotAccepted("slower: 429", permanent=False, wait_s=90)

    work(made, answer, tmp_path, clock, lambda: len(seen) >= 100)
    assert [seen.count(each) for each in (0.0, 90.0)] == [50, 50]


class _WallClock(scenes.TestClock):
    """Its time of day goes on with the waits."""

    def now(self) -> datetime:
        return self.moment + timedelta(seconds=self.seconds)


@pytest.mark.usefixtures("database")
def test_one_channel_is_let_be_and_the_others_go_on(tmp_path: Path) -> None:
    made = scenes.campaign()
    people = [scenes.person(f"p{number}", ("email", "sms")[number % 2]) for number in range(120)]
    scenes.plan(made, people)
    scenes.release(made)
    clock, seen = _WallClock(), list[tuple[str, float]]()

    def hand(notice: Notice, _at: datetime, _still: Still) -> Handed:
        seen.append((notice.channel, clock.seconds))
        is_early = notice.channel == "sms" and clock.seconds < 20
        asks = NotAccepted("slower: 429", permanent=False, wait_s=20)
        return Handed(asks if is_early else Accepted("id"), "digest")

    handing = Handing({"email": hand, "sms": hand})
    SendingWorker(made, handing, clock, tmp_path / "workers", Pace(hands=1)).run()
    assert states() == {"handed": 120}
    assert {at for channel, at in seen if channel == "email"} == {0.0}
    later = [at for channel, at in seen if channel == "sms" and at]
    assert (len(later), min(later) >= 20) == (60, True)


def work(
    made: Campaign,
    answer: Callable[[Notice], Outcome],
    folder: Path,
    clock: scenes.TestClock | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Progress:
    """Send by mail to an outside that answers so."""

    def hand(notice: Notice, _at: datetime, _still: Still) -> Handed:
        return Handed(answer(notice), "digest")

    handing, pace = Handing({"email": hand}), Pace(hands=1)
    return SendingWorker(made, handing, clock or scenes.TestClock(), folder / "workers", pace, stopped).run()


def states() -> dict[str, int]:
    """How many notices stand where."""
    found = list(Notice.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in sorted(set(found))}
