"""Many steps written at once, and what is told of a plan in the ledger."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Count

from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.containing.models import Plan, Step

_EACH = 5_000


def write_same(steps: Iterable[Step], **columns: object) -> None:
    """Write the same columns of many steps."""
    write_steps((step, columns) for step in steps)


def write_steps(pairs: Iterable[tuple[Step, Mapping[str, object]]]) -> None:
    """Write columns of steps, in one statement for all that are given the same."""
    alike: dict[str, list[Step]] = defaultdict(list)
    for step, changed in pairs:
        for name, value in changed.items():
            setattr(step, name, value)
        alike[json.dumps(changed, sort_keys=True)].append(step)
    for text, group in alike.items():
        for first in range(0, len(group), _EACH):
            keys = [step.pk for step in group[first : first + _EACH]]
            Step.objects.filter(pk__in=keys).update(**json.loads(text))


def record(plan: Plan, by: Staff, verb: str, at: datetime, why: str = "") -> None:
    """Add an entry of the ledger about a plan; it names no target."""
    record_entry(by, f"containment {verb}", f"plan {plan.pk}", at=at, why=why)


def counts_of(plan: Plan) -> dict[str, int]:
    """Count a plan's steps by where they stand."""
    return counts_of_all([plan])[plan.pk]


def counts_of_all(plans: Iterable[Plan]) -> dict[int, dict[str, int]]:
    """Count the steps of plans by where they stand, at once; a plan may have tens of thousands."""
    counted: dict[int, dict[str, int]] = {plan.pk: {} for plan in plans}
    rows = Step.objects.filter(plan__in=list(counted)).values_list("plan_id", "stand")
    for plan, stand, number in rows.annotate(number=Count("pk")).order_by("plan_id", "stand"):
        counted[plan][stand] = number
    return counted


def told_counts(plan: Plan) -> str:
    """Render the counts of a plan's steps."""
    return ", ".join(f"{count} {stand}" for stand, count in counts_of(plan).items())
