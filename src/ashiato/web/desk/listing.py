"""The desk's list: what waits, what is owed, and where the next contact is taken."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from ashiato.rooms.answering import api
from ashiato.rooms.cases.api import Permission
from ashiato.rooms.publishing.api import letters_waiting
from ashiato.web.console.doing import try_it, typed
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.desk.room import find_desk, has_campaign, language_typed, tell
from ashiato.web.wording import language

_MOST = 50


@in_case(Permission.ANSWER)
def show_desk(here: CaseRequest) -> HttpResponseBase:
    """Show the list; a contact, or a letter that came back, is taken here."""
    desk = find_desk(here)
    if desk is None:
        told = page_of(here, "desk") | {"has_campaign": has_campaign(here)}
        return render(here.request, "desk/none.html", told)
    if here.request.method == "POST":
        return _take(here, desk)
    told = page_of(here, "desk") | {
        "contacts": [(each, _about(each)) for each in api.list_contacts(desk)[:_MOST]],
        "loads": api.queue_loads(desk, here.now),
        "calls": api.list_calls(desk)[:_MOST],
        "alerts": api.list_alerts(desk),
        "outside": letters_waiting(desk.campaign).count(),
        "is_open": api.hours_of(desk).is_open(here.now),
        "ways": list(api.Way),
        "now": here.now,
    }
    return render(here.request, "desk/list.html", told)


def _about(contact: api.Contact) -> tuple[str, bool]:
    """Why somebody turned to us, and whether that is a sign of damage; empty until it is sorted."""
    reason = api.reasons().get(contact.reason)
    return (reason.text.within(language()), reason.is_sign_of_damage) if reason else ("", False)


def _take(here: CaseRequest, desk: api.Desk) -> HttpResponse:
    request = here.request
    if "returned" in request.POST:
        code = typed(request, "returned")
        if try_it(request, lambda: api.take_letter_back(desk, code, here.staff, here.now)) is not None:
            tell(request, "returned")
        return redirect("desk", here.file.name)
    said = request.POST.get("way", "")
    arrival = api.Arrival(
        way=api.Way(said) if said in set(api.Way) else api.Way.PHONE,
        language=language_typed(request),
        caller=typed(request, "caller"),
        name=typed(request, "name"),
        text=request.POST.get("text", ""),
    )
    contact = api.take_contact(desk, arrival, here.now, here.staff)
    return redirect("desk_contact", here.file.name, contact.number)
