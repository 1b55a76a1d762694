"""In doubt: what was offered and not answered is asked for outside, else decided by a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from django.db import transaction

from ashiato.outside.messages.outcomes import Accepted, NotAccepted
from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.living import Clock
from ashiato.rooms.notifying.models import Campaign, Notice, NoticeMove
from ashiato.rooms.notifying.services.moving import Because, move
from ashiato.rooms.notifying.states import State
from ashiato.terms.errors import ServerError

#: What was sent before its worker died may still be on its way in; so many
#: seconds nobody's "no" is a proof.
PATIENCE = 600.0
DECISIONS = (State.HANDED, State.PLANNED, State.GIVEN_UP)
_EACH = 5_000
Answers = Mapping[str, Accepted | NotAccepted | None]


class Asked(Protocol):
    """Something outside that knows what it took."""

    def find_all(self, attempts: Mapping[str, datetime | None]) -> Answers:
        """Return what it knows of each reference; ``attempts`` says when each was offered last."""
        ...


def reconcile(
    campaign: Campaign, asked: Mapping[str, Asked], clock: Clock, patience: float = PATIENCE
) -> Counter[str]:
    """Ask for every notice in doubt what became of it; returns how many went where, or stay in doubt.

    A *yes* counts at once; where there is a *no*, all is asked again after ``patience`` seconds of a clock
    that nobody can set, and who is told no both times waits to be sent again.
    """
    counts: Counter[str] = Counter()
    for channel, outside in sorted(asked.items()):
        doubtful = Notice.objects.filter(campaign=campaign, state=State.UNKNOWN, channel=channel)
        refused = _ask(list(doubtful.order_by("pk")), outside, counts, clock)
        if refused:
            clock.wait(patience)
            again = _ask(refused, outside, counts, clock)
            counts[str(State.PLANNED)] += _move(again, State.PLANNED, "asked outside twice: not taken", clock)
    counts[str(State.UNKNOWN)] = Notice.objects.filter(campaign=campaign, state=State.UNKNOWN).count()
    return counts


def _ask(rows: Sequence[Notice], outside: Asked, counts: Counter[str], clock: Clock) -> list[Notice]:
    """Record who was taken; returns who was not."""
    refused: list[Notice] = []
    for start in range(0, len(rows), _EACH):
        part = rows[start : start + _EACH]
        answers = outside.find_all(_attempts(part))
        taken = [each for each in part if isinstance(answers[each.reference], Accepted)]
        counts[str(State.HANDED)] += _move(taken, State.HANDED, "asked outside: taken", clock)
        refused += [each for each in part if isinstance(answers[each.reference], NotAccepted)]
    return refused


def _move(rows: Sequence[Notice], new: State, why: str, clock: Clock) -> int:
    because = Because(why, "reconcile", clock.now())
    return len(move([each.pk for each in rows], State.UNKNOWN, new, because))


def _attempts(rows: Sequence[Notice]) -> dict[str, datetime | None]:
    """Return when each was claimed last: it was offered then or a little later."""
    claimed = NoticeMove.objects.filter(notice__in=rows, new=State.CLAIMED).order_by("pk")
    last = dict(claimed.values_list("notice_id", "at"))
    return {each.reference: last.get(each.pk) for each in rows}


@transaction.atomic
def decide(reference: str, new: State, staff: Staff, why: str, at: datetime) -> None:
    """Decide by hand what became of a notice in doubt, with the reason.

    Raises: ServerError: it is not in doubt, the reason is missing, or that cannot be decided.
    """
    notice = Notice.objects.filter(reference=reference).first()
    if notice is None or notice.state != State.UNKNOWN:
        raise ServerError(
            f"no notice {reference} is in doubt", fix="ashiato notify status lists those that are"
        )
    if new not in DECISIONS or not why.strip():
        raise ServerError("decide for handed, planned or given_up, and say why", fix="--because TEXT")
    move([notice.pk], State.UNKNOWN, new, Because(f"decided: {why}", staff.name, at))
    record_entry(staff, f"decided {new}", reference, at=at, why=why)
