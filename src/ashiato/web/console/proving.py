"""Proof that it is they: a form that decides something asks for the second factor anew, then goes on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from allauth.account.internal.flows.reauthentication import suspend_request
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.urls import reverse

from ashiato.web.console.doors import CaseRequest
from ashiato.web.gates import has_fresh_factor

_CaseView = Callable[Concatenate[CaseRequest, ...], HttpResponseBase]


def sent_alone(view: _CaseView) -> _CaseView:
    """Answer to forms alone: there is nothing to look at."""

    @wraps(view)
    def answered(here: CaseRequest, **named: object) -> HttpResponseBase:
        if here.request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return view(here, **named)

    return answered


def proven(view: _CaseView) -> _CaseView:
    """Let a form through from who showed the second factor minutes ago.

    Others are asked for it first; what they sent is kept in their session and goes on from there.
    """

    @wraps(view)
    def asked(here: CaseRequest, **named: object) -> HttpResponseBase:
        return ask_factor(here.request) or view(here, **named)

    return sent_alone(asked)


def ask_factor(request: HttpRequest) -> HttpResponseBase | None:
    """Return where the second factor is asked for; None where it was shown minutes ago."""
    if has_fresh_factor(request):
        return None
    answer: HttpResponseBase = suspend_request(request, reverse("mfa_reauthenticate"))
    return answer
