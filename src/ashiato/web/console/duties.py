"""Duties and their clocks, as of now or of a day that is asked for."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render

from ashiato.exports.duties.telling import tell_assessment
from ashiato.law.api import moment_asked
from ashiato.rooms.cases.api import Permission
from ashiato.terms.errors import LawError
from ashiato.web.console.clocks import clocks_of, find_assessment
from ashiato.web.console.confirming import told_of
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.wording import fact_words


@in_case(Permission.SEE_DUTIES)
def show_duties(here: CaseRequest) -> HttpResponse:
    """Show clocks, and below them everything the rules say, with grounds and sources."""
    day = here.request.GET.get("day", "")[:40]
    as_of = _moment(here, day)
    assessment = find_assessment(here.case, as_of or here.now.replace(microsecond=0).astimezone(here.zone))
    told = page_of(here, "duties") | {"day": day, "is_no_day": bool(day) and as_of is None}
    if assessment is not None:
        told["clocks"] = clocks_of(assessment, fact_words())
        told["lines"] = list(tell_assessment(assessment, fact_words()))
        told |= told_of(here, assessment)
    return render(here.request, "console/duties.html", told | {"has_diary": assessment is not None})


def _moment(here: CaseRequest, day: str) -> datetime | None:
    try:
        return moment_asked(day, here.zone) if day else None
    except LawError:
        return None
