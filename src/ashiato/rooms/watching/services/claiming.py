"""Claim messages before they are offered, and write down what each try came to."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, IntegerField, Q, Value, When

from ashiato.rooms.living import host_of, is_surely_dead, machine_id
from ashiato.rooms.watching.models import Message, Try
from ashiato.rooms.watching.policy import Policy
from ashiato.rooms.watching.services.planning import ALWAYS_GRAVE
from ashiato.rooms.watching.terms import Outcome, Stand

#: A worker of another machine that does not say what became of its claim is held for dead after so long.
SILENT = timedelta(minutes=5)
#: When every way of a receiver has failed, so long is waited, then twice as long each time, up to the most.
FIRST_PAUSE, MOST_PAUSE = timedelta(seconds=15), timedelta(minutes=10)


@transaction.atomic
def claim(policy: Policy, lock_file: str, most: int, at: datetime) -> list[Message]:
    """Claim messages that are due, the gravest first; committed when this returns.

    Rows that another worker holds are passed over. ``lock_file`` proves on this machine whether we live.
    """
    grave = Q(group__kind__code__in=ALWAYS_GRAVE)
    order = Case(When(grave, then=Value(0)), default=Value(1), output_field=IntegerField())
    due = Message.objects.filter(stand=Stand.WAITING, not_before__lte=at, receiver__in=policy.receivers)
    rows = due.select_for_update(skip_locked=True, of=("self",), no_key=True).select_related("group__kind")
    claimed = list(rows.order_by(order, "-group__people", "pk")[:most])
    held = {"machine": machine_id(), "lock_file": lock_file, "claimed_at": at}
    Message.objects.filter(pk__in=[each.pk for each in claimed]).update(stand=Stand.CLAIMED, **held)
    return claimed


def release_dead(lock_file: str, at: datetime) -> int:
    """Give back what dead workers had claimed, to be offered again by the next way; returns how much.

    Nobody can tell whether it was taken: an alarm that may have been told is told once more, and says so.
    """
    others = Message.objects.filter(stand=Stand.CLAIMED).exclude(machine=machine_id(), lock_file=lock_file)
    return sum(_release(each, at) for each in others if _is_dead(each, at))


def _is_dead(message: Message, at: datetime) -> bool:
    if host_of(message.machine) == host_of(machine_id()):
        return is_surely_dead(message.machine, message.lock_file)
    return message.claimed_at is not None and message.claimed_at < at - SILENT


@transaction.atomic
def _release(message: Message, at: datetime) -> int:
    rows = Message.objects.filter(pk=message.pk, stand=Stand.CLAIMED, lock_file=message.lock_file)
    if not rows.update(stand=Stand.WAITING, is_again=True, tries=message.tries + 1, not_before=at):
        return 0
    Try.objects.create(message=message, at=at, outcome=Outcome.DOUBT, words="the worker died over it")
    return 1


@transaction.atomic
def record_try(message: Message, policy: Policy, found: Try, lock_file: str) -> None:
    """Write down what a try came to; one that was not taken is tried by the receiver's next way.

    Where our claim was taken for dead meanwhile, the try is written down, and the message is left to others.
    """
    found.message = message
    found.save()
    ours = Message.objects.filter(pk=message.pk, stand=Stand.CLAIMED, lock_file=lock_file)
    if found.outcome == Outcome.HANDED:
        ours.update(stand=Stand.HANDED, handed_at=found.at, tries=message.tries + 1)
        return
    tries = message.tries + 1
    again = message.is_again or found.outcome == Outcome.DOUBT
    due = found.at + _pause(tries, len(policy.receivers[message.receiver].ways))
    ours.update(stand=Stand.WAITING, tries=tries, is_again=again, not_before=due)


def _pause(tries: int, ways: int) -> timedelta:
    """Return how long to wait before the next try: not at all while there is a way not tried this time."""
    turns, place = divmod(tries, ways)
    return timedelta() if place else min(FIRST_PAUSE * 2 ** min(turns - 1, 10), MOST_PAUSE)
