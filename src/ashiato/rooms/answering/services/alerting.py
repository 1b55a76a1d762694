"""Alerts in batches: one per queue and grade, however many contacts are late; told again when it doubles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Count, QuerySet

from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.answering.ladder import LIMITS
from ashiato.rooms.answering.models import Alert, CallBack, Contact, Desk, Flag, Trial
from ashiato.rooms.answering.services.opening import hours_of
from ashiato.rooms.answering.services.watching import watch_desk
from ashiato.rooms.answering.words import GRADES, AlertKind, Outcome, Queue, Stand

_WHOLE = 100


@dataclass(frozen=True)
class _Count:
    kind: AlertKind
    queue: str
    grade: int
    count: int


@transaction.atomic
def raise_alerts(desk: Desk, at: datetime) -> list[Alert]:
    """Bring a desk's alerts to how things are; returns those that are new, or stand for twice as many now.

    Asked again a moment later it returns none: how often it is asked makes no noise. Callers whom the desk
    cannot answer within its target hold what is still to be sent back.
    """
    watch_desk(desk.campaign, at)
    desk = Desk.objects.select_for_update().get(pk=desk.pk)
    standing = {
        (each.kind, each.queue, each.grade): each for each in desk.alerts.filter(ended_at=None).order_by("pk")
    }
    return [alert for count in _counts(desk, at) if (alert := _bring(desk, standing, count, at))]


def see_alert(alert: Alert, staff: Staff) -> None:
    """Note who saw an alert; it stays until there is no reason for it."""
    Alert.objects.filter(pk=alert.pk, seen_by=None).update(seen_by=staff)


def _bring(
    desk: Desk, standing: dict[tuple[str, str, int], Alert], count: _Count, at: datetime
) -> Alert | None:
    alert = standing.get((count.kind, count.queue, count.grade))
    if alert is None:
        if not count.count:
            return None
        said = {"kind": count.kind, "queue": count.queue, "grade": count.grade}
        return Alert.objects.create(desk=desk, count=count.count, told=count.count, raised_at=at, **said)
    is_worse = count.count >= 2 * alert.told
    alert.count, alert.ended_at = count.count, None if count.count else at
    if is_worse:
        alert.told, alert.raised_at, alert.seen_by = count.count, at, None
    alert.save()
    return alert if is_worse else None


def _counts(desk: Desk, at: datetime) -> Iterator[_Count]:
    for queue in Queue:
        yield from _late(desk, queue, at)
    owed = CallBack.objects.filter(contact__desk=desk, outcome=Outcome.OPEN, due_at__lte=at)
    yield _Count(AlertKind.CALL_BACKS, "", _WHOLE, owed.count())
    flagged = Flag.objects.filter(contact__desk=desk).exclude(contact__stand=Stand.CLOSED)
    yield _Count(AlertKind.SUSPICION, "", _WHOLE, flagged.values("contact").distinct().count())
    yield from _guesses(desk, at)


def _late(desk: Desk, queue: Queue, at: datetime) -> Iterator[_Count]:
    """Count the open contacts of a queue by how much of their target has passed, each in one grade."""
    hours, target = hours_of(desk), desk.target(queue)
    still = Contact.objects.filter(desk=desk, queue=queue).exclude(stand=Stand.CLOSED)
    later = datetime.min.replace(tzinfo=UTC)
    for grade in reversed(GRADES):
        since = hours.before(at, target * grade // _WHOLE)
        yield _Count(AlertKind.LATE, queue, grade, still.filter(at__gt=later, at__lte=since).count())
        later = since


def _guesses(desk: Desk, at: datetime) -> Iterator[_Count]:
    """Count failed tries over all, agents who had too many, and persons who were tried too often."""
    failed = Trial.objects.filter(contact__desk=desk, has_passed=False)
    lately, day = failed.filter(at__gte=at - LIMITS.hour), failed.filter(at__gte=at - LIMITS.span)
    number = lately.count()
    yield _Count(AlertKind.GUESSING, "", _WHOLE, number if number >= LIMITS.everyone else 0)
    yield _Count(AlertKind.AGENTS, "", _WHOLE, _many(lately, "staff", LIMITS.agent))
    yield _Count(AlertKind.PERSONS, "", _WHOLE, _many(day, "subject", LIMITS.person))


def _many(trials: QuerySet[Trial], by: str, most: int) -> int:
    number: int = trials.values(by).annotate(number=Count("pk")).filter(number__gte=most).count()
    return number
