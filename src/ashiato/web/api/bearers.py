"""Who asks: a token's owner, with what the token says at most; guesses and floods are slowed down."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import AuthenticationError, Throttled
from ninja.security import HttpBearer

from ashiato.rooms.accounts.api import ApiToken, find_token, note_use
from ashiato.rooms.cases.api import Permission
from ashiato.web.console.doors import CaseRequest, case_opened

_MINUTE = 60
#: Tokens that are none, of one address within a minute.
MOST_GUESSES = 20
#: What a program may be given. What takes a fresh second factor is done by people alone.
_FOR_PROGRAMS = (
    Permission.SEE_CASE, Permission.SEE_PEOPLE, Permission.UNMASK, Permission.SEE_EVIDENCE,
    Permission.SEE_DUTIES, Permission.SEE_NOTICES, Permission.SEE_LEDGER, Permission.RUN, Permission.ANSWER,
    Permission.SEE_ALARMS, Permission.SEE_PLANS, Permission.PIN, Permission.DECIDE_PAIRS,
    Permission.ADD_EVIDENCE,
)  # fmt: skip


def scope_of(permission: Permission) -> str:
    """Return the word by which a token names what it may do."""
    return permission.name.lower().replace("_", "-")


#: Scopes by their words.
SCOPES = {scope_of(permission): permission for permission in _FOR_PROGRAMS}


class Bearer(HttpBearer):
    """A token in the ``Authorization`` header."""

    def __call__(self, request: HttpRequest) -> Any:  # noqa: ANN401 - the library's signature
        """Return who asks; AuthenticationError for nobody, Throttled for too much."""
        token = self._token(request)
        _count(f"api-token-{token.pk}", settings.API_A_MINUTE)
        note_use(token, timezone.now())
        return self.opened(request, token)

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Return the token that this is, or None."""
        del request
        return find_token(token, timezone.now())

    def opened(self, request: HttpRequest, token: ApiToken) -> Any:  # noqa: ANN401 - what an operation is given
        """Return what an operation of no case is given: the token."""
        del request
        return token

    def _token(self, request: HttpRequest) -> ApiToken:
        kind, _, said = request.headers.get("Authorization", "").partition(" ")
        token = self.authenticate(request, said.strip()) if kind.lower() == "bearer" else None
        if token is None:
            # Who has a token is not shut out by a neighbour who has none; no number of guesses finds one.
            _count(f"api-guesses-{get_adapter(request).get_client_ip(request)}", MOST_GUESSES)
            raise AuthenticationError(message="a token that holds is needed: Authorization: Bearer ...")
        return token


class CaseBearer(Bearer):
    """A token whose owner may do something in the case of the address, and whose scopes say so too."""

    def __init__(self, permission: Permission) -> None:
        """``permission``: what the operation asks for."""
        super().__init__()
        self.permission = permission

    def opened(self, request: HttpRequest, token: ApiToken) -> CaseRequest:
        """Return the case as its pages have it; Http404 and PermissionDenied as for those."""
        within = frozenset(SCOPES[scope] for scope in token.scopes if scope in SCOPES)
        case = request.resolver_match.kwargs["case"] if request.resolver_match else ""
        here = case_opened(request, token.staff, case, self.permission, within)
        return replace(here, token=token.prefix)


def _count(name: str, most: int) -> None:
    """Count one more within this minute; Throttled past ``most``."""
    key = _window(name)
    if (cache.get_or_set(key, 0, _MINUTE) or 0) >= most:
        raise Throttled(_wait())
    cache.incr(key)


def _window(name: str) -> str:
    return f"{name}-{int(time.time()) // _MINUTE}"


def _wait() -> int:
    return _MINUTE - int(time.time()) % _MINUTE
