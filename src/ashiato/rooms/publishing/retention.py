"""How long this room keeps what is personal."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from ashiato.rooms.accounts.api import Event, Policy
from ashiato.rooms.notifying.api import past_its_time
from ashiato.rooms.publishing.models import AnswerOwed, Received
from ashiato.rooms.publishing.passing import IS_WAITING


def _taken_long_ago(now: datetime) -> QuerySet[Received]:
    """What nobody has read is not erased: whoever wrote it still waits for an answer."""
    past = Received.objects.filter(past_its_time("campaign", "taken_at", now))
    return past.exclude(said=b"").exclude(IS_WAITING)


POLICIES = (
    Policy(Received, Event.TAKEN, "campaign__case__name", due=_taken_long_ago, emptied={"said": b""}),
    Policy(AnswerOwed, Event.PROOF, "person__campaign__case__name"),
)
