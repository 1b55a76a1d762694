"""One plan: what it would change, who approved it, what became of each target, and what is asked of it."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from ashiato.rooms.cases.api import Permission
from ashiato.rooms.containing import api
from ashiato.web.console.alarms import systems_of
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.console.parts import part_or_unchanged

_MOST_STEPS = 500
#: What looks after plans takes a round every few seconds.
_TOO_LONG = timedelta(minutes=1)


def stoppable_in(here: CaseRequest) -> list[str]:
    """Return the systems of the case; a plan for none of them is seen by the command line alone."""
    return [name for name in systems_of(here) if name]


def plan_of(here: CaseRequest, number: int) -> api.Plan:
    """Return a plan for this case's systems; Http404 where it has none of this number."""
    found = api.list_plans_of(stoppable_in(here), everything=True).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@in_case(Permission.SEE_PLANS)
def show_plan(here: CaseRequest, number: int) -> HttpResponse:
    """Show one plan, and what the reader may do about it."""
    plan = plan_of(here, number)
    told = page_of(here, "plans") | {
        "plan": plan,
        "state": _state(here, plan),
        "moves": _moves(plan),
        "may_contain": Permission.CONTAIN in here.may,
        "may_refuse": plan.stand in api.ASKABLE[api.Deed.LOOK],
        "deeds": _deeds(here, plan),
        "has_approved": plan.approvals.filter(staff=here.staff).exists(),
    }
    return render(here.request, "console/plan.html", told)


@in_case(Permission.SEE_PLANS)
def tell_state(here: CaseRequest, number: int) -> HttpResponse:
    """Answer how a plan stands, as a part of a page; unchanged since the reader's copy: 304."""
    return part_or_unchanged(here.request, _state(here, plan_of(here, number)))


def _state(here: CaseRequest, plan: api.Plan) -> str:
    told = {
        "plan": plan,
        "case": here.file,
        "zone": here.zone,
        "approvers": [each.staff.name for each in plan.approvals.select_related("staff").order_by("pk")],
        "steps": plan.steps.order_by("pk")[:_MOST_STEPS],
        "more": max(0, plan.steps.count() - _MOST_STEPS),
        "moves": _moves(plan),
        "is_left": plan.asked and plan.asked_at is not None and here.now - plan.asked_at > _TOO_LONG,
    }
    return render_to_string("console/plan_state.html", told, here.request)


def _moves(plan: api.Plan) -> bool:
    """Tell whether the machine of its controls is about to do something."""
    is_unseen = plan.looked_at is None and plan.stand in api.ASKABLE[api.Deed.LOOK]
    return bool(plan.asked) or is_unseen or plan.stand in {api.Stand.APPLYING, api.Stand.UNDOING}


def _deeds(here: CaseRequest, plan: api.Plan) -> list[str]:
    """Return what may be asked of a plan as it stands."""
    is_over = plan.until <= here.now
    return [
        deed.value
        for deed, stands in api.ASKABLE.items()
        if plan.stand in stands and (deed is api.Deed.UNDO or not is_over)
    ]
