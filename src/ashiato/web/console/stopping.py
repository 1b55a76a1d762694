"""What staff decide of plans: approved by two, refused, carried out, taken back; the stop of everything."""

from __future__ import annotations

from functools import partial

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from ashiato.rooms.cases.api import Permission
from ashiato.rooms.containing import api
from ashiato.web.console.doing import done, refuse, try_it, typed
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.looking import is_reason
from ashiato.web.console.plan import plan_of
from ashiato.web.console.proving import proven, sent_alone

#: What changes something outside takes a fresh proof of who asks.
_WITH_PROOF = {api.Deed.APPLY, api.Deed.UNDO}


@in_case(Permission.CONTAIN)
@proven
def approve_plan(here: CaseRequest, number: int) -> HttpResponse:
    """Approve a plan that was shown with what it would change."""
    plan, request = plan_of(here, number), here.request
    if plan.looked_at is None:
        refuse(request, "plans.not_looked_at")
    elif approved := try_it(request, lambda: api.approve(plan, here.staff, here.now)):
        given = approved.approvals.count()
        done(request, "plans.approved", number=given, needed=approved.approvals_needed)
    return redirect("plan", here.file.name, number)


@in_case(Permission.CONTAIN)
@sent_alone
def refuse_plan(here: CaseRequest, number: int) -> HttpResponse:
    """Refuse a plan for good."""
    plan, why = plan_of(here, number), typed(here.request, "why")
    if not is_reason(why):
        refuse(here.request, "person.no_reason")
    elif try_it(here.request, lambda: api.refuse(plan, here.staff, why, here.now)):
        done(here.request, "plans.refused")
    return redirect("plan", here.file.name, number)


@in_case(Permission.CONTAIN)
@sent_alone
def ask_deed(here: CaseRequest, number: int) -> HttpResponseBase:
    """Ask the machine of the controls for a deed: to look and to verify is free, to change takes a proof."""
    said = typed(here.request, "deed")
    if said not in set(api.Deed):
        raise Http404
    deed = api.Deed(said)
    return (
        proven(partial(_ask, deed=deed))(here, number=number)
        if deed in _WITH_PROOF
        else _ask(here, number, deed)
    )


def _ask(here: CaseRequest, number: int, deed: api.Deed) -> HttpResponse:
    plan, why = plan_of(here, number), typed(here.request, "why")
    if deed is api.Deed.UNDO and not is_reason(why):
        refuse(here.request, "person.no_reason")
    elif try_it(here.request, lambda: [api.ask_for(plan, deed, here.staff, here.now, why)]):
        done(here.request, "plans.asked")
    return redirect("plan", here.file.name, number)


@in_case(Permission.CONTAIN)
@sent_alone
def halt(here: CaseRequest) -> HttpResponseBase:
    """Stop all automatic action by one person's word, or let it go on by a fresh proof of theirs."""
    if not is_reason(typed(here.request, "why")):
        refuse(here.request, "person.no_reason")
        return redirect("plans", here.file.name)
    if typed(here.request, "do") == "stop":
        return _stop(here)
    return proven(_lift)(here)


def _stop(here: CaseRequest) -> HttpResponse:
    why = typed(here.request, "why")
    if try_it(here.request, lambda: api.stop_all(here.staff, why, here.now)):
        done(here.request, "plans.halted")
    return redirect("plans", here.file.name)


def _lift(here: CaseRequest) -> HttpResponse:
    why = typed(here.request, "why")
    if try_it(here.request, lambda: [api.lift(here.staff, why, here.now)]):
        done(here.request, "plans.lifted")
    return redirect("plans", here.file.name)
