"""Guards show themselves: what they say of themselves is kept, and what they no longer follow goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from ashiato.rooms.watching.models import Guard, Source

_LONGEST_NAME, _LONGEST_SOURCE = 64, 200


@transaction.atomic
def heartbeat(guard: str, sources: Mapping[str, int | None], at: datetime) -> None:
    """Note that a guard lives, and of each source it follows the newest line's time (µs), if any came."""
    name = guard[:_LONGEST_NAME]
    shown = {"beats": F("beats") + 1, "beat_at": at, "is_stopped": False}
    if not Guard.objects.filter(name=name).update(**shown):
        Guard.objects.create(name=name, beats=1, beat_at=at)
    _follow(Guard.objects.get(name=name), {each[:_LONGEST_SOURCE]: us for each, us in sources.items()})


def stop_guard(guard: str, at: datetime) -> None:
    """Note that a guard was stopped in order: nobody is told that it is silent."""
    Guard.objects.filter(name=guard[:_LONGEST_NAME]).update(is_stopped=True, beat_at=at)


def _follow(guard: Guard, sources: Mapping[str, int | None]) -> None:
    known = dict(guard.sources.values_list("name", "newest_us"))
    guard.sources.exclude(name__in=sources).delete()
    for name, newest_us in sources.items():
        if name not in known:
            Source.objects.create(guard=guard, name=name, newest_us=newest_us)
        elif newest_us is not None and newest_us != known[name]:
            guard.sources.filter(name=name).update(newest_us=newest_us)
