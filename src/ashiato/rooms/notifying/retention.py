"""How long this room keeps what is personal; a campaign says for how many days contents are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from ashiato.rooms.accounts.api import Event, Policy, Staff
from ashiato.rooms.notifying.models import (
    Approval,
    Campaign,
    Gate,
    LeftAlone,
    Notice,
    NoticeMove,
    PersonInScope,
    Receipt,
)
from ashiato.rooms.notifying.services.expiring import expire, list_due


def past_its_time(campaign: str, moment: str, now: datetime) -> Q:
    """Tell rows of which a moment is longer ago than their campaign keeps contents.

    ``campaign``, ``moment``: the ways from a row to its campaign and to the moment.
    """
    past = Q(pk__in=[])
    for key, days in Campaign.objects.values_list("pk", "keep_days"):
        past |= Q(**{campaign: key, f"{moment}__lt": now - timedelta(days=days)})
    return past


def past_its_end(campaign: str, moment: str, now: datetime) -> Q:
    """Tell rows of which a moment, and the last outcome of their campaign too, are longer ago than that."""
    past = Q(pk__in=[])
    for key, days in Campaign.objects.values_list("pk", "keep_days"):
        before = now - timedelta(days=days)
        if not Notice.objects.filter(campaign=key, moved_at__gte=before).exists():
            past |= Q(**{campaign: key, f"{moment}__lt": before})
    return past


def _told_long_ago(now: datetime) -> QuerySet[PersonInScope]:
    due = Q(pk__in=[])
    for campaign in Campaign.objects.all():
        due |= Q(pk__in=list_due(campaign, now).values("pk"))
    return PersonInScope.objects.filter(due)


def _expire_all(by: Staff, now: datetime) -> int:
    return sum(expire(campaign, by, now) for campaign in Campaign.objects.order_by("pk"))


POLICIES = (
    Policy(Campaign, Event.PROOF, "case__name"),
    Policy(
        PersonInScope,
        Event.OUTCOME,
        "campaign__case__name",
        due=_told_long_ago,
        emptied={"told": b"", "asked": b""},
        own=_expire_all,
    ),
    Policy(Notice, Event.PROOF, "campaign__case__name"),
    Policy(NoticeMove, Event.PROOF, "notice__campaign__case__name"),
    Policy(Receipt, Event.PROOF, "notice__campaign__case__name"),
    Policy(Approval, Event.PROOF, "campaign__case__name"),
    Policy(Gate, Event.PROOF, "campaign__case__name"),
    Policy(LeftAlone, Event.PROOF),
)
