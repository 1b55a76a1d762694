"""What a guard and staff ask for: propose, apply, verify, undo; and the round that forgets nothing."""

from __future__ import annotations

from collections.abc import Sequence

from ashiato.rooms.accounts.api import Staff, get_program
from ashiato.rooms.containing import carrying
from ashiato.rooms.containing.halting import is_halted
from ashiato.rooms.containing.means import Means
from ashiato.rooms.containing.models import HALF_WAY, IN_FORCE, Plan, Stand, StepStand
from ashiato.rooms.containing.proposing import Cause, Wish, make_plan
from ashiato.terms.errors import ServerError


def propose(means: Means, wishes: Sequence[Wish], cause: Cause) -> Plan:
    """Make a plan; where policy lets it go by itself, apply and try it at once. An alarm has one plan.

    Raises: ServerError: it is no plan, or another process is containing and does not end.
    """
    plan = make_plan(means, wishes, cause)
    if plan.is_automatic and plan.stand == Stand.APPROVED:
        with means.one_at_a_time():
            plan.refresh_from_db()
            _recover(means)
            _apply_by_itself(means, plan)
    return plan


def apply(means: Means, plan: Plan, by: Staff) -> Plan:
    """Apply an approved plan and try it."""
    with means.one_at_a_time():
        _recover(means)
        carrying.begin_applying(means, plan, by)
        _go_on(means, plan)
    return plan


def verify(means: Means, plan: Plan) -> bool:
    """Try once more from the blocked side; False where not all of it is proven to be stopped."""
    with means.one_at_a_time():
        _recover(means)
        plan.refresh_from_db()
        return carrying.try_out(means, plan)


def undo(means: Means, plan: Plan, by: Staff, why: str) -> Plan:
    """Take a plan back; what cannot be given back stays told, and is tried again by the round."""
    with means.one_at_a_time():
        _recover(means)
        carrying.begin_undoing(means, plan, by, Stand.UNDONE, why)
        _go_on(means, plan)
    return plan


def take_round(means: Means) -> int:
    """Finish what was left half way, let go of what is over, put again what no longer holds.

    Returns how many plans of this machine may be in force.
    """
    with means.one_at_a_time():
        _recover(means)
        for plan in Plan.objects.filter(stand=Stand.APPROVED, is_automatic=True):
            _apply_by_itself(means, plan)
        ours = Plan.objects.filter(stand__in=IN_FORCE, machine=means.machine)
        # What could not be given back waits for a person as it is.
        for plan in ours.exclude(stand__in=HALF_WAY).exclude(stand=Stand.STUCK, ends_as__gt=""):
            if plan.until <= means.clock.now():
                carrying.begin_undoing(means, plan, get_program(), Stand.EXPIRED, "its time is over")
                _go_on(means, plan)
                continue
            if plan.stand == Stand.FAILED:
                carrying.try_again(means, plan)
            _try_out(means, plan)
            carrying.keep_in_force(means, plan)
        return ours.count()


def _apply_by_itself(means: Means, plan: Plan) -> None:
    if plan.stand == Stand.APPROVED and plan.until > means.clock.now() and not is_halted():
        try:
            carrying.begin_applying(means, plan, get_program())
        except ServerError:  # A person refused it meanwhile.
            return
        _go_on(means, plan)


def _recover(means: Means) -> None:
    """Go on with what a process that died left half way; what is no longer wanted is taken back."""
    for plan in Plan.objects.filter(stand__in=HALF_WAY, machine=means.machine).order_by("pk"):
        _go_on(means, plan)


def _go_on(means: Means, plan: Plan) -> None:
    program = get_program()
    if plan.stand == Stand.APPLYING and plan.until <= means.clock.now():
        carrying.begin_undoing(means, plan, program, Stand.EXPIRED, "its time is over")
    elif plan.stand == Stand.APPLYING and plan.is_automatic and is_halted():
        carrying.begin_undoing(means, plan, program, Stand.UNDONE, "all automatic action is stopped")
    if plan.stand == Stand.UNDOING:
        carrying.go_on_undoing(means, plan)
        return
    carrying.go_on_applying(means, plan)
    _try_out(means, plan)


def _try_out(means: Means, plan: Plan) -> None:
    untried = plan.steps.filter(stand=StepStand.HELD, tried="")
    if plan.stand == Stand.APPLIED and untried.exists():
        carrying.try_out(means, plan)
