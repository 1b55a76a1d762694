"""Make messages of groups: told at first, when they grow past a step, and further up while nobody answers."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from ashiato.rooms.watching.models import AlarmGroup, Message
from ashiato.rooms.watching.policy import Policy
from ashiato.rooms.watching.terms import Stand
from ashiato.terms.alarms import AlarmCode

#: A group is told again once it holds so many times the alarms, or is about so many times the people.
MORE_ALARMS = 10
MORE_PEOPLE = 2
#: What is older, as after a week without a worker, is on the page alone.
_LATEST = timedelta(days=7)
#: Told at any hour: planted people touched, a guard that sees nothing any more, somebody who is not stopped.
ALWAYS_GRAVE = frozenset(
    {AlarmCode.CANARY.value, AlarmCode.GUARD_SILENT.value, AlarmCode.CONTAINMENT_STUCK.value}
)
_UNTOLD = (
    Q(tellings=0)
    | Q(alarms__gte=MORE_ALARMS * F("told_alarms"))
    | Q(people__gte=MORE_PEOPLE * F("told_people"), people__gt=F("told_people"))
)


def is_grave(group: AlarmGroup, policy: Policy) -> bool:
    """Tell whether a group breaks quiet hours, and goes before others."""
    return group.kind.code in ALWAYS_GRAVE or group.people >= policy.loud_people


def plan_messages(policy: Policy, at: datetime) -> int:
    """Make the messages that are due by now; returns how many. Asked again a moment later it makes none."""
    if not policy.steps:
        return 0
    unanswered = _unanswered(policy, at)
    made = sum(_tell(pk, policy, at) for pk in _keys(_UNTOLD, at))
    return made + sum(_escalate(pk, unanswered, policy, at) for pk in _keys(unanswered, at))


def _keys(due: Q, at: datetime) -> list[int]:
    found = AlarmGroup.objects.filter(due, last_at__gte=at - _LATEST)
    return list(found.order_by("pk").values_list("pk", flat=True))


def _unanswered(policy: Policy, at: datetime) -> Q:
    """Which groups' next step of the ladder is due, as nobody acknowledged them."""
    due = Q(pk__in=())
    for number, step in enumerate(policy.steps):
        due |= Q(step=number - 1, told_at__lte=at - step.after)
    return due & Q(tellings__gt=0, acknowledged_at=None)


def _hold(pk: int, still: Q) -> AlarmGroup | None:
    """Return a group, held, if it is still due: another worker may have been first."""
    rows = AlarmGroup.objects.select_for_update(no_key=True, of=("self",)).select_related("kind")
    return rows.filter(still, pk=pk).first()


@transaction.atomic
def _tell(pk: int, policy: Policy, at: datetime) -> int:
    """Tell a group, from the ladder's foot: who acknowledged it knew less than there is now."""
    group = _hold(pk, _UNTOLD)
    if group is None:
        return 0
    group.messages.filter(stand=Stand.WAITING).update(stand=Stand.SPARED)
    names = [name for step in policy.steps[: group.step + 1] for name in step.tell]
    group.tellings, group.step = group.tellings + 1, 0
    group.told_at, group.told_alarms, group.told_people = _due(group, policy, at), group.alarms, group.people
    group.acknowledged_at = group.acknowledged_by = None
    group.save()
    return _make(group, names, policy, at)


@transaction.atomic
def _escalate(pk: int, unanswered: Q, policy: Policy, at: datetime) -> int:
    group = _hold(pk, unanswered)
    if group is None:
        return 0
    group.step += 1
    group.save(update_fields=["step"])
    return _make(group, policy.steps[group.step].tell, policy, at)


def _due(group: AlarmGroup, policy: Policy, at: datetime) -> datetime:
    is_loud = policy.quiet is None or is_grave(group, policy)
    return at if is_loud or policy.quiet is None else policy.quiet.end_after(at, policy.zone)


def _make(group: AlarmGroup, names: Iterable[str], policy: Policy, at: datetime) -> int:
    told = set(group.messages.filter(telling=group.tellings).values_list("receiver", flat=True))
    made = [
        Message(
            group=group,
            telling=group.tellings,
            receiver=name,
            reference=f"alarm-{secrets.token_hex(12)}",
            made_at=at,
            not_before=_due(group, policy, at),
        )
        for name in dict.fromkeys(names)
        if name not in told
    ]
    return len(Message.objects.bulk_create(made))
