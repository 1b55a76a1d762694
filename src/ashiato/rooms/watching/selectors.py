"""Read: groups as pages list them, ways that fail, who shows themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Count, Max, QuerySet

from ashiato.rooms.watching.models import AlarmGroup, Guard, RaisedAlarm, Try
from ashiato.rooms.watching.terms import NOTHING, Answer, Outcome, Response


def list_groups(systems: Collection[str] | None = None, *, is_open: bool = False) -> QuerySet[AlarmGroup]:
    """Return groups, the latest alarm first, of all systems or of these.

    ``is_open``: those that nobody has acknowledged alone.
    """
    rows = AlarmGroup.objects.select_related("kind", "acknowledged_by").order_by("-last_at", "-pk")
    rows = rows if systems is None else rows.filter(kind__system__in=systems)
    return rows.filter(acknowledged_at=None) if is_open else rows


def tell_group(group: AlarmGroup) -> dict[str, Any]:
    """Return what is told of a group outside the console: numbers and lines, and nobody who asked."""
    return {
        "number": group.pk,
        "code": group.kind.code,
        "system": group.kind.system,
        "rule": group.rule,
        "last_at": group.last_at.isoformat(),
        "people_at_least": group.people,
        "people_expected": group.people_expected,
        "window_s": group.window_s,
        "alarms": group.alarms,
        "actors": group.actors_count,
        "lines": group.lines,
        "acknowledged_by": group.acknowledged_by.name if group.acknowledged_by else None,
    }


def count_answers(group: AlarmGroup) -> list[dict[str, Any]]:
    """Return what a guard did about how many alarms of a group (answer, plan, trouble, number)."""
    counted = group.raised.values("answer", "plan", "trouble").annotate(number=Count("pk"))
    rows = counted.order_by("-number", "answer", "plan", "trouble")
    return [{**row, "answer": row["answer"] or NOTHING} for row in rows]


def responses_to(keys: Iterable[str]) -> dict[str, Response]:
    """Return what is told of alarms by their keys, of those that were raised and answered."""
    rows = RaisedAlarm.objects.filter(key__in=list(keys)).exclude(answer="")
    said = rows.values_list("key", "answer", "plan", "trouble")
    return {key: Response(Answer(answer), plan, trouble) for key, answer, plan, trouble in said}


def list_failing_ways() -> list[Try]:
    """Return the last try of every way that took nothing when it was last tried, by the way's name."""
    last = Try.objects.exclude(way="").values("way").annotate(newest=Max("pk")).values("newest")
    return list(Try.objects.filter(pk__in=last).exclude(outcome=Outcome.HANDED).order_by("way"))


def list_guards() -> QuerySet[Guard]:
    """Return every guard that ever showed itself, with what it follows, by name."""
    return Guard.objects.prefetch_related("sources").order_by("name")
