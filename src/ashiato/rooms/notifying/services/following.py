"""What follows a notice that failed: the next channel of its person, or a publication in its stead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
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
    rows = list(failed.select_related("person", "campaign__case").order_by("pk"))
    tried = _tried_by(rows)
    following = [
        after for each in rows if (after := _after(each, tried[each.person_id, each.edition], at)) is not None
    ]
    people = [each.person_id for each in following]
    Notice.objects.filter(pk__in=notices, person__in=people).update(is_current=False)
    plan(following, "the channel before it failed", at)


def _tried_by(failed: Sequence[Notice]) -> dict[tuple[int, int], set[str]]:
    """Return the channels of each person's edition, whatever became of them."""
    tried: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    own = Notice.objects.filter(person__in=[each.person_id for each in failed])
    for person, edition, channel in own.values_list("person_id", "edition", "channel"):
        tried[person, edition].add(channel)
    return tried


def _after(failed: Notice, tried: AbstractSet[str], at: datetime) -> Notice | None:
    channel = _next_of(failed, tried)
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


def _next_of(failed: Notice, tried: AbstractSet[str]) -> str | None:
    """Return the first channel of a person not tried yet in this edition; publication is the last of all.

    Their wish may have set them in another order since: the place of what failed says nothing. Of whom
    nothing is left to write with, a publication is all.
    """
    channels = [] if failed.person.erased_at else [*filter(None, failed.person.channels.split(","))]
    publication = [str(Channel.PUBLICATION)] if failed.campaign.publishes else []
    return next((each for each in [*channels, *publication] if each not in tried), None)
