"""Claim notices for a worker, and give claims back; a claim is committed before anything is offered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from ashiato.rooms.notifying.models import Campaign, Notice, Receipt, Wave, Worker
from ashiato.rooms.notifying.services.moving import Because, record_moves
from ashiato.rooms.notifying.services.working import revive
from ashiato.rooms.notifying.states import State

#: No retry waits longer; one that would was dated by a clock that has since been set back.
LONGEST_WAIT = timedelta(minutes=30)


@dataclass(frozen=True)
class Wanted:
    """What a worker takes: of which campaign, by which channels, how many at most, and as of when."""

    campaign: Campaign
    channels: Collection[str]
    most: int
    now: datetime


def claim(worker: Worker, wanted: Wanted) -> list[Notice]:
    """Claim notices of waves that may be sent, first waves first; committed when this returns.

    Several workers may ask at once: rows that another holds are passed over, never waited for. A worker
    that others took for dead is among the living again before it has a claim. What a receipt waits for
    was taken once, and is not offered again.
    """
    for wave in list_open_waves(wanted.campaign, wanted.now):
        claimed = _claim_of(worker, wave, wanted)
        if claimed:
            return claimed
    return []


def list_open_waves(campaign: Campaign, now: datetime) -> list[Wave]:
    """Return the waves from which may be sent: approved, begun, not stopped, and no gate closed."""
    if campaign.gates.filter(is_closed=True).exists():
        return []
    begun = Q(not_before=None) | Q(not_before__lte=now)
    return list(campaign.waves.filter(begun, is_approved=True, is_stopped=False).order_by("number"))


@transaction.atomic
def _claim_of(worker: Worker, wave: Wave, wanted: Wanted) -> list[Notice]:
    revive(worker)
    waits_on = Q(not_before__gt=wanted.now, not_before__lte=wanted.now + LONGEST_WAIT)
    free = Notice.objects.filter(wave=wave, state=State.PLANNED, channel__in=wanted.channels)
    free = free.exclude(Exists(Receipt.objects.filter(notice=OuterRef("pk"), is_applied=False)))
    rows = free.exclude(waits_on).select_for_update(skip_locked=True, of=("self",), no_key=True)
    claimed = list(rows.select_related("person").order_by("pk")[: wanted.most])
    found = [each.pk for each in claimed]
    Notice.objects.filter(pk__in=found).update(
        state=State.CLAIMED, worker=worker, attempts=F("attempts") + 1, moved_at=wanted.now
    )
    record_moves(found, State.PLANNED, State.CLAIMED, Because("claimed", worker.name, wanted.now))
    return claimed
