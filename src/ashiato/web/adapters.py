"""How sign-in is done here: nobody signs up, secrets of second factors are locked, no mail is sent."""

from __future__ import annotations

import base64
import binascii
import io
import time
from typing import Any

import segno
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from ashiato.rooms.cases.api import Locker, make_key

_KEY, _OWNER = "second-factors", "staff"


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Accounts of staff: made by the operator's command line alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the library's signature
        """Tell that it never is."""
        return False

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Ask again before factors are changed, once it is some minutes since one came in."""
        request = context.request
        given = [record["at"] for record in get_authentication_records(request, request.user)]
        is_fresh = bool(given) and time.time() - max(given) < app_settings.REAUTHENTICATION_TIMEOUT
        return not is_fresh and bool(super().is_reauthentication_required(app=app))

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return who asks: as our own proxy says, else who is connected; nobody else is believed."""
        said = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        proxy = settings.SITE.proxy
        if said and proxy and request.META["REMOTE_ADDR"] == proxy:
            return said
        return str(super().get_client_ip(request))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing: the operator configured no mail for staff."""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """Second factors, whose secrets the database holds only locked under a key of their own."""

    def encrypt(self, text: str) -> str:
        """Return a secret as the database keeps it."""
        return base64.b64encode(_locker().lock(text.encode(), _OWNER)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what was locked; ValueError where it never was."""
        try:
            locked = base64.b64decode(encrypted_text, validate=True)
        except binascii.Error as error:
            raise ValueError("a second factor's secret is not locked") from error
        return _locker().unlock(locked, _OWNER).decode()

    def build_totp_svg(self, url: str) -> str:
        """Draw what an authenticator app scans."""
        drawn = io.BytesIO()
        segno.make(url, micro=False).save(drawn, kind="svg", border=0, scale=4)
        return drawn.getvalue().decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name this site to a passkey."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": "Ashiato"}


def _locker() -> Locker:
    return Locker(make_key(_KEY))
