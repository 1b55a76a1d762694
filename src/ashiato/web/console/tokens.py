"""One's own tokens for programs: made with a fresh second factor, shown once, ended at any time."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from ashiato.rooms.accounts.api import MOST_DAYS, Staff, end_tokens, list_tokens, make_token
from ashiato.web.api.bearers import SCOPES
from ashiato.web.console.doing import done, number_typed, try_it, typed
from ashiato.web.console.doors import of_staff, staff_of
from ashiato.web.console.proving import ask_factor

_USUAL_DAYS = 30
#: Carries a token from its making to the page that shows it: a page loaded anew makes no second one, and the
#: server, its sessions and its backups never hold the token itself.
_SECONDS = 60
#: Of one page alone, so it cannot bear the prefix of the whole host.
_CARRIER = f"{'__Secure-' if settings.SESSION_COOKIE_SECURE else ''}ashiato_token_made"


@of_staff
def show_tokens(request: HttpRequest) -> HttpResponseBase:
    """Show those that still open something; a form makes one, or ends one."""
    staff = staff_of(request)
    if request.method != "POST":
        return _show(request, staff)
    if typed(request, "do") == "end":
        return _end(request, staff)
    if asked := ask_factor(request):
        return asked
    made = _made(request, staff)
    return _show(request, staff) if made is None else _carried(made)


def _made(request: HttpRequest, staff: Staff) -> str | None:
    """Make a token of what was typed; None where it is refused, and the page says why."""
    scopes = [scope for scope in request.POST.getlist("scope") if scope in SCOPES]
    label, days = typed(request, "label"), number_typed(request, "days")
    return try_it(request, lambda: make_token(staff, label, scopes, days, timezone.now()))


def _carried(made: str) -> HttpResponse:
    answer = redirect("tokens")
    answer.set_signed_cookie(
        _CARRIER,
        made,
        max_age=_SECONDS,
        path=reverse("tokens"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return answer


def _end(request: HttpRequest, staff: Staff) -> HttpResponse:
    now, prefix = timezone.now(), typed(request, "prefix")
    if end_tokens(list_tokens(staff, now).filter(prefix=prefix), staff, now):
        done(request, "tokens.ended", prefix=prefix)
    return redirect("tokens")


def _show(request: HttpRequest, staff: Staff) -> HttpResponse:
    made = request.get_signed_cookie(_CARRIER, default=None, max_age=_SECONDS)
    told = {
        "tokens": list_tokens(staff, timezone.now()),
        "scopes": list(SCOPES),
        "most_days": MOST_DAYS,
        "usual_days": _USUAL_DAYS,
        "made": made,
    }
    answer = render(request, "console/tokens.html", told)
    if made is not None:
        answer.delete_cookie(_CARRIER, path=reverse("tokens"), samesite="Strict")
    return answer
