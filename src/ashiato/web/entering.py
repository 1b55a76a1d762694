"""Sign-ins on record: who came in, by what, and what they changed of it stands in the ledger.

What was refused stands in the server's log: an asker without end would fill the ledger, and a row written for
names that exist alone would tell by its time which do. A name that is nobody's is written nowhere: people
type their passwords there.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, password_reset, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from ashiato.rooms.accounts.api import Staff, record_entry

_LOG = logging.getLogger(__name__)


def listen() -> None:
    """Write into the ledger whatever sign-in says of itself."""
    heard = {
        user_logged_in: _came_in,
        user_login_failed: _failed,
        authentication_failed: _factor_failed,
        authenticator_added: _factor_added,
        authenticator_removed: _factor_removed,
        password_changed: _password_set,
        password_reset: _password_set,
    }
    for signal, hear in heard.items():
        signal.connect(hear, dispatch_uid="ashiato-entering")


def note_refusal(request: HttpRequest, staff: Staff, page: str) -> None:
    """Say in the server's log that somebody asked for what their role does not open; ids alone."""
    _LOG.warning("staff %s was refused %s %s", staff.pk, request.method, page)


def _came_in(request: HttpRequest, user: Staff, **_: object) -> None:
    by = [str(each.get("type") or each.get("method")) for each in get_authentication_records(request, user)]
    record_entry(user, "signed in", "+".join(by), at=timezone.now())


def _failed(credentials: Mapping[str, Any], request: HttpRequest | None = None, **_: object) -> None:
    staff = Staff.objects.filter(name=str(credentials.get("username", ""))).first()
    _log_refusal("password", staff, request)


def _factor_failed(request: HttpRequest, user: Staff, **_: object) -> None:
    _log_refusal("factor", user, request)


def _log_refusal(what: str, staff: Staff | None, request: HttpRequest | None) -> None:
    whose = f"staff {staff.pk}" if staff else "nobody"
    address = get_adapter().get_client_ip(request) if request else "this machine"
    _LOG.warning("a %s of %s was refused, from %s", what, whose, address)


def _factor_added(user: Staff, authenticator: Authenticator, **_: object) -> None:
    record_entry(user, "factor added", str(authenticator.type), at=timezone.now())


def _factor_removed(user: Staff, authenticator: Authenticator, **_: object) -> None:
    record_entry(user, "factor removed", str(authenticator.type), at=timezone.now())


def _password_set(user: Staff, **_: object) -> None:
    record_entry(user, "password set", "", at=timezone.now())
