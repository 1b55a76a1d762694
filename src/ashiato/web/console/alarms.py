"""Alarms of the case's systems: which stand, who has them, what shows them, and what was done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from ashiato.engine.api import datamap_of
from ashiato.rooms.cases.api import Permission, cases_of
from ashiato.rooms.watching import api
from ashiato.web.console.doing import done, try_it, typed
from ashiato.web.console.doors import CaseRequest, case_opened, in_case, of_staff, staff_of
from ashiato.web.console.pages import page_of
from ashiato.web.console.proving import sent_alone

_ROWS = 50
_MOST_RAISED = 100


@in_case(Permission.SEE_ALARMS)
def list_alarms(here: CaseRequest) -> HttpResponse:
    """List the groups of this case's systems, ways that fail, and the guards that show themselves."""
    is_open = here.request.GET.get("open") == "1"
    pages = Paginator(api.list_groups(systems_of(here), is_open=is_open), _ROWS)
    told = {
        "groups": pages.get_page(here.request.GET.get("page")),
        "is_open": is_open,
        "failing": api.list_failing_ways(),
        "guards": api.list_guards(),
    }
    return render(here.request, "console/alarms.html", page_of(here, "alarms") | told)


@in_case(Permission.SEE_ALARMS)
def show_alarm(here: CaseRequest, number: int) -> HttpResponse:
    """Show one group: its numbers, lines, actors, messages and notes; each look is an entry of the ledger."""
    group = _group_of(here, number)
    api.record_look(group, here.staff, here.now, here.file.name)
    told: dict[str, Any] = {
        "group": group,
        "raised": group.raised.order_by("-people", "pk")[:_MOST_RAISED],
        "answers": api.count_answers(group),
        "messages_sent": group.messages.prefetch_related("offered").order_by("-pk"),
        "notes": group.notes.select_related("staff").order_by("pk"),
        "may_answer": Permission.ANSWER_ALARMS in here.may,
    }
    return render(here.request, "console/alarm.html", page_of(here, "alarms") | told)


@in_case(Permission.ANSWER_ALARMS)
@sent_alone
def acknowledge_alarm(here: CaseRequest, number: int) -> HttpResponse:
    """Take a group on, so that nobody further is told."""
    group = _group_of(here, number)
    if api.acknowledge(group.pk, here.staff, here.now, here.file.name):
        done(here.request, "alarms.acknowledged")
    return redirect("alarm", here.file.name, number)


@in_case(Permission.ANSWER_ALARMS)
@sent_alone
def note_alarm(here: CaseRequest, number: int) -> HttpResponse:
    """Write a note on a group."""
    group, text = _group_of(here, number), typed(here.request, "text")
    if try_it(here.request, lambda: api.write_note(group.pk, here.staff, text, here.now, here.file.name)):
        done(here.request, "alarms.noted")
    return redirect("alarm", here.file.name, number)


@of_staff
def find_alarm(request: HttpRequest, number: int) -> HttpResponse:
    """Lead from a message's link to the group, in a case of its system; 404 where one may see none."""
    staff = staff_of(request)
    for case in cases_of(staff):
        try:
            here = case_opened(request, staff, case.name, Permission.SEE_ALARMS)
        except PermissionDenied:
            continue
        if api.list_groups(systems_of(here)).filter(pk=number).exists():
            return redirect("alarm", case.name, number)
    raise Http404


def _group_of(here: CaseRequest, number: int) -> api.AlarmGroup:
    found = api.list_groups(systems_of(here)).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def systems_of(here: CaseRequest) -> Sequence[str]:
    """Return the systems of the case's data map; what is of no system, as a silence, is everybody's."""
    return ["", *datamap_of(here.case).systems]
