"""Read: groups as pages list them, ways that fail, who shows themselves."""

from __future__ import annotations

from django.db.models import Max, QuerySet

from ashiato.rooms.watching.models import AlarmGroup, Guard, Try
from ashiato.rooms.watching.terms import Outcome


def list_groups(*, is_open: bool = False) -> QuerySet[AlarmGroup]:
    """Return groups, the latest alarm first; those that nobody acknowledged alone where asked for."""
    rows = AlarmGroup.objects.select_related("kind", "acknowledged_by").order_by("-last_at", "-pk")
    return rows.filter(acknowledged_at=None) if is_open else rows


def list_failing_ways() -> list[Try]:
    """Return the last try of every way that took nothing when it was last tried, by the way's name."""
    last = Try.objects.exclude(way="").values("way").annotate(newest=Max("pk")).values("newest")
    return list(Try.objects.filter(pk__in=last).exclude(outcome=Outcome.HANDED).order_by("way"))


def list_guards() -> QuerySet[Guard]:
    """Return every guard that ever showed itself, with what it follows, by name."""
    return Guard.objects.prefetch_related("sources").order_by("name")
