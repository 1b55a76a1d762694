"""What guards saw in a case's systems, and the plans to stop whoever it was."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from ashiato.rooms.cases.api import Permission
from ashiato.rooms.containing.api import Plan, counts_of_all, is_halted, list_plans_of
from ashiato.rooms.watching.api import list_groups, tell_group
from ashiato.web.api import shapes
from ashiato.web.api.needing import here_of, needing, turned_rows
from ashiato.web.console.alarms import systems_of
from ashiato.web.console.plan import stoppable_in

router = Router(tags=["watch"])


@router.get("/alarms", **needing(Permission.SEE_ALARMS, shapes.AlarmsPage), summary="What guards saw")
def list_alarms(request: HttpRequest, case: shapes.Case, page: shapes.Page = 1) -> dict[str, Any]:
    """List alarms as they are gathered, the latest first; who asked is on the console's page alone."""
    del case
    rows, place = turned_rows(list_groups(systems_of(here_of(request))), page)
    return place | {"alarms": [tell_group(row) for row in rows]}


@router.get("/plans", **needing(Permission.SEE_PLANS, shapes.PlansPage), summary="Plans to stop somebody")
def list_plans(request: HttpRequest, case: shapes.Case, page: shapes.Page = 1) -> dict[str, Any]:
    """List all plans for the case's systems, the newest first; whom they stop is on their pages alone."""
    del case
    rows, place = turned_rows(list_plans_of(stoppable_in(here_of(request)), everything=True), page)
    counts = counts_of_all(rows)
    return place | {"is_halted": is_halted(), "plans": [_told(plan, counts[plan.pk]) for plan in rows]}


#: Columns of a plan that are told as they stand.
_TOLD = (
    "stand", "why", "proposed_at", "until", "reach", "is_automatic", "approvals_needed", "asked", "looked_at",
    "applied_at", "verified_at", "ended_at",
)  # fmt: skip


def _told(plan: Plan, counts: dict[str, int]) -> dict[str, Any]:
    told = {name: getattr(plan, name) for name in _TOLD}
    people = {"proposed_by": plan.proposed_by.name, "approvals": plan.approvals.count()}
    return told | people | {"number": plan.pk, "targets": counts}
