"""An address that proved dead, or complained, gets nothing more by its channel; the next one follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from ashiato.outside.messages.outcomes import Accepted, NotAccepted, Outcome, Still
from ashiato.rooms.cases.api import destroy_key
from ashiato.rooms.notifying.handing import Handed, Handing
from ashiato.rooms.notifying.models import Campaign, LeftAlone, Notice
from ashiato.rooms.notifying.sending import Pace, SendingWorker
from ashiato.rooms.notifying.services.receiving import Report, record_receipt
from ashiato.rooms.notifying.states import State
from tests.rooms.notifying import scenes

pytestmark = pytest.mark.usefixtures("database")
DEAD = NotAccepted("rcpt 550 5.1.1 no such user", permanent=True, about="recipient")
FULL = NotAccepted("rcpt 552 5.2.2 mailbox full", permanent=True, about="recipient")


@pytest.fixture
def work(tmp_path: Path) -> Callable[[Campaign, Outcome], list[str]]:
    """Send by mail to an outside that answers alike; returns who was offered one."""

    def send(made: Campaign, outcome: Outcome) -> list[str]:
        offered: list[str] = []

        def hand(notice: Notice, _at: datetime, _still: Still) -> Handed:
            offered.append(notice.reference)
            return Handed(outcome, "digest")

        handing = Handing({"email": hand})
        SendingWorker(made, handing, scenes.TestClock(), tmp_path / "workers", Pace(hands=1)).run()
        return offered

    return send


Work = Callable[[Campaign, Outcome], list[str]]


def begin() -> Campaign:
    """A campaign with two people who can be told by mail, and else by letter."""
    made = scenes.campaign()
    scenes.plan(made, [scenes.person(name, "email", "letter") for name in ("hanako", "dan")])
    scenes.release(made)
    return made


def tell_anew(made: Campaign) -> None:
    """A run says something else of both: a next edition, by mail first again."""
    changed = [scenes.person(name, "email", "letter", words="premium") for name in ("hanako", "dan")]
    scenes.plan(made, changed, run=2)
    scenes.release(made)


def states(edition: int) -> list[tuple[str, str]]:
    """Where the notices of an edition stand, by channel."""
    return sorted(Notice.objects.filter(edition=edition).values_list("channel", "state"))


def test_an_address_refused_for_good_is_not_tried_again(work: Work) -> None:
    made = begin()
    assert len(work(made, DEAD)) == 2
    Notice.objects.filter(channel="letter").update(state="handed")
    tell_anew(made)
    assert work(made, Accepted("id")) == []
    assert states(2) == [("email", "bounced")] * 2 + [("letter", "planned")] * 2
    moved = Notice.objects.filter(edition=2, channel="email")[0].moves.order_by("pk").last()
    assert moved is not None
    assert moved.why == "never offered: left alone since 2026-11-22: unknown-address"


@pytest.mark.parametrize("outcome", [FULL, Accepted("id")])
def test_what_passes_leaves_nobody_alone(work: Work, outcome: Outcome) -> None:
    work(begin(), outcome)
    assert not LeftAlone.objects.exists()


def test_a_complaint_leaves_that_address_alone_and_no_other(work: Work) -> None:
    made = begin()
    work(made, Accepted("id"))
    first = Notice.objects.order_by("pk")[0]
    report = Report("k", first.reference, State.DELIVERED, "complained", "complaint")
    assert record_receipt(report, scenes.AT)
    assert not record_receipt(report, scenes.AT)
    tell_anew(made)
    assert len(work(made, Accepted("id"))) == 1
    assert LeftAlone.objects.get().why == "complaint"
    assert "example" not in LeftAlone.objects.get().address_key


def test_what_was_erased_is_nobodys_address(work: Work) -> None:
    made = begin()
    work(made, Accepted("id"))
    destroy_key(made.key_name)
    first = Notice.objects.order_by("pk")[0]
    assert record_receipt(Report("k", first.reference, State.BOUNCED, "5.1.1", "unknown-address"), scenes.AT)
    assert not LeftAlone.objects.exists()
