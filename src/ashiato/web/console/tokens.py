"""One's own tokens for programs: made with a fresh second factor, shown once, ended at any time."""

from __future__ import annotations

from allauth.account.internal.flows.reauthentication import suspend_request
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from ashiato.rooms.accounts.api import MOST_DAYS, Staff, end_tokens, list_tokens, make_token
from ashiato.web.api.bearers import SCOPES
from ashiato.web.console.doing import done, number_typed, try_it, typed
from ashiato.web.console.doors import of_staff, staff_of
from ashiato.web.gates import has_fresh_factor

_USUAL_DAYS = 30


@of_staff
def show_tokens(request: HttpRequest) -> HttpResponseBase:
    """Show those that still open something; a form makes one, or ends one."""
    staff = staff_of(request)
    if request.method != "POST":
        return _show(request, staff)
    if typed(request, "do") == "end":
        return _end(request, staff)
    if not has_fresh_factor(request):
        answer: HttpResponseBase = suspend_request(request, reverse("mfa_reauthenticate"))
        return answer
    return _show(request, staff, _made(request, staff))


def _made(request: HttpRequest, staff: Staff) -> str | None:
    """Make a token of what was typed; None where it is refused, and the page says why."""
    scopes = [scope for scope in request.POST.getlist("scope") if scope in SCOPES]
    label, days = typed(request, "label"), number_typed(request, "days")
    return try_it(request, lambda: make_token(staff, label, scopes, days, timezone.now()))


def _end(request: HttpRequest, staff: Staff) -> HttpResponse:
    now, prefix = timezone.now(), typed(request, "prefix")
    if end_tokens(list_tokens(staff, now).filter(prefix=prefix), staff, now):
        done(request, "tokens.ended", prefix=prefix)
    return redirect("tokens")


def _show(request: HttpRequest, staff: Staff, made: str | None = None) -> HttpResponse:
    told = {
        "tokens": list_tokens(staff, timezone.now()),
        "scopes": list(SCOPES),
        "most_days": MOST_DAYS,
        "usual_days": _USUAL_DAYS,
        "made": made,
    }
    return render(request, "console/tokens.html", told)
