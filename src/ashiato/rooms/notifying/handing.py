"""Hand one claimed notice to the outside and say what became of it: nothing here raises, nothing is kept."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ashiato.letters.notices.accepting import NoticeError
from ashiato.outside.messages.email.causes import cause_of, status_in
from ashiato.outside.messages.email.suppression import suppresses
from ashiato.outside.messages.outcomes import Accepted, InDoubt, MessageError, NotAccepted, Outcome, Still
from ashiato.rooms.notifying.models import Notice, Worker
from ashiato.rooms.notifying.services.claiming import LONGEST_WAIT
from ashiato.rooms.notifying.services.recording import Offered
from ashiato.rooms.notifying.states import State
from ashiato.terms.errors import ServerError

#: What the other side says may hold an address; the ledger holds none.
_ADDRESS = re.compile(r"\S+@\S+")
_FIRST_WAIT = timedelta(seconds=30)
_TOO_SOON = "not offered: its receiver's turn has not come"


@dataclass(frozen=True)
class Handed:
    """What became of an offer, and the hash of what it said; ``wait``: not offered for so many seconds."""

    outcome: Outcome
    content_digest: str
    wait: float = 0.0


class Hand(Protocol):
    """Composes a notice of one channel and offers it once."""

    def __call__(self, notice: Notice, at: datetime, still: Still, /) -> Handed:
        """Return what became of it; ``still`` is asked right before it goes.

        Raises: NoticeError, MessageError: refused before anything left.
        """
        ...


@dataclass(frozen=True)
class Waits:
    """How long a notice waits after a refusal that is not for good: twice as long each time."""

    first: timedelta = _FIRST_WAIT
    longest: timedelta = LONGEST_WAIT

    def after(self, attempts: int) -> timedelta:
        """Return the wait after so many attempts."""
        return min(self.first * (1 << min(attempts, 12)), self.longest)


@dataclass(frozen=True)
class Turn:
    """What an offer of claimed notices goes by: whose claim it is, and the time.

    ``is_spent``: whether the claim is too old to offer anything more from, which it is after ``until``, in
    seconds of the worker's steady clock. ``threads``: hands to use at once; None: one after the other.
    """

    worker: Worker
    now: Callable[[], datetime]
    is_spent: Callable[[], bool]
    threads: Executor | None = None
    until: float = math.inf


class Hands(Protocol):
    """Offers claimed notices of some channels, each at most once."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Of which channels notices are taken."""
        ...

    def offer_all(self, notices: Sequence[Notice], turn: Turn) -> tuple[list[Offered], bool]:
        """Offer notices; also returns whether the outside as a whole is in trouble, so that others wait.

        What is not among the returned was not offered.
        """
        ...


@dataclass(frozen=True)
class Handing:
    """The hands of channels that take one message at a time."""

    hands: Mapping[str, Hand]
    waits: Waits = field(default_factory=Waits)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that have hands."""
        return tuple(self.hands)

    def offer_all(self, notices: Sequence[Notice], turn: Turn) -> tuple[list[Offered], bool]:
        """Offer notices, several at once; those whose turn comes too late are left out."""

        def offer(notice: Notice) -> tuple[Offered, bool] | None:
            return None if turn.is_spent() else self.offer(notice, turn)

        each_offered = turn.threads.map if turn.threads else map
        done = [each for each in each_offered(offer, notices) if each is not None]
        return [offered for offered, _ in done], any(trouble for _, trouble in done)

    def offer(self, notice: Notice, turn: Turn) -> tuple[Offered, bool]:
        """Offer a notice; also returns whether the outside as a whole is in trouble, so that others wait."""
        try:
            handed = self.hands[notice.channel](notice, turn.now(), lambda: not turn.is_spent())
        except (NoticeError, MessageError, ServerError) as refused:
            return Offered(notice.pk, State.BOUNCED, f"never offered: {type(refused).__name__}"), False
        except Exception as fault:  # noqa: BLE001 - it may have been offered: whatever it was, only asking tells
            return Offered(notice.pk, State.UNKNOWN, f"a fault of the program: {type(fault).__name__}"), True
        outcome = handed.outcome
        if handed.wait:
            later = turn.now() + min(timedelta(seconds=handed.wait), LONGEST_WAIT)
            return Offered(notice.pk, State.PLANNED, _TOO_SOON, not_before=later), False
        trouble = isinstance(outcome, NotAccepted) and outcome.about == "service"
        return offered_as(notice, outcome, handed.content_digest, turn.now(), self.waits), trouble


def offered_as(notice: Notice, outcome: Outcome, digest: str, now: datetime, waits: Waits) -> Offered:
    """Return what the ledger is to know of an offer."""
    if isinstance(outcome, Accepted):
        return Offered(notice.pk, State.HANDED, "the outside took it", outcome.reference, digest)
    why = _ADDRESS.sub("<address>", outcome.cause)[:280]
    if isinstance(outcome, InDoubt):
        return Offered(notice.pk, State.UNKNOWN, why, content_digest=digest)
    if outcome.permanent and outcome.about != "service":
        cause = cause_of(status_in(outcome.cause), outcome.cause)
        dead = str(cause) if suppresses(outcome, cause) else ""
        return Offered(notice.pk, State.BOUNCED, why, leave_alone=dead)
    asked = min(timedelta(seconds=outcome.wait_s), LONGEST_WAIT)
    later = now + max(waits.after(notice.attempts), asked)
    return Offered(notice.pk, State.PLANNED, why, not_before=later, wait_s=int(asked.total_seconds()))
