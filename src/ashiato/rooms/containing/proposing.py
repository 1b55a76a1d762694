"""A plan made: whom it stops by which control, whom it spares, and whether it goes by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from ashiato.outside.controls.targets import Target, TargetKind, checked_target
from ashiato.rooms.accounts.api import Staff, get_program
from ashiato.rooms.containing.halting import is_halted
from ashiato.rooms.containing.means import Means
from ashiato.rooms.containing.models import Plan, Stand, Step, StepStand
from ashiato.rooms.containing.rows import record
from ashiato.terms.alarms import Actor
from ashiato.terms.errors import ServerError

_EACH = 1_000
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Wish:
    """Somebody to stop, by which control; how many honest people and routes that touches, where known."""

    target: Target
    reach: int | None = None
    control: str = ""


def wish_of(actor: Actor, reach: int | None) -> Wish:
    """Return the wish to stop an actor of an alarm; ControlError where the value is none of its kind."""
    return Wish(checked_target(actor.system, actor.kind.value, actor.value), reach)


@dataclass(frozen=True)
class Cause:
    """Why somebody is to be stopped, until when, and who says so; no person where a guard does.

    ``waits``: for persons, however near it reaches.
    """

    why: str
    alarm_key: str = ""
    by: Staff | None = None
    until: datetime | None = None
    waits: bool = False


def make_plan(means: Means, wishes: Sequence[Wish], cause: Cause) -> Plan:
    """Keep a plan and return it; of an alarm that has one already, that one. Nothing outside is touched.

    A target that is never stopped, or that no control stops, is a step that says so.
    Raises: ServerError: nobody is named, no reason is given, or the time is over already.
    """
    now = means.clock.now()
    until = cause.until or now + means.policy.lasts
    if not wishes or not cause.why.strip():
        raise ServerError("a plan says whom it stops, and why", fix="name a target and a reason")
    if until <= now:
        raise ServerError("the time until which it holds is over", fix="name a moment to come")
    steps = list({(step.control, step.kind, step.value): step for step in _steps(means, wishes)}.values())
    with transaction.atomic():
        known = Plan.objects.filter(alarm_key=cause.alarm_key).exclude(alarm_key="").first()
        return known or _keep(means, steps, _reach(wishes), cause, until)


def _keep(means: Means, steps: Sequence[Step], reach: int | None, cause: Cause, until: datetime) -> Plan:
    now, by = means.clock.now(), cause.by or get_program()
    is_open = [step for step in steps if step.stand == StepStand.WAITING]
    too_far = means.policy.most_reach is not None and reach is not None and reach > means.policy.most_reach
    plan = Plan.objects.create(
        alarm_key=cause.alarm_key, why=cause.why, proposed_by=by, proposed_at=now, until=until, reach=reach,
        approvals_needed=means.policy.approvals(reach), stand=Stand.PROPOSED,
    )  # fmt: skip
    for step in steps:
        step.plan = plan
    Step.objects.bulk_create(steps, batch_size=_EACH)
    record(plan, by, "proposed", now, why=cause.why)
    if too_far or not is_open:
        _end_refused(plan, now, "it reaches too many people" if too_far else "nobody is left to stop")
    elif cause.by is None and not cause.waits and _goes_by_itself(means, plan, is_open):
        plan.is_automatic, plan.approvals_needed, plan.stand = True, 0, Stand.APPROVED
        plan.save(update_fields=["is_automatic", "approvals_needed", "stand"])
        record(plan, get_program(), "approved", now, why=f"by policy: reaches {reach}")
    return plan


def _goes_by_itself(means: Means, plan: Plan, steps: Sequence[Step]) -> bool:
    """Only a reach that is known, and within what the operator said, and while nobody said stop."""
    is_near = (
        means.policy.approvals(plan.reach) == 1
        or _ends_few_sessions(means, plan, steps)
        or _stops_one_address(means, steps)
    )
    return is_near and len(steps) <= means.policy.most_targets and not is_halted()


def _ends_few_sessions(means: Means, plan: Plan, steps: Sequence[Step]) -> bool:
    """Tell whether all it does is ending sessions of one asker each, as many as this hour still may."""
    kinds = {step.kind for step in steps}
    is_one_each = plan.reach is not None and plan.reach <= len(steps)
    return kinds == {TargetKind.SESSION.value} and is_one_each and len(steps) <= sessions_left(means)


def _stops_one_address(means: Means, steps: Sequence[Step]) -> bool:
    """Tell whether all it does is stopping one address, while this hour still may stop one."""
    kind, since = TargetKind.ADDRESS.value, means.clock.now() - _HOUR
    gone = Step.objects.filter(plan__is_automatic=True, plan__proposed_at__gt=since, kind=kind)
    stopped = set(gone.exclude(stand=StepStand.SPARED).values_list("value", flat=True))
    is_one = [step.kind for step in steps] == [kind]
    return is_one and len(stopped | {steps[0].value}) <= means.policy.automatic_addresses


def sessions_left(means: Means) -> int:
    """Return how many sessions plans beyond what goes by itself may still end within this hour."""
    policy, since = means.policy, means.clock.now() - _HOUR
    ended = Step.objects.filter(plan__is_automatic=True, plan__proposed_at__gt=since)
    beyond = ended.filter(kind=TargetKind.SESSION.value, plan__reach__gt=policy.automatic_reach or 0)
    return max(0, policy.automatic_sessions - beyond.exclude(stand=StepStand.SPARED).count())


def _end_refused(plan: Plan, now: datetime, why: str) -> None:
    plan.stand, plan.ended_at = Stand.REFUSED, now
    plan.save(update_fields=["stand", "ended_at"])
    record(plan, get_program(), "refused", now, why=why)


def _steps(means: Means, wishes: Sequence[Wish]) -> list[Step]:
    return [_step(means, wish) for wish in wishes]


def _step(means: Means, wish: Wish) -> Step:
    target, found = wish.target, means.control_for(wish.target, wish.control)
    why = means.policy.spares(target, means.resolver)
    if not why and found is None:
        why = f"no control of server.yaml stops a {target.kind.value} of {target.system}"
    words: Mapping[str, str] = {"system": target.system, "kind": target.kind.value, "value": target.value}
    stand = StepStand.SPARED if why else StepStand.WAITING
    return Step(control=found.name if found else wish.control, stand=stand, fault=why, **words)


def _reach(wishes: Sequence[Wish]) -> int | None:
    """Return how many all of it touches at most; not known where it is not of any one."""
    known = [wish.reach for wish in wishes]
    return None if None in known else sum(each for each in known if each is not None)
