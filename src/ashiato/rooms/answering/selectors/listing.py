"""The lists an agent works from: contacts by queue, calls owed, answers that may be given, alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from ashiato.rooms.answering.models import Alert, CallBack, Contact, Desk, Script
from ashiato.rooms.answering.words import Outcome, Queue, Stand


@dataclass(frozen=True)
class QueueLoad:
    """How many contacts of a queue are open, of them without an agent, and of them past their target."""

    queue: Queue
    open: int
    untaken: int
    late: int


def list_contacts(desk: Desk, queue: Queue | None = None, *, closed: bool = False) -> QuerySet[Contact]:
    """Return a desk's contacts of all ways in one list: what is due first comes first, closed ones last."""
    rows = Contact.objects.filter(desk=desk).select_related("taken_by", "desk__campaign")
    rows = rows.filter(stand=Stand.CLOSED) if closed else rows.exclude(stand=Stand.CLOSED)
    rows = rows.filter(queue=queue) if queue else rows
    return rows.order_by("-closed_at", "pk") if closed else rows.order_by("due_at", "pk")


def queue_loads(desk: Desk, at: datetime) -> list[QueueLoad]:
    """Return each queue's load."""
    rows = Contact.objects.filter(desk=desk).exclude(stand=Stand.CLOSED).values("queue")
    counted = rows.annotate(
        all=Count("pk"),
        untaken=Count("pk", filter=Q(taken_by=None)),
        late=Count("pk", filter=Q(due_at__lte=at)),
    ).order_by("queue")
    by_queue = {row["queue"]: row for row in counted}
    none = {"all": 0, "untaken": 0, "late": 0}
    loads = ((each, by_queue.get(each, none)) for each in Queue)
    return [QueueLoad(each, row["all"], row["untaken"], row["late"]) for each, row in loads]


def list_calls(desk: Desk) -> QuerySet[CallBack]:
    """Return the calls a desk owes, the next one first."""
    owed = CallBack.objects.filter(contact__desk=desk, outcome=Outcome.OPEN)
    return owed.select_related("contact__desk__campaign", "contact__taken_by").order_by("due_at", "pk")


def list_scripts(desk: Desk) -> list[Script]:
    """Return the newest approved version of each standard answer, by name."""
    newest: Mapping[str, Script] = {
        each.name: each for each in desk.scripts.filter(is_approved=True).order_by("name", "version")
    }
    return list(newest.values())


def list_drafts(desk: Desk) -> list[Script]:
    """Return versions that wait for approval, each newer than what is approved of its name."""
    approved = {each.name: each.version for each in list_scripts(desk)}
    rows = desk.scripts.filter(is_approved=False).order_by("name", "version")
    return [each for each in rows if each.version > approved.get(each.name, 0)]


def list_alerts(desk: Desk) -> list[Alert]:
    """Return what leads are told at present, the worst first."""
    return list(desk.alerts.filter(ended_at=None).order_by("-grade", "kind", "queue"))
