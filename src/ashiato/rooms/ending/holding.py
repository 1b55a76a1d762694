"""What plans of containment did to what the intruder used: what holds now, and what stopped whom when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ashiato.rooms.cases.api import CaseFile
from ashiato.rooms.containing.api import Plan, Step, list_held, list_touched
from ashiato.rooms.ending.used import Used
from ashiato.rooms.watching.api import Closed, Foothold, Footholds, Standing, standing_over


def standing_of(case: CaseFile, shown: Footholds) -> Standing:
    """Return whether it is over, by what staff said closed and by what verified plans hold at this moment.

    A plan that is taken back, or whose time is over, holds nothing any more: what it closed is open again.
    """
    return standing_over(case, shown, _held(Used(shown.found)))


def _held(used: Used) -> Mapping[str, Closed]:
    """Return by foothold the plan that holds it, the first of several."""
    closed: dict[str, Closed] = {}
    for step, found in _matched(list_held(), used):
        at = step.plan.verified_at
        for each in found:
            if at is not None:
                closed.setdefault(each.key, Closed(at, at, "", step.tried, str(step.plan_id)))
    return closed


@dataclass(frozen=True, slots=True)
class Stopped:
    """A plan that stopped something the intruder had used by then."""

    plan: Plan
    applied_at: datetime
    found: tuple[Foothold, ...]


def list_stopped(used: Used) -> list[Stopped]:
    """Return the plans that were in force over what the intruder used, the first applied first."""
    plans: dict[int, tuple[Plan, list[Foothold]]] = {}
    for step, found in _matched(list_touched(), used):
        plans.setdefault(step.plan_id, (step.plan, []))[1].extend(found)
    stopped = [
        Stopped(plan, plan.applied_at, tuple(found))
        for plan, found in plans.values()
        if plan.applied_at is not None
    ]
    return sorted(stopped, key=lambda each: (each.applied_at, each.plan.pk))


def _matched(steps: Iterable[Step], used: Used) -> Iterator[tuple[Step, list[Foothold]]]:
    for step in steps:
        found = used.named(step.system, step.kind, step.value)
        if found:
            yield step, found
