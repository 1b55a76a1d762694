"""Callers who wait hold the next messages back: more than a desk answers within its target close a gate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ashiato.rooms.answering.models import CallBack, Contact, Desk
from ashiato.rooms.answering.words import Outcome, Queue, Stand
from ashiato.rooms.notifying.api import Campaign, calls_count_from, newest_forecast, watch_calls


def watch_desk(campaign: Campaign, at: datetime) -> bool:
    """Close the gate for calls where too many wait; returns whether it did. No desk or no forecast: nothing.

    A hand that opened the gate takes those who waited then as known: they count no more.
    """
    desk, since = Desk.objects.filter(campaign=campaign).first(), calls_count_from(campaign)
    forecast = newest_forecast(campaign)
    if desk is None or since is None or forecast is None:
        return False
    return watch_calls(campaign, _waiting(desk, since, at), most_waiting(desk, forecast), at)


def most_waiting(desk: Desk, forecast: Mapping[str, int]) -> int:
    """Return how many callers the agents of a forecast answer within the target of the queue."""
    return max(1, forecast["agents"] * desk.target(Queue.CALLS) // forecast["minutes_each"])


def _waiting(desk: Desk, since: datetime, at: datetime) -> int:
    """Count callers whom nobody answers yet, and calls that should have been made."""
    free = Contact.objects.filter(desk=desk, queue=Queue.CALLS, stand=Stand.OPEN, taken_by=None)
    owed = CallBack.objects.filter(contact__desk=desk, outcome=Outcome.OPEN, due_at__lte=at)
    return free.filter(at__gt=since).count() + owed.filter(due_at__gt=since).count()
