"""Read: plans, and what applying one would change."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from ashiato.outside.controls import deeds
from ashiato.outside.controls.targets import ControlError, Target, TargetKind
from ashiato.rooms.containing.means import Means
from ashiato.rooms.containing.models import IN_FORCE, Plan, Stand, Step, StepStand
from ashiato.terms.errors import ServerError


def get_plan(number: int) -> Plan:
    """Return a plan by its number; ServerError where there is none."""
    found = Plan.objects.filter(pk=number).first()
    if found is None:
        raise ServerError(f"there is no plan {number}", fix="ashiato contain status")
    return found


def list_plans(*, everything: bool = False) -> QuerySet[Plan]:
    """Return plans that wait or may be in force, or all of them, the newest first."""
    found = Plan.objects.select_related("proposed_by").order_by("-pk")
    return found if everything else found.filter(stand__in=(Stand.PROPOSED, Stand.APPROVED, *IN_FORCE))


def list_held() -> QuerySet[Step]:
    """Return the steps that hold and whose last try was stopped, of verified plans, the first plan first."""
    proven = Step.objects.filter(stand=StepStand.HELD, is_blocked=True, plan__stand=Stand.VERIFIED)
    return proven.select_related("plan").order_by("plan_id", "pk")


def list_touched() -> QuerySet[Step]:
    """Return the steps that were in force at some time, of plans that no person took back, the first first.

    A year after its end a plan names nobody any more, and its steps are not here.
    """
    were = (StepStand.HELD, StepStand.RELEASED, StepStand.TAKEN_OVER)
    found = Step.objects.filter(stand__in=were, after__isnull=False, plan__applied_at__isnull=False)
    kept = found.exclude(plan__ends_as=Stand.UNDONE).exclude(value="")
    return kept.select_related("plan").order_by("plan_id", "pk")


def dry_run(means: Means, plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the control and a line of each step of a plan: exactly what would change, or why nothing does."""
    for step in plan.steps.order_by("pk"):
        target = Target(step.system, TargetKind(step.kind), step.value)
        if step.stand != StepStand.WAITING:
            yield step.control, f"{step.kind} {step.value}: {step.stand} {step.fault}".rstrip()
            continue
        try:
            (change,) = deeds.dry_run(means.controls[step.control].control, [target], plan.until)
        except (ControlError, KeyError) as error:
            yield step.control, f"{step.kind} {step.value}: {error}"
        else:
            yield step.control, deeds.told(change)
