"""What follows a notice that failed: the next channel of its person, or a publication in its stead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import F

from ashiato.rooms.notifying.models import Notice, PersonInScope
from ashiato.rooms.notifying.scope import CLEARED
from ashiato.rooms.notifying.services.naming import reference_of
from ashiato.rooms.notifying.states import Channel, State

Plan = Callable[[Sequence[Notice], str, datetime], None]


def follow_failures(notices: Sequence[int], at: datetime, plan: Plan) -> None:
    """Plan the next channel for each of these notices that counts for its person.

    It goes with the same wave: who is told what has been approved. A person without a further channel is
    reached by publication, where the campaign publishes; else the failed notice stays the one that counts.
    Who was cleared by now is not told any more.
    """
    failed = Notice.objects.filter(pk__in=notices, is_current=True)
    cleared = failed.filter(person__run__lt=F("campaign__run")).values_list("person_id", flat=True)
    PersonInScope.objects.filter(pk__in=list(cleared)).update(excluded=CLEARED)
    failed = failed.filter(person__excluded="")
    following = [
        after
        for each in failed.select_related("person", "campaign__case").order_by("pk")
        if (after := _after(each, at)) is not None
    ]
    people = [each.person_id for each in following]
    Notice.objects.filter(pk__in=notices, person__in=people).update(is_current=False)
    plan(following, "the channel before it failed", at)


def _after(failed: Notice, at: datetime) -> Notice | None:
    channel = _next_of(failed)
    if channel is None:
        return None
    person = failed.person
    return Notice(
        campaign=failed.campaign,
        person=person,
        channel=channel,
        edition=failed.edition,
        reference=reference_of(failed.campaign, person.person_key, channel, failed.edition),
        state=State.PLANNED,
        wave_id=None if channel == Channel.PUBLICATION else failed.wave_id,
        moved_at=at,
        answer=failed.answer,
    )


def _next_of(failed: Notice) -> str | None:
    """Return the next channel of a person; of whom nothing is left to write with, a publication is all."""
    publishes = failed.campaign.publishes
    if failed.person.erased_at:
        return str(Channel.PUBLICATION) if publishes else None
    return next_channel(failed.person.channels, failed.channel, publishes=publishes)


def next_channel(channels: str, failed: str, *, publishes: bool) -> str | None:
    """Return what comes after a channel in a person's order; publication is the last of all."""
    order = [*filter(None, channels.split(",")), *([str(Channel.PUBLICATION)] if publishes else [])]
    place = order.index(failed) + 1 if failed in order else len(order)
    return order[place] if place < len(order) else None
