"""Mail goes to each receiver at its pace; one that says "later" is left alone, others are not held back."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from ashiato.outside.messages.email.addresses import Mailbox
from ashiato.outside.messages.email.mime import Mail
from ashiato.outside.messages.outcomes import Accepted, NotAccepted, Outcome, Still, always
from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.handing import Turn
from ashiato.rooms.notifying.mailing import MailHand, open_throttle
from ashiato.rooms.notifying.models import Notice, Worker
from ashiato.rooms.notifying.states import State
from tests.rooms.notifying.scenes import AT, TestClock

_RATES = {"rates": {"slow": {"per_second": 2, "domains": ["slow.example.jp", "also.example.jp"]}}}


class Receivers:
    """A mail server that remembers what it took and when, and refuses some domains for now."""

    def __init__(self, clock: TestClock, busy: str = "") -> None:
        self.clock, self.busy = clock, busy
        self.took: list[tuple[str, float]] = []

    def send(self, message: Mail, still: Still = always) -> Outcome:
        """Take a mail."""
        assert still()
        if self.busy and message.to.address.endswith(self.busy):
            return NotAccepted("rcpt 450 4.2.1 later", permanent=False, about="recipient")
        self.took.append((message.to.address, self.clock.steady()))
        return Accepted("queued")


class Composer:
    """Mails to the address that stands as a notice's reference."""

    def mail(self, notice: Notice, at: datetime) -> Mail:
        """Compose one."""
        return Mail("a" * 8, Mailbox(notice.reference), Mailbox("n@example.jp"), "s", "t", at)


def offer(receivers: Receivers, clock: TestClock, *addresses: str) -> list[Any]:
    """Offer mails one after the other."""
    hand = MailHand(Composer(), receivers, open_throttle(_RATES, 1), clock)  # type: ignore[arg-type]  # composes alike
    turn = Turn(Worker(name="w"), lambda: AT, lambda: False)
    notices = [Notice(pk=pk, channel="email", reference=to) for pk, to in enumerate(addresses)]
    return api.Handing({"email": hand}).offer_all(notices, turn)[0]


def test_a_receiver_gets_no_more_than_its_rate_and_others_what_they_take() -> None:
    clock = TestClock()
    receivers = Receivers(clock)
    addresses = [f"p{number}@{'slow' if number % 2 else 'also'}.example.jp" for number in range(10)]
    offered = offer(receivers, clock, *addresses)
    assert {each.new for each in offered} == {State.HANDED}
    times = [at for _, at in receivers.took]
    assert all(later - at >= 0.499 for at, later in pairwise(times))
    before = clock.steady()
    offer(receivers, clock, *(f"p{number}@fast.example.jp" for number in range(100)))
    assert clock.steady() == before


def test_one_that_says_later_is_left_alone_and_the_rest_is_put_off() -> None:
    clock = TestClock()
    receivers = Receivers(clock, busy="@slow.example.jp")
    first, second, third, other = offer(
        receivers, clock, "a@slow.example.jp", "b@slow.example.jp", "c@also.example.jp", "d@x.example.jp"
    )
    assert (first.new, second.new, third.new, other.new) == (*[State.PLANNED] * 3, State.HANDED)
    assert second.why == third.why == "not offered: its receiver's turn has not come"
    assert 0 < (second.not_before - AT).total_seconds() <= 30
    assert [to for to, _ in receivers.took] == ["d@x.example.jp"]


def test_an_address_that_is_none_fails_before_it_is_paced() -> None:
    clock = TestClock()
    (offered,) = offer(Receivers(clock), clock, "a@b@c\r\n")
    assert offered.new is State.BOUNCED


def test_each_sender_has_its_share() -> None:
    shared = open_throttle({"rates": {"usual": {"per_second": 4, "burst": 2}}}, 2)
    assert shared is not None
    assert shared.take("x.example.jp", 0.0) == 0.0
    assert shared.take("x.example.jp", 0.0) == pytest.approx(0.5)
    assert open_throttle({}, 2) is None
