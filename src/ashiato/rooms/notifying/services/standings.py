"""What a campaign knows of people that a run names."""

from __future__ import annotations

from collections.abc import Iterable

from ashiato.rooms.cases.api import Locker
from ashiato.rooms.notifying.models import Campaign, Notice, PersonInScope
from ashiato.rooms.notifying.scope import PersonFound
from ashiato.rooms.notifying.services.changing import Standing
from ashiato.rooms.notifying.services.naming import person_key_of
from ashiato.rooms.notifying.services.wishes import wish_of


class Standings:
    """Where people of a campaign stand, by the engine's names of them."""

    def __init__(self, campaign: Campaign, key: bytes) -> None:
        """``key``: the campaign's."""
        self._campaign, self._key, self._locker = campaign, key, Locker(key)

    def of(self, people: Iterable[PersonFound], *, hold: bool) -> dict[str, Standing]:
        """Return where those stand whom the campaign knows; ``hold``: they and their notices are held.

        People first, as a wish does: one granted meanwhile is waited for, and not written over.
        """
        ids = {person_key_of(self._campaign, each.person_id): each.person_id for each in people}
        rows = PersonInScope.objects.filter(campaign=self._campaign, person_key__in=list(ids))
        # Their keys do not change: whoever holds a notice of theirs may plan the one after it.
        held = list((rows.select_for_update(no_key=True) if hold else rows).order_by("pk"))
        notices = Notice.objects.filter(person__in=held, is_current=True).order_by("pk")
        current = {
            each.person_id: each for each in (notices.select_for_update(no_key=True) if hold else notices)
        }
        return {ids[each.person_key]: self._standing(each, current.get(each.pk)) for each in held}

    def answer_of(self, found: PersonFound) -> str:
        """Name what somebody is told, by the campaign's key."""
        return found.answer(self._key)

    def told(self, person: PersonInScope) -> bytes:
        """Return what is kept of a person; nothing once it is erased."""
        return self._locker.unlock(bytes(person.told), person.person_key) if person.told else b""

    def locked(self, found: PersonFound, person_key: str) -> bytes:
        """Return what is kept of a person, locked."""
        return self._locker.lock(found.told(), person_key)

    def _standing(self, person: PersonInScope, notice: Notice | None) -> Standing:
        return Standing(person, notice, self.told(person), wish_of(person, self._locker))
