"""How long this room keeps what is personal."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from ashiato.rooms.accounts.api import Event, Policy
from ashiato.rooms.watching.models import AlarmGroup, Closing, GroupNote, RaisedAlarm

#: Who asked for the data is of use while a case may still be opened over it.
_YEAR = timedelta(days=365)


def _old_groups(now: datetime) -> QuerySet[AlarmGroup]:
    return AlarmGroup.objects.filter(last_at__lt=now - _YEAR).exclude(actors=[])


def _old_alarms(now: datetime) -> QuerySet[RaisedAlarm]:
    return RaisedAlarm.objects.filter(raised_at__lt=now - _YEAR).exclude(actors=[])


POLICIES = (
    Policy(AlarmGroup, Event.YEAR, due=_old_groups, emptied={"actors": []}),
    Policy(RaisedAlarm, Event.YEAR, due=_old_alarms, emptied={"actors": []}),
    Policy(GroupNote, Event.PROOF),
    Policy(Closing, Event.PROOF, case="case__name"),
)
