"""Letters that somebody has to answer, for whoever keeps the desk: each is passed on once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ashiato.bundle.intake import Kind
from ashiato.rooms.cases.api import Locker, read_key
from ashiato.rooms.notifying.api import Campaign
from ashiato.rooms.publishing.models import Received

#: What a machine answers, or nobody: a contact that was asked about, a code that stands on no message.
_NOT_FOR_PEOPLE = (Kind.CONTACT_CHECK, Kind.CODE_ASKED)


def letters_for_the_desk(campaign: Campaign) -> Iterator[tuple[Received, Mapping[str, Any]]]:
    """Yield each letter that waits for the desk, oldest first, with what it says."""
    waiting = Received.objects.filter(campaign=campaign, passed_at=None).exclude(said=b"")
    found = list(waiting.exclude(kind__in=_NOT_FOR_PEOPLE).order_by("pk").values_list("pk", flat=True))
    if not found:
        return
    locker = Locker(read_key(campaign.key_name))
    for pk in found:
        letter = Received.objects.get(pk=pk)
        yield letter, json.loads(locker.unlock(bytes(letter.said), letter.name))


def pass_on(letter: Received, at: datetime) -> bool:
    """Note that the desk has a letter; False where it was passed on before."""
    return Received.objects.filter(pk=letter.pk, passed_at=None).update(passed_at=at) == 1
