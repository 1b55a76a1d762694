"""What staff ask of a plan elsewhere than where its controls are, and who carries it out there.

The pages' process touches no control: it writes down what is wanted, and whoever looks after plans on the
machine of the controls does it in its next round. The newest wish counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.containing.deciding import apply, undo, verify
from ashiato.rooms.containing.means import Means
from ashiato.rooms.containing.models import Deed, Plan, Stand, StepStand
from ashiato.rooms.containing.rows import record, write_steps
from ashiato.rooms.containing.selectors import dry_run
from ashiato.terms.errors import ServerError

_WAITS = (Stand.PROPOSED, Stand.APPROVED)
#: In which stands a plan may be asked for what; of a plan that moved on meanwhile nothing is left to do.
ASKABLE: Mapping[Deed, tuple[Stand, ...]] = {
    Deed.LOOK: _WAITS,
    Deed.APPLY: (Stand.APPROVED, Stand.STUCK),
    Deed.VERIFY: (Stand.APPLIED, Stand.VERIFIED, Stand.FAILED),
    Deed.UNDO: (Stand.APPLYING, Stand.APPLIED, Stand.VERIFIED, Stand.FAILED, Stand.STUCK),
}
#: These take no second factor, and so the place of none that takes one.
_LOOKING = (Deed.LOOK, Deed.VERIFY)
_LONGEST = 400


@transaction.atomic
def ask_for(plan: Plan, deed: Deed, by: Staff, at: datetime, why: str = "") -> None:
    """Ask for a deed, an entry of the ledger; it takes the place of one that waits still.

    Raises: ServerError: the plan stands so that there is nothing of the kind to do, its time is over, or no
    reason is given to take it back; or one to apply it, or to take it back, waits and this only looks.
    """
    found = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if found.stand not in ASKABLE[deed]:
        raise ServerError(f"plan {found.pk} is {found.stand}", fix="ashiato contain status")
    if deed is not Deed.UNDO and found.until <= at:
        raise ServerError(f"the time of plan {found.pk} is over", fix="propose it anew")
    if deed is Deed.UNDO and not why.strip():
        raise ServerError("taking a plan back takes a reason", fix="say why")
    if deed in _LOOKING and found.asked and found.asked not in _LOOKING:
        raise ServerError(f"plan {found.pk} waits to {found.asked}", fix="wait until that is done")
    said = {"asked": deed, "asked_by": by, "asked_at": at, "asked_why": why, "answer": ""}
    Plan.objects.filter(pk=found.pk).update(**said)
    record(found, by, f"asked to {deed}", at, why=why)


def carry_out_asked(means: Means) -> int:
    """Do what was asked of this machine's plans, the oldest wish first; returns how many were done.

    A plan that waits is looked at once without being asked. What is refused is told with the plan.
    """
    ours = Plan.objects.filter(machine__in=("", means.machine)).select_related("asked_by")
    unseen = Q(asked="", stand__in=_WAITS, looked_at=None, until__gt=means.clock.now())
    done = 0
    for plan in ours.filter(~Q(asked="") | unseen).order_by("asked_at", "pk"):
        if _is_ours(means, plan):
            _do(means, plan)
            done += 1
    return done


def _is_ours(means: Means, plan: Plan) -> bool:
    """Tell whether this machine has all the controls that a plan goes by."""
    named = plan.steps.filter(stand__in=(StepStand.WAITING,)).values_list("control", flat=True).distinct()
    return plan.machine != "" or set(named) <= means.controls.keys()


def _do(means: Means, plan: Plan) -> None:
    plan.refresh_from_db()  # Another wish may have come while plans before it were done.
    deed, at = Deed(plan.asked or Deed.LOOK), plan.asked_at
    answer = ""
    if plan.stand in ASKABLE[deed]:
        try:
            _DEEDS[deed](means, plan)
        except ServerError as refused:
            answer = refused.what[:_LONGEST]
    # A wish that came meanwhile stays.
    Plan.objects.filter(pk=plan.pk, asked_at=at).update(asked="", answer=answer)


def _look(means: Means, plan: Plan) -> None:
    """Keep what applying would change, with the moment of it."""
    lines = dry_run(means, plan)
    with transaction.atomic():
        write_steps((step, {"shown": line}) for step, line in lines)
        Plan.objects.filter(pk=plan.pk).update(looked_at=means.clock.now())


def _apply(means: Means, plan: Plan) -> None:
    apply(means, plan, _asked_by(plan))


def _verify(means: Means, plan: Plan) -> None:
    verify(means, plan)


def _undo(means: Means, plan: Plan) -> None:
    undo(means, plan, _asked_by(plan), plan.asked_why)


def _asked_by(plan: Plan) -> Staff:
    if plan.asked_by is None:
        raise ServerError(f"nobody asked for plan {plan.pk}", fix="ask for it again")
    return plan.asked_by


_DEEDS: Mapping[Deed, Callable[[Means, Plan], None]] = {
    Deed.LOOK: _look,
    Deed.APPLY: _apply,
    Deed.VERIFY: _verify,
    Deed.UNDO: _undo,
}
