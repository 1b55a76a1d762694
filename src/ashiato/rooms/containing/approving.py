"""Plans approved and refused by persons."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.containing.models import Approval, Plan, Stand
from ashiato.rooms.containing.rows import record
from ashiato.terms.errors import ServerError


@transaction.atomic
def approve(plan: Plan, by: Staff, at: datetime) -> Plan:
    """Approve a plan; the last approval that it needs lets it be applied.

    Raises: ServerError: it is decided already, its time is over, or this person approved it before.
    """
    plan = _proposed(plan)
    if plan.until <= at:
        raise ServerError(f"the time of plan {plan.pk} is over", fix="propose it anew")
    _, is_new = Approval.objects.get_or_create(plan=plan, staff=by, defaults={"at": at})
    if not is_new:
        raise ServerError(f"{by} approved plan {plan.pk} before", fix="somebody else has to")
    record(plan, by, "approved", at)
    if plan.approvals.count() >= plan.approvals_needed:
        plan.stand = Stand.APPROVED
        plan.save(update_fields=["stand"])
    return plan


@transaction.atomic
def refuse(plan: Plan, by: Staff, why: str, at: datetime) -> Plan:
    """Refuse a plan for good; ServerError where it is decided already."""
    plan = _proposed(plan)
    plan.stand, plan.ended_at = Stand.REFUSED, at
    plan.save(update_fields=["stand", "ended_at"])
    record(plan, by, "refused", at, why=why)
    return plan


def _proposed(plan: Plan) -> Plan:
    found = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if found.stand != Stand.PROPOSED:
        raise ServerError(f"plan {found.pk} is {found.stand}", fix="ashiato contain status")
    return found
