"""The cases somebody works on: the page after sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ashiato.rooms.cases.api import cases_of, roles_in
from ashiato.web.console.doors import of_staff, staff_of


@of_staff
def list_cases(request: HttpRequest) -> HttpResponse:
    """List them, each with what one's part in it is."""
    staff = staff_of(request)
    rows = [{"case": case, "roles": roles_in(case, staff)} for case in cases_of(staff)]
    return render(request, "console/cases.html", {"rows": rows})
