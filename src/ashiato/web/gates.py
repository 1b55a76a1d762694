"""What every request passes before its page: a second factor in this very session; answers nobody keeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import logout
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import Resolver404, resolve

#: What somebody may open who has signed in and has no second factor yet: what it takes to get one.
BEFORE_SECOND_FACTOR = frozenset({
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "account_logout",
    "set_language",
    "health",
})  # fmt: skip
_SET_HERE = "second_factor_set"
_FIRST = {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_Answering = Callable[[HttpRequest], HttpResponse]


class KnownMethodsMiddleware:
    """Refuses what no page of ours is asked by, as TRACE."""

    def __init__(self, answer: _Answering) -> None:
        """``answer``: the rest of the way."""
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on what is known."""
        return self._answer(request) if request.method in _METHODS else HttpResponseNotAllowed(_METHODS)


class SecondFactorMiddleware:
    """Lets nobody past who signed in with a password alone.

    It is this session that has to have shown the factor: one that was opened with the password before its
    owner set a factor up elsewhere is ended.
    """

    def __init__(self, answer: _Answering) -> None:
        """``answer``: the rest of the way."""
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Send to where a factor is set up, or to sign in again; else pass on."""
        return self._refusal(request) or self._answer(request)

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        if not request.user.is_authenticated or has_second_factor(request):
            return None
        if is_mfa_enabled(request.user):
            logout(request)
            return redirect("account_login")
        return None if page_of(request) in BEFORE_SECOND_FACTOR else redirect("mfa_activate_totp")


def page_of(request: HttpRequest) -> str | None:
    """Return the name of the page that is asked for; None where there is none."""
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return None


def has_second_factor(request: HttpRequest) -> bool:
    """Tell whether this session showed a second factor, or set the first one up."""
    shown = (record.get("method") for record in get_authentication_records(request, request.user))
    return "mfa" in shown or bool(request.session.get(_SET_HERE))


def has_fresh_factor(request: HttpRequest) -> bool:
    """Tell whether this session showed a second factor within the last minutes (allauth's own limit)."""
    records = get_authentication_records(request, request.user)
    shown = [float(record["at"]) for record in records if record.get("method") == "mfa"]
    return any(abs(time.time() - at) < app_settings.REAUTHENTICATION_TIMEOUT for at in shown)


@receiver(authenticator_added)
def _remember_factor(request: HttpRequest, authenticator: Authenticator, **_named: Any) -> None:  # noqa: ANN401 - a signal's signature
    if authenticator.type in _FIRST:
        request.session[_SET_HERE] = True


class PrivateAnswersMiddleware:
    """Keeps pages out of every cache, and a page's origin away from the machine's sensors."""

    def __init__(self, answer: _Answering) -> None:
        """``answer``: the rest of the way."""
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers that Django has no setting for."""
        response = self._answer(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Permissions-Policy"] = (
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if page_of(request) == "account_logout" and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
