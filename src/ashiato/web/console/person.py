"""A person's page: grade, fields, rungs, reasons, the raw lines behind; every look is in the ledger."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from ashiato.rooms.cases.api import Permission
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.message import message_address
from ashiato.web.console.pages import page_of
from ashiato.web.console.person_told import RecordTold, tell_masked, tell_whole


@in_case(Permission.SEE_PEOPLE)
def show_person(here: CaseRequest) -> HttpResponse:
    """Show one person's records, values masked; that somebody looked is an entry of the ledger."""
    person = here.request.GET.get("id", "")
    return _render(here, person, tell_masked(here, person))


@in_case(Permission.UNMASK)
def unmask_person(here: CaseRequest) -> HttpResponse:
    """Show the same unmasked, once, to who gives a reason; case and server keep it before anything shows."""
    person, reason = (here.request.POST.get(name, "").strip() for name in ("id", "reason"))
    whole = tell_whole(here, person, reason)
    if whole is None:
        return _render(here, person, tell_masked(here, person), is_refused=True)
    return _render(here, person, whole, reason=reason)


def _render(
    here: CaseRequest, person: str, records: list[RecordTold], *, reason: str = "", is_refused: bool = False
) -> HttpResponse:
    told = page_of(here, "people") | {
        "person": person,
        "records": records,
        "reason": reason,
        "is_refused": is_refused,
        "message_at": message_address(here, person),
        "may_pin": Permission.PIN in here.may,
        "may_unmask": Permission.UNMASK in here.may,
    }
    return render(here.request, "console/person.html", told, status=400 if is_refused else 200)
