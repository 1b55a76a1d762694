"""What whoever leads the desk looks at: alerts, answers to approve, forecast against what came."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect, render

from ashiato.rooms.answering import api
from ashiato.rooms.cases.api import Permission
from ashiato.rooms.notifying.api import list_closed
from ashiato.rooms.publishing.api import letters_waiting
from ashiato.web.console.doing import number_typed, try_it
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.console.proving import ask_factor
from ashiato.web.desk.room import find_desk, has_campaign, tell
from ashiato.web.wording import language


@in_case(Permission.LEAD_DESK)
def lead_desk(here: CaseRequest) -> HttpResponseBase:
    """Show it; versions are approved here, by two different persons who show their second factor."""
    desk = find_desk(here)
    if desk is None:
        told = page_of(here, "desk_lead") | {"has_campaign": has_campaign(here)}
        return render(here.request, "desk/none.html", told)
    if here.request.method == "POST":
        return _act(here, desk)
    api.raise_alerts(desk, here.now)
    told = page_of(here, "desk_lead") | {
        "alerts": api.list_alerts(desk),
        "outside": letters_waiting(desk.campaign).count(),
        "gates": list_closed(desk.campaign),
        "drafts": [_draft(each, here) for each in api.list_drafts(desk)],
        "waves": api.waves_against_forecast(desk, here.now),
        "counts": [
            (each.group.within(language()), each.text.within(language()), each)
            for each in api.counts_by_reason(desk)
            if each.contacts
        ],
        "loads": api.queue_loads(desk, here.now),
    }
    return render(here.request, "desk/lead.html", told)


def _draft(script: api.Script, here: CaseRequest) -> dict[str, object]:
    return {
        "script": script,
        "title": script.title[language()],
        "needs": api.Rung(script.needs),
        "texts": sorted(script.texts.items(), key=lambda each: each[0] != language()),
        "approvals": script.approvals.count(),
        "is_mine": script.approvals.filter(staff=here.staff).exists(),
    }


def _act(here: CaseRequest, desk: api.Desk) -> HttpResponseBase:
    request = here.request
    script = desk.scripts.filter(pk=number_typed(request, "script")).first()
    alert = desk.alerts.filter(pk=number_typed(request, "alert")).first()
    if script is not None:
        if asked := ask_factor(request):
            return asked
        count = try_it(request, lambda: api.approve_script(script, here.staff, here.now))
        if count:
            tell(request, "approved")
    if alert is not None:
        api.see_alert(alert, here.staff)
    return redirect("desk_lead", here.file.name)
