"""The desk's list: what waits, what is owed, and where the next contact is taken."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from ashiato.rooms.answering import api
from ashiato.rooms.cases.api import Permission
from ashiato.web.console.doors import Visit, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.desk.room import find_desk, has_campaign, language_typed, tell, try_it, typed

_MOST = 50


@in_case(Permission.ANSWER)
def show_desk(visit: Visit) -> HttpResponseBase:
    """Show the list; a contact, or a letter that came back, is taken here."""
    desk = find_desk(visit)
    if desk is None:
        told = page_of(visit, "desk") | {"has_campaign": has_campaign(visit)}
        return render(visit.request, "desk/none.html", told)
    if visit.request.method == "POST":
        return _take(visit, desk)
    told = page_of(visit, "desk") | {
        "contacts": api.list_contacts(desk)[:_MOST],
        "loads": api.queue_loads(desk, visit.now),
        "calls": api.list_calls(desk)[:_MOST],
        "alerts": api.list_alerts(desk),
        "is_open": api.hours_of(desk).is_open(visit.now),
        "ways": list(api.Way),
        "now": visit.now,
        "reasons": api.reasons(),
    }
    return render(visit.request, "desk/list.html", told)


def _take(visit: Visit, desk: api.Desk) -> HttpResponse:
    request = visit.request
    if "returned" in request.POST:
        code = typed(request, "returned")
        if try_it(request, lambda: api.take_letter_back(desk, code, visit.staff, visit.now)) is not None:
            tell(request, "returned")
        return redirect("desk", visit.file.name)
    said = request.POST.get("way", "")
    arrival = api.Arrival(
        way=api.Way(said) if said in set(api.Way) else api.Way.PHONE,
        language=language_typed(request),
        caller=typed(request, "caller"),
        name=typed(request, "name"),
        text=request.POST.get("text", ""),
    )
    contact = api.take_contact(desk, arrival, visit.now, visit.staff)
    return redirect("desk_contact", visit.file.name, contact.number)
