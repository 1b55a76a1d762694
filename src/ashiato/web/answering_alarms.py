"""What is done about an alarm of a guard: whoever asked is stopped where the operator's file says so.

An account or a session is one asker's: stopping it touches that one. How many honest people share an address
is not known, so that addresses alone are proposed and wait for two persons.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ashiato.outside.controls.targets import ControlError, TargetKind
from ashiato.rooms.containing.api import (
    Cause,
    Means,
    Plan,
    StepStand,
    Wish,
    held_among,
    list_answering,
    list_stuck,
    propose,
    sessions_left,
    trouble_of,
    wish_of,
)
from ashiato.rooms.containing.api import Stand as PlanStand
from ashiato.rooms.watching.api import Answer, Response, raise_alarm, record_response, responses_to
from ashiato.terms.alarms import Actor, ActorKind, Alarm, AlarmCode
from ashiato.terms.errors import ServerError
from ashiato.terms.times import us_of

_ONE_ASKER = frozenset({ActorKind.ACCOUNT, ActorKind.SESSION, ActorKind.API_KEY})
#: What is told of a plan; of one that is being taken back, what was told before.
_ANSWERS = {
    PlanStand.VERIFIED: Answer.VERIFIED,
    PlanStand.APPLYING: Answer.DONE,
    PlanStand.APPLIED: Answer.DONE,
    PlanStand.PROPOSED: Answer.PROPOSED,
    PlanStand.APPROVED: Answer.PROPOSED,
    PlanStand.FAILED: Answer.FAILED,
    PlanStand.STUCK: Answer.FAILED,
    PlanStand.REFUSED: Answer.OVER,
    PlanStand.UNDONE: Answer.OVER,
    PlanStand.EXPIRED: Answer.OVER,
}
#: What is told of a plan that ended is brought up to date for so long after it.
_AFTERWARDS = timedelta(days=1)
_MOST_NAMED = 20
_NO_PLAN = "no plan could be made: the guard's own log says why"
_NAMED_BY_ALARMS = frozenset(ActorKind)
_LOG = logging.getLogger(__name__)


def is_answerable(means: Means, alarm: Alarm) -> bool:
    """Tell whether a control stops any of an alarm's actors, so that something is to come of it."""
    return bool(_wishes(means, alarm))


def answer_alarm(means: Means, alarm: Alarm) -> Plan | None:
    """Propose to stop the actors of an alarm, and say so with it; None where no control stops any of them.

    An alarm has one plan, however often it is handed on. A control that is at fault is told in the log, and
    the alarm stands all the same.
    """
    wishes = _wishes(means, alarm)
    if not wishes:
        return None
    try:
        plan = _propose(means, alarm, wishes)
    except ServerError as error:
        _LOG.warning("an alarm is not answered: %s", error)
        record_response(alarm.key, Response(Answer.FAILED, trouble=_NO_PLAN))
        return None
    response = _response(plan)
    if response is not None:
        record_response(alarm.key, response)
    return plan


def _propose(means: Means, alarm: Alarm, wishes: list[Wish]) -> Plan:
    """Propose to stop them; of a group whom no plan holds yet, in a plan apart what may not end by itself."""
    cause = Cause(_why(alarm), alarm_key=alarm.key, waits=means.policy.waits_for_a_person(alarm))
    if not _is_spread(wishes):
        return propose(means, wishes, cause)
    held = held_among(wish.target for wish in wishes)
    free = [wish for wish in wishes if wish.target not in held]
    if not free:
        return next(iter(held.values()))
    policy = means.policy
    first = max(policy.automatic_reach or 0, sessions_left(means)) or len(free)
    plan = propose(means, free[: min(first, policy.most_targets)], cause)
    named = set(plan.steps.values_list("value", flat=True))
    rest = [wish for wish in free if wish.target.value not in named]
    if rest:
        propose(means, rest, replace(cause, alarm_key=f"{alarm.key}/rest", waits=True))
    return plan


def _is_spread(wishes: Sequence[Wish]) -> bool:
    """Tell whether an alarm is of a group: nobody has two sessions in an alarm of their own."""
    return sum(wish.target.kind is TargetKind.SESSION for wish in wishes) > 1


def tell_plans(now: datetime) -> None:
    """Let each alarm say how its plan stands now, and raise one, once, for each plan that needs a person."""
    plans = {plan.alarm_key: plan for plan in list_answering(now - _AFTERWARDS)}
    for key, told in responses_to(plans).items():
        response = _response(plans[key])
        if response not in {None, told}:
            record_response(key, response)
    for plan in list_stuck():
        raise_alarm(_stuck(plan, us_of(now)), now, Response(Answer.FAILED, str(plan.pk), trouble_of(plan)))


def _response(plan: Plan) -> Response | None:
    answer = _ANSWERS.get(PlanStand(plan.stand))
    if answer is None:
        return None
    return Response(answer, str(plan.pk), trouble_of(plan) if answer is Answer.FAILED else "")


def _stuck(plan: Plan, at_us: int) -> Alarm:
    """One alarm for being applied and one for being taken back, however often it is seen."""
    rule = f"containment/{plan.pk}"
    steps = plan.steps.filter(stand=StepStand.FOREIGN, kind__in=_NAMED_BY_ALARMS).order_by("pk")
    actors = tuple(Actor(step.system, ActorKind(step.kind), step.value) for step in steps[:_MOST_NAMED])
    key, code = f"{rule}/{plan.ends_as}", AlarmCode.CONTAINMENT_STUCK
    return Alarm(key, code, rule, at_us, at_us, at_us, actors, 0, None, 0, ())


def _wishes(means: Means, alarm: Alarm) -> list[Wish]:
    """Return the narrowest that can be stopped: accounts and sessions, else addresses and networks.

    Of a group the sessions alone: among its members there may be somebody honest, to whom that is a sign-in.
    """
    one = [wish for actor in alarm.actors if actor.kind in _ONE_ASKER for wish in _wish(means, actor, 1)]
    if _is_spread(one):
        return [wish for wish in one if wish.target.kind is TargetKind.SESSION]
    return one or [
        wish for actor in alarm.actors if actor.kind not in _ONE_ASKER for wish in _wish(means, actor, None)
    ]


def _wish(means: Means, actor: Actor, reach: int | None) -> list[Wish]:
    """Return the wish to stop somebody; nothing for a value of another kind, or that no control takes."""
    try:
        wish = wish_of(actor, reach)
    except ControlError:
        return []
    return [wish] if means.control_for(wish.target) is not None else []


def _why(alarm: Alarm) -> str:
    return f"{alarm.rule}: {alarm.people} people at least" if alarm.people else alarm.rule
