"""Erase what messages were made from, so many days after what became of them; hashes and outcomes stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from ashiato.rooms.accounts.api import Staff, overwriting, record_entry
from ashiato.rooms.notifying.models import Campaign, Notice, PersonInScope
from ashiato.rooms.notifying.states import OPEN, State

_EACH = 2_000


def expire(campaign: Campaign, by: Staff, now: datetime) -> int:
    """Erase name, contact and fields of everybody whose last outcome is older than the campaign keeps them.

    Returns of how many. Whoever still waits for something keeps theirs; what they were told is still named
    by its hashes. On SQLite the place they stood in the file is written over.
    """
    due = list_due(campaign, now).order_by("pk")
    count, last = 0, 0
    with overwriting():
        while part := list(due.filter(pk__gt=last).values_list("pk", flat=True)[:_EACH]):
            count += _erase(campaign, part, now)
            last = part[-1]
        if count:
            why = f"{count} people, {campaign.keep_days} days after their outcome"
            record_entry(by, "erased contents", str(campaign), at=now, why=why)
    return count


def list_due(campaign: Campaign, now: datetime) -> QuerySet[PersonInScope]:
    """Return the people whose contents are to be erased by now; nobody of whom something is still open.

    Whom the last of their channels did not reach is still to be told: by publication, or at another address.
    """
    before = now - timedelta(days=campaign.keep_days)
    own = Notice.objects.filter(person=OuterRef("pk"))
    untold = Q(is_current=True, state__in=(State.BOUNCED, State.RETURNED))
    waiting = Exists(own.filter(Q(state__in=OPEN) | Q(moved_at__gt=before) | untold))
    people = PersonInScope.objects.filter(campaign=campaign, erased_at=None).exclude(waiting)
    # Whoever never had a notice was left out when the campaign was made, or after.
    return people if campaign.made_at <= before else people.filter(Exists(own))


@transaction.atomic
def _erase(campaign: Campaign, people: list[int], now: datetime) -> int:
    held = PersonInScope.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk")
    found = set(held.values_list("pk", flat=True))
    still = list_due(campaign, now).filter(pk__in=found)
    return PersonInScope.objects.filter(pk__in=list(still.values_list("pk", flat=True))).update(
        told=b"", asked=b"", erased_at=now
    )
