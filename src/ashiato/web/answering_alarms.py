"""What is done about an alarm of a guard: whoever asked is stopped where the operator's file says so.

An account or a session is one asker's: stopping it touches that one. How many honest people share an address
is not known, so that addresses alone are proposed and wait for two persons.
"""

from __future__ import annotations

import logging

from ashiato.outside.controls.targets import ControlError
from ashiato.rooms.containing.api import Cause, Means, Plan, Wish, propose, wish_of
from ashiato.rooms.containing.api import Stand as PlanStand
from ashiato.rooms.watching.api import Answer, Response, record_response
from ashiato.terms.alarms import Actor, ActorKind, Alarm
from ashiato.terms.errors import ServerError

_ONE_ASKER = frozenset({ActorKind.ACCOUNT, ActorKind.SESSION, ActorKind.API_KEY})
_ANSWERS = {
    PlanStand.VERIFIED: Answer.VERIFIED,
    PlanStand.APPLYING: Answer.DONE,
    PlanStand.APPLIED: Answer.DONE,
    PlanStand.PROPOSED: Answer.PROPOSED,
    PlanStand.APPROVED: Answer.PROPOSED,
    PlanStand.FAILED: Answer.PROPOSED,
}
_LOG = logging.getLogger(__name__)


def answer_alarm(means: Means, alarm: Alarm) -> Plan | None:
    """Propose to stop the actors of an alarm, and say so with it; None where no control stops any of them.

    An alarm has one plan, however often it is handed on. A control that is at fault is told in the log, and
    the alarm stands all the same.
    """
    wishes = _wishes(means, alarm)
    if not wishes:
        return None
    try:
        plan = propose(means, wishes, Cause(_why(alarm), alarm_key=alarm.key))
    except ServerError as error:
        _LOG.warning("an alarm is not answered: %s", error)
        return None
    answer = _ANSWERS.get(PlanStand(plan.stand))
    if answer is not None:
        record_response(alarm.key, Response(answer, str(plan.pk)))
    return plan


def _wishes(means: Means, alarm: Alarm) -> list[Wish]:
    """Return the narrowest that can be stopped: accounts and sessions, else addresses and networks."""
    one = [wish for actor in alarm.actors if actor.kind in _ONE_ASKER for wish in _wish(means, actor, 1)]
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
