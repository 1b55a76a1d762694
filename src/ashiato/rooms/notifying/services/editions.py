"""The notice a person is owed, and the next edition of it."""

from __future__ import annotations

from datetime import datetime

from ashiato.rooms.notifying.models import Notice, PersonInScope
from ashiato.rooms.notifying.services.moving import record_planned
from ashiato.rooms.notifying.services.naming import reference_of
from ashiato.rooms.notifying.states import Channel, State


def notice_of(person: PersonInScope, at: datetime) -> Notice:
    """Return a person's notice of their edition by their first channel, not yet written."""
    channel = person.channels.partition(",")[0] or str(Channel.PUBLICATION)
    return Notice(
        campaign=person.campaign,
        person=person,
        channel=channel,
        edition=person.edition,
        reference=reference_of(person.campaign, person.person_key, channel, person.edition),
        state=State.PLANNED,
        moved_at=at,
        answer=person.answer,
    )


def plan_edition(person: PersonInScope, why: str, at: datetime) -> None:
    """Plan a person's next edition, which counts from now on; the caller writes the person's row."""
    person.edition += 1
    Notice.objects.filter(person_id=person.pk, is_current=True).update(is_current=False)
    if not person.excluded:
        record_planned([notice_of(person, at)], why, at)


def edition_told(notice: Notice) -> int:
    """Return the how-manieth account this is that its person gets: the same one sent again is no new one."""
    if notice.edition == 1:
        return 1
    earlier = Notice.objects.filter(person_id=notice.person_id, edition__lt=notice.edition, attempts__gt=0)
    return 1 + earlier.exclude(answer=notice.answer).values("answer").distinct().count()
