"""How long this room keeps what is personal."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from ashiato.rooms.accounts.api import Event, Policy
from ashiato.rooms.containing.models import LIVE, Approval, Halt, Plan, Step

#: Whom was stopped is of use while somebody may still ask why.
_YEAR = timedelta(days=365)


def _old(now: datetime) -> QuerySet[Step]:
    return Step.objects.filter(plan__until__lt=now - _YEAR).exclude(stand__in=LIVE).exclude(value="")


POLICIES = (
    Policy(Plan, Event.PROOF),
    Policy(Step, Event.YEAR, due=_old, emptied={"value": "", "tried": "", "fault": "", "shown": ""}),
    Policy(Approval, Event.PROOF),
    Policy(Halt, Event.PROOF),
)
