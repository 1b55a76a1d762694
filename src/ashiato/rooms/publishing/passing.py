"""Letters that somebody has to answer, for whoever keeps the desk: each is passed on once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from ashiato.bundle.intake import Kind
from ashiato.rooms.cases.api import Locker, read_key
from ashiato.rooms.notifying.api import Campaign
from ashiato.rooms.publishing.models import Received
from ashiato.terms.errors import ServerError

#: What a machine answers, or nobody: a contact that was asked about, a code that stands on no message.
_NOT_FOR_PEOPLE = (Kind.CONTACT_CHECK, Kind.CODE_ASKED)
#: Letters that somebody has to answer and no desk has yet.
IS_WAITING = Q(passed_at=None) & ~Q(kind__in=_NOT_FOR_PEOPLE)


def letters_waiting(campaign: Campaign) -> QuerySet[Received]:
    """Return the letters that wait for the desk; what was erased waits no more."""
    return Received.objects.filter(IS_WAITING, campaign=campaign).exclude(said=b"")


def letters_for_the_desk(campaign: Campaign) -> Iterator[tuple[Received, Mapping[str, Any] | None]]:
    """Yield each letter that waits for the desk, oldest first, with what it says; None: it does not open."""
    waiting = letters_waiting(campaign)
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        # Somebody else may have passed it on, or erased it, since it was listed.
        letter = waiting.filter(pk=pk).first()
        if letter is not None:
            yield letter, _said(campaign, letter)


def _said(campaign: Campaign, letter: Received) -> Mapping[str, Any] | None:
    try:
        said = json.loads(Locker(read_key(campaign.key_name)).unlock(bytes(letter.said), letter.name))
    except (ServerError, ValueError):
        return None
    return said if isinstance(said, dict) else None


def pass_on(letter: Received, at: datetime) -> bool:
    """Note that the desk has a letter; False where it was passed on before."""
    return Received.objects.filter(pk=letter.pk, passed_at=None).update(passed_at=at) == 1
