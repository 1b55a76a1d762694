"""Plans to stop somebody: which wait or are in force, the stop of all automatic action, a plan proposed."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from ashiato.outside.controls.targets import TargetKind, checked_target
from ashiato.rooms.cases.api import Permission
from ashiato.rooms.containing import api
from ashiato.terms.alarms import told_apart
from ashiato.terms.errors import ServerError
from ashiato.web.console.doing import done, lines_typed, refuse, try_it, typed, whole_number_typed
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.looking import is_reason
from ashiato.web.console.pages import page_of
from ashiato.web.console.plan import stoppable_in
from ashiato.web.console.proving import sent_alone
from ashiato.web.containing import means_here, means_if_any

_ROWS = 50
MOST_TARGETS = 100
#: A plan of staff holds no longer without being proposed anew.
_MOST_MINUTES = 7 * 24 * 60


@in_case(Permission.SEE_PLANS)
def list_plans(here: CaseRequest) -> HttpResponse:
    """List the plans for this case's systems, and say whether all automatic action is stopped."""
    everything = here.request.GET.get("all") == "1"
    pages = Paginator(api.list_plans_of(stoppable_in(here), everything=everything), _ROWS)
    plans = pages.get_page(here.request.GET.get("page"))
    means, counts = means_if_any(), api.counts_of_all(plans)
    told = {
        "plans": plans,
        "rows": [(plan, counts[plan.pk]) for plan in plans],
        "everything": everything,
        "halt": api.find_halt(),
        "means": means,
        "may_contain": Permission.CONTAIN in here.may,
        "systems": stoppable_in(here),
        "kinds": sorted({kind for each in means.controls.values() for kind in each.control.takes})
        if means
        else [],
        "most": MOST_TARGETS,
        "never": _never(means.policy) if means else [],
    }
    return render(here.request, "console/plans.html", page_of(here, "plans") | told)


def _never(policy: api.Policy) -> list[str]:
    return [told_apart(kind, value) for kind, values in policy.never.items() for value in sorted(values)]


@in_case(Permission.CONTAIN)
@sent_alone
def propose_plan(here: CaseRequest) -> HttpResponse:
    """Propose to stop somebody of this case's systems; nothing is touched by it."""
    request = here.request
    system, kind = typed(request, "system"), typed(request, "kind")
    if system not in stoppable_in(here) or kind not in set(TargetKind):
        raise Http404
    if not is_reason(typed(request, "why")):
        refuse(request, "person.no_reason")
        return redirect("plans", here.file.name)
    made = try_it(request, partial(_propose, here, system, kind))
    if made is None:
        return redirect("plans", here.file.name)
    done(request, "plans.proposed", number=made.pk)
    return redirect("plan", here.file.name, made.pk)


def _propose(here: CaseRequest, system: str, kind: str) -> api.Plan:
    request = here.request
    reach = whole_number_typed(request, "reach")
    lines = lines_typed(request, "targets", MOST_TARGETS + 1)
    if len(lines) > MOST_TARGETS:
        raise ServerError(
            f"more than {MOST_TARGETS} targets in one plan", fix="propose the rest in another plan"
        )
    wishes = [api.Wish(checked_target(system, kind, line), reach) for line in lines]
    return api.propose(
        means_here(), wishes, api.Cause(typed(request, "why"), by=here.staff, until=_until(here))
    )


def _until(here: CaseRequest) -> datetime | None:
    minutes = whole_number_typed(here.request, "minutes")
    return here.now + timedelta(minutes=min(minutes, _MOST_MINUTES)) if minutes else None
