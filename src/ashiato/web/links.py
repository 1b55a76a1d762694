"""Letting staff in and out: the link to a first password, and the end of everything somebody could open."""

from __future__ import annotations

from datetime import datetime

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from ashiato.rooms.accounts.api import ApiToken, Staff, end_tokens, get_program, record_entry


def password_link(staff: Staff) -> str:
    """Return a link that sets one's password, once, while ``PASSWORD_RESET_TIMEOUT`` lasts."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(staff)
    named = {"uidb36": user_pk_to_url_str(staff), "key": token}
    return f"{settings.SITE.origin}{reverse('account_reset_password_from_key', kwargs=named)}"


@transaction.atomic
def end_sessions(staff: Staff, at: datetime) -> None:
    """End somebody's sessions and tokens wherever they are; the ledger says so."""
    for session in UserSession.objects.filter(user=staff):
        session.end()
    end_tokens(ApiToken.objects.filter(staff=staff), get_program(), at)
    record_entry(get_program(), "sessions ended", staff.name, at=at)


@transaction.atomic
def forget_factors(staff: Staff, at: datetime) -> None:
    """End somebody's sessions and tokens, and forget their second factors; the ledger says so."""
    end_sessions(staff, at)
    Authenticator.objects.filter(user=staff).delete()
    record_entry(get_program(), "factors forgotten", staff.name, at=at)


@transaction.atomic
def shut_out(staff: Staff, at: datetime) -> None:
    """Let somebody in no more, and forget all of them but their sign-in name."""
    forget_factors(staff, at)
    record_entry(get_program(), "left", staff.name, at=at)
    staff.is_active = False
    staff.set_unusable_password()
    staff.cli_secret = staff.full_name = staff.email = ""
    staff.last_login = None
    staff.save(update_fields=["is_active", "password", "cli_secret", "full_name", "email", "last_login"])
