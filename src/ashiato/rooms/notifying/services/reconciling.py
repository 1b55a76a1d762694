"""In doubt: what was offered and not answered is asked for outside, else decided by a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction

from ashiato.outside.messages.outcomes import Accepted, NotAccepted
from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.notifying.models import Campaign, Notice, NoticeMove
from ashiato.rooms.notifying.services.moving import Because, move
from ashiato.rooms.notifying.states import State
from ashiato.terms.errors import ServerError

#: What was sent before its worker died may still be on its way in; so long nobody's "no" is a proof.
PATIENCE = timedelta(minutes=10)
DECISIONS = (State.HANDED, State.PLANNED, State.GIVEN_UP)
_EACH = 5_000
Answers = Mapping[str, Accepted | NotAccepted | None]


class Asked(Protocol):
    """Something outside that knows what it took."""

    def find_all(self, attempts: Mapping[str, datetime | None]) -> Answers:
        """Return what it knows of each reference; ``attempts`` says when each was offered last."""
        ...


def reconcile(
    campaign: Campaign, asked: Mapping[str, Asked], now: datetime, patience: timedelta = PATIENCE
) -> Counter[str]:
    """Ask for every notice in doubt what became of it; returns how many went where, or stay in doubt."""
    counts: Counter[str] = Counter()
    for channel, outside in sorted(asked.items()):
        doubtful = Notice.objects.filter(campaign=campaign, state=State.UNKNOWN, channel=channel)
        rows = list(doubtful.order_by("pk"))
        for start in range(0, len(rows), _EACH):
            counts += _settle(rows[start : start + _EACH], outside, now, patience)
    counts[str(State.UNKNOWN)] = Notice.objects.filter(campaign=campaign, state=State.UNKNOWN).count()
    return counts


def _settle(rows: Sequence[Notice], outside: Asked, now: datetime, patience: timedelta) -> Counter[str]:
    answers = outside.find_all(_attempts(rows))
    doubted = outside.find_all({each.reference: each.moved_at for each in rows})
    taken = [each for each in rows if isinstance(answers[each.reference], Accepted)]
    refused = [
        each
        for each in rows
        if now - each.moved_at >= patience
        and isinstance(answers[each.reference], NotAccepted)
        and isinstance(doubted[each.reference], NotAccepted)
    ]
    moves = (
        (taken, State.HANDED, "asked outside: it was taken"),
        (refused, State.PLANNED, "asked outside: it was not taken"),
    )
    counts: Counter[str] = Counter()
    for those, new, why in moves:
        because = Because(why, "reconcile", now)
        counts[str(new)] += len(move([each.pk for each in those], State.UNKNOWN, new, because))
    return counts


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
