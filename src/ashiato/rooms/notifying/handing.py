"""Hand one claimed notice to the outside and say what became of it: nothing here raises, nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ashiato.letters.notices.accepting import NoticeError
from ashiato.outside.messages.outcomes import Accepted, InDoubt, MessageError, NotAccepted, Outcome
from ashiato.rooms.notifying.models import Notice
from ashiato.rooms.notifying.services.claiming import LONGEST_WAIT
from ashiato.rooms.notifying.services.recording import Offered
from ashiato.rooms.notifying.states import State
from ashiato.terms.errors import ServerError

#: What the other side says may hold an address; the ledger holds none.
_ADDRESS = re.compile(r"\S+@\S+")
_FIRST_WAIT = timedelta(seconds=30)


@dataclass(frozen=True)
class Handed:
    """What became of an offer, and the hash of what it said."""

    outcome: Outcome
    content_digest: str


class Hand(Protocol):
    """Composes a notice of one channel and offers it once."""

    def __call__(self, notice: Notice, at: datetime) -> Handed:
        """Return what became of it. Raises NoticeError, MessageError: refused before anything left."""
        ...


@dataclass(frozen=True)
class Handing:
    """The hands of each channel, and how long to wait after a refusal that is not for good."""

    hands: Mapping[str, Hand]
    first_wait: timedelta = _FIRST_WAIT
    longest_wait: timedelta = LONGEST_WAIT

    def offer(self, notice: Notice, now: Callable[[], datetime]) -> tuple[Offered, bool]:
        """Offer a notice; also returns whether the outside as a whole is in trouble, so that others wait."""
        try:
            handed = self.hands[notice.channel](notice, now())
        except (NoticeError, MessageError, ServerError) as refused:
            return Offered(notice.pk, State.BOUNCED, f"never offered: {type(refused).__name__}"), False
        outcome = handed.outcome
        trouble = isinstance(outcome, NotAccepted) and outcome.about == "service"
        return self._recorded(notice, outcome, handed.content_digest, now()), trouble

    def _recorded(self, notice: Notice, outcome: Outcome, digest: str, now: datetime) -> Offered:
        if isinstance(outcome, Accepted):
            return Offered(notice.pk, State.HANDED, "the outside took it", outcome.reference, digest)
        why = _ADDRESS.sub("<address>", outcome.cause)[:280]
        if isinstance(outcome, InDoubt):
            return Offered(notice.pk, State.UNKNOWN, why, content_digest=digest)
        if outcome.permanent and outcome.about != "service":
            return Offered(notice.pk, State.BOUNCED, why)
        wait = min(self.first_wait * 2 ** min(notice.attempts, 12), self.longest_wait)
        return Offered(notice.pk, State.PLANNED, why, not_before=now + wait)
