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
    plan = _open(plan, Stand.PROPOSED)
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
    """Refuse a plan for good, approved or not; what was asked of it falls with it.

    Raises: ServerError: it was refused before, or something of it was touched: it can be taken back.
    """
    plan = _open(plan, Stand.PROPOSED, Stand.APPROVED)
    plan.stand, plan.ended_at, plan.asked = Stand.REFUSED, at, ""
    plan.save(update_fields=["stand", "ended_at", "asked"])
    record(plan, by, "refused", at, why=why)
    return plan


def _open(plan: Plan, *stands: Stand) -> Plan:
    found = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if found.stand not in stands:
        raise ServerError(f"plan {found.pk} is {found.stand}", fix="ashiato contain status")
    return found
