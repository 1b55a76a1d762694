"""Read: plans, and what applying one would change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from ashiato.outside.controls import deeds
from ashiato.outside.controls.targets import ControlError, Target, TargetKind
from ashiato.rooms.containing.means import Means
from ashiato.rooms.containing.models import IN_FORCE, LIVE, Plan, Stand, Step, StepStand
from ashiato.terms.errors import ServerError

_TOLD_OF_A_FAULT = 200


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


def list_plans_of(systems: Sequence[str], *, everything: bool = False) -> QuerySet[Plan]:
    """Return the plans that touch nothing but these systems, as ``list_plans`` does."""
    others = Step.objects.filter(plan=OuterRef("pk")).exclude(system__in=systems)
    return list_plans(everything=everything).filter(~Exists(others))


def list_answering(since: datetime) -> QuerySet[Plan]:
    """Return the plans that answer an alarm and wait, are in force, or ended after ``since``."""
    goes_on = Q(ended_at=None) | Q(ended_at__gte=since)
    return Plan.objects.exclude(alarm_key="").filter(goes_on).order_by("pk")


def held_among(targets: Iterable[Target]) -> dict[Target, Plan]:
    """Return which of these a plan holds already, or has in hand, and which plan that is."""
    asked = {(each.kind.value, each.value): each for each in targets}
    held = Step.objects.filter(stand__in=LIVE, value__in={value for _, value in asked})
    return {
        asked[step.kind, step.value]: step.plan
        for step in held.select_related("plan").order_by("pk")
        if (step.kind, step.value) in asked and asked[step.kind, step.value].system == step.system
    }


def list_stuck() -> QuerySet[Plan]:
    """Return the plans that a person has to look at, the first first."""
    return Plan.objects.filter(stand=Stand.STUCK).order_by("pk")


def trouble_of(plan: Plan) -> str:
    """Return why a plan is not as it should be, without the names of those whom it is to stop."""
    is_amiss = plan.steps.filter(stand__in=(StepStand.FAILED, StepStand.FOREIGN, StepStand.CLAIMED))
    faults = is_amiss.exclude(fault="").order_by("pk").values_list("fault", "value")
    fault, value = faults.first() or ("", "")
    return (fault.replace(value, "..") if value else fault)[:_TOLD_OF_A_FAULT]


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


def dry_run(means: Means, plan: Plan) -> list[tuple[Step, str]]:
    """Return a line for each step of a plan: exactly what would change, or why nothing does."""
    steps = list(plan.steps.order_by("pk"))
    waiting: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        if step.stand == StepStand.WAITING:
            waiting[step.control].append(step)
    told = {step.pk: line for name, own in waiting.items() for step, line in _changes(means, plan, name, own)}
    return [
        (step, told.get(step.pk) or f"{_named(step)}: {step.stand} {step.fault}".rstrip()) for step in steps
    ]


def _changes(means: Means, plan: Plan, name: str, steps: Sequence[Step]) -> list[tuple[Step, str]]:
    """Ask a control for all of them at once; where it refuses, each by itself."""
    targets = [Target(step.system, TargetKind(step.kind), step.value) for step in steps]
    try:
        changes = deeds.dry_run(means.controls[name].control, targets, plan.until)
    except (ControlError, KeyError) as error:
        if len(steps) == 1:
            return [(steps[0], f"{_named(steps[0])}: {error}")]
        return [told for step in steps for told in _changes(means, plan, name, [step])]
    return [(step, deeds.told(change)) for step, change in zip(steps, changes, strict=True)]


def _named(step: Step) -> str:
    return f"{step.kind} {step.value}"
