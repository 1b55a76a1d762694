"""What a bundle is made from: codes of messages that somebody may hold, and what each person was told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Min, Q, QuerySet

from ashiato.bundle.contacts import plain_contact
from ashiato.bundle.openings import opening_input, pack_grades
from ashiato.bundle.records import Told
from ashiato.rooms.cases.api import Locker, read_key
from ashiato.rooms.notifying.api import Campaign, Channel, Notice, State
from ashiato.terms.grades import Grade

_AT_ONCE = 2_000
#: By what a person shows that a message came to them: the contact it was sent to.
_CONTACT = {
    str(Channel.EMAIL): "email",
    str(Channel.LETTER): "post_code",
    str(Channel.SMS): "phone",
    str(Channel.CALL): "phone",
}


@dataclass(frozen=True)
class Label:
    """A field as people are told of it."""

    ja: str
    en: str
    category: str


def notices_out(campaign: Campaign) -> QuerySet[Notice]:
    """Return the notices that somebody may hold: of an approved wave, or gone beyond being planned."""
    found = Notice.objects.filter(campaign=campaign).filter(
        Q(wave__is_approved=True) | ~Q(state=State.PLANNED)
    )
    return found.exclude(state=State.CANCELLED).exclude(channel=Channel.PUBLICATION)


class Collector:
    """Reads one campaign; people are unlocked one by one, and nothing of them is kept."""

    def __init__(self, campaign: Campaign) -> None:
        """Raises ServerError: the campaign's key was destroyed."""
        self._campaign = campaign
        self._locker = Locker(read_key(campaign.key_name))
        self.labels = self._labels()
        self._places = {label: place for place, label in enumerate(self.labels)}

    def codes(self) -> Iterator[str]:
        """Yield the code of every message that may be in somebody's hands."""
        return notices_out(self._campaign).values_list("code", flat=True).iterator(_AT_ONCE)

    def told(self) -> Iterator[Told]:
        """Yield a record for each of them whose contact can be typed.

        Who is to be told something else by now is told that, and no fields: those are in the next notice.
        """
        rows = notices_out(self._campaign).select_related("person").order_by("pk")
        for notice in rows.iterator(_AT_ONCE):
            said = self._unlocked(bytes(notice.person.told), notice.person.person_key)
            contact = plain_contact(said["contact"].get(_CONTACT[notice.channel], ""))
            if contact:
                is_same = notice.answer == notice.person.answer
                grades = self._grades(said) if is_same else [0] * len(self.labels)
                edition = notice.edition if is_same else 0
                yield Told(opening_input(notice.code, contact), pack_grades(edition, grades))

    def _grades(self, said: Mapping[str, Any]) -> list[int]:
        held = {_label_of(each): Grade(each["grade"]) for each in said["fields"]}
        return [int(held.get(label, 0)) for label in self.labels]

    def _labels(self) -> list[Label]:
        """Return every field that anybody is told of: one person of each answer is looked at."""
        people = self._campaign.people.filter(pk__in=self._one_of_each())
        found: set[Label] = set()
        for person in people.iterator(_AT_ONCE):
            said = self._unlocked(bytes(person.told), person.person_key)
            found.update(map(_label_of, said["fields"]))
        return sorted(found, key=lambda each: (each.category, each.ja))

    def _one_of_each(self) -> QuerySet[Any, Any]:
        grouped = self._campaign.people.values("answer").annotate(first=Min("pk"))
        return grouped.values("first")

    def _unlocked(self, locked: bytes, owner: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self._locker.unlock(locked, owner))
        return said


def _label_of(field: Mapping[str, Any]) -> Label:
    return Label(field["ja"], field["en"], field["category"])
