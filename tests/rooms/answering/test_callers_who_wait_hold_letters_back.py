"""More callers than the desk answers within its target pause the sending, until a hand lets it go on."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from ashiato.outside.messages.outcomes import Accepted, Still
from ashiato.rooms.answering import api
from ashiato.rooms.notifying.api import Desk, GateKind, Handing, Pace, SendingWorker, open_gate
from ashiato.rooms.notifying.handing import Handed
from ashiato.rooms.notifying.models import Campaign, Notice
from tests.rooms.answering import desks
from tests.rooms.answering.desks import AT, HOURS
from tests.rooms.notifying import scenes

#: One agent, ten minutes a call, a target of thirty: three may wait.
_SMALL = Desk(agents=1, minutes_each=10)
_LATER = timedelta(minutes=5)


def begin() -> api.Desk:
    """A desk for ten people, who are told in one approved wave."""
    made = desks.campaign()
    opened = api.open_desk(made, HOURS, desks.agent("lead"), AT - _LATER)
    scenes.plan(made, [scenes.person(f"p{number}", "email") for number in range(10)])
    scenes.release(made, _SMALL)
    made.gates.update(changed_at=AT - _LATER)
    return opened


def work(made: Campaign, folder: Path, at: datetime) -> tuple[str, ...]:
    """Send what may be sent; returns the gates that are closed."""

    def hand(notice: Notice, _at: datetime, _still: Still) -> Handed:
        return Handed(Accepted(notice.reference), "digest")

    hands, pace = Handing({"email": hand}), Pace(claim=4, record=4, hands=1)
    worker = SendingWorker(
        made, hands, scenes.TestClock(at), folder / "workers", pace, watch=partial(api.watch_desk, made)
    )
    return worker.run().closed


@pytest.mark.usefixtures("book")
def test_callers_who_wait_pause_the_sending_until_a_hand_opens_it(tmp_path: Path) -> None:
    opened = begin()
    for number in range(4):
        api.take_contact(opened, api.Arrival(api.Way.PHONE, caller=f"03-1234-567{number}"), AT)
    assert work(opened.campaign, tmp_path, AT) == ("calls",)
    assert opened.campaign.gates.get(kind="calls").why == "4 callers wait; 3 may"
    assert Notice.objects.filter(state="planned").count() == 10
    lead = scenes.approvers()[0]
    open_gate(opened.campaign, GateKind.CALLS, lead, "two more agents came", AT + _LATER)
    assert work(opened.campaign, tmp_path, AT + _LATER) == ()
    assert Notice.objects.filter(state="handed").count() == 10


@pytest.mark.usefixtures("book")
def test_who_is_answered_or_writes_holds_nothing_back(tmp_path: Path) -> None:
    opened = begin()
    for number in range(6):
        way = api.Way.PHONE if number % 2 else api.Way.WEB
        answered = desks.agent() if number == 1 else None
        api.take_contact(opened, api.Arrival(way), AT, answered)
    assert work(opened.campaign, tmp_path, AT) == ()


@pytest.mark.usefixtures("book")
def test_calls_that_are_overdue_count_as_callers() -> None:
    opened = begin()
    for number in range(4):
        contact = desks.call(opened, f"03-1234-567{number}")
        api.promise_call(contact, api.Purpose.ANSWER, desks.agent(), AT)
    assert not api.watch_desk(opened.campaign, AT)
    assert api.watch_desk(opened.campaign, AT + timedelta(days=1))


@pytest.mark.usefixtures("book")
def test_the_leads_timer_holds_letters_back_too() -> None:
    opened = begin()
    for _ in range(4):
        api.take_contact(opened, api.Arrival(api.Way.PHONE), AT)
    api.raise_alerts(opened, AT)
    assert opened.campaign.gates.get(kind="calls").is_closed
