"""In doubt: what was offered and not answered is asked for outside, else decided by a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from ashiato.outside.messages.outcomes import Accepted, Lookup, NotAccepted
from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.notifying.models import Campaign, Notice
from ashiato.rooms.notifying.services.moving import Because, move
from ashiato.rooms.notifying.states import State
from ashiato.terms.errors import ServerError

#: What was sent before its worker died may still be on its way in; so long nobody's "no" is a proof.
PATIENCE = timedelta(minutes=10)
DECISIONS = (State.HANDED, State.PLANNED, State.GIVEN_UP)


def reconcile(
    campaign: Campaign, lookups: Mapping[str, Lookup], now: datetime, patience: timedelta = PATIENCE
) -> Counter[str]:
    """Ask for every notice in doubt what became of it; returns how many went where, or stay in doubt."""
    doubtful = Notice.objects.filter(campaign=campaign, state=State.UNKNOWN).order_by("pk")
    counts: Counter[str] = Counter()
    for notice in list(doubtful):
        lookup = lookups.get(notice.channel)
        new = _settled(notice, lookup, now, patience) if lookup else None
        counts[str(new or State.UNKNOWN)] += 1
    return counts


def _settled(notice: Notice, lookup: Lookup, now: datetime, patience: timedelta) -> State | None:
    answer = lookup.find(notice.reference)
    if isinstance(answer, Accepted):
        because = Because("asked outside: it was taken", "reconcile", now)
        values = {"outside_reference": answer.reference[:200]}
        return State.HANDED if move([notice.pk], State.UNKNOWN, State.HANDED, because, values) else None
    if isinstance(answer, NotAccepted) and now - notice.moved_at >= patience:
        because = Because(f"asked outside: it was not taken ({answer.cause})", "reconcile", now)
        return State.PLANNED if move([notice.pk], State.UNKNOWN, State.PLANNED, because) else None
    return None


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
