"""In which order rows are held: people first, then their notices, whoever holds both.

A wish and a plan begin with the person; what fails or waits again has its person changed with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from ashiato.rooms.notifying.models import Notice, PersonInScope


def hold_people_of(notices: Iterable[int]) -> None:
    """Hold the people of notices until the transaction ends, before any of these notices is held."""
    own = Notice.objects.filter(pk__in=list(notices)).values("person")
    list(_held().filter(pk__in=own).values_list("pk", flat=True))


def hold_people(people: Iterable[int]) -> None:
    """Hold people until the transaction ends, before any notice of theirs is held."""
    list(_held().filter(pk__in=list(people)).values_list("pk", flat=True))


def _held() -> QuerySet[PersonInScope]:
    """Their keys stay: whoever holds a notice of theirs may plan the one after it."""
    return PersonInScope.objects.select_for_update(no_key=True).order_by("pk")
