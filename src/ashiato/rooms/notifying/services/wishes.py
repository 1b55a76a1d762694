"""What is kept locked of a person: what they are told, and what they asked of us."""

from __future__ import annotations

import json
from typing import Any

from ashiato.rooms.cases.api import Locker, read_key
from ashiato.rooms.notifying.models import PersonInScope
from ashiato.rooms.notifying.scope import NO_WISH, Wish


def wish_of(person: PersonInScope, locker: Locker) -> Wish:
    """Return what a person asked for before."""
    if not person.asked:
        return NO_WISH
    return Wish(**json.loads(locker.unlock(bytes(person.asked), wish_owner(person))))


def wish_owner(person: PersonInScope) -> str:
    """Name whose wish a locked text is."""
    return f"{person.person_key} asked"


def told_of(person: PersonInScope) -> dict[str, Any]:
    """Return what is locked of a person: contact, own fields, harms; all empty once it is erased.

    The caller records the look.
    """
    if not person.told:
        return {"contact": {}, "fields": [], "harms": []}
    locker = Locker(read_key(person.campaign.key_name))
    told: dict[str, Any] = json.loads(locker.unlock(bytes(person.told), person.person_key))
    return told


def wish_kept(person: PersonInScope) -> Wish:
    """Return what a person asked for, with the campaign's key. The caller records the look."""
    return wish_of(person, Locker(read_key(person.campaign.key_name))) if person.asked else NO_WISH
