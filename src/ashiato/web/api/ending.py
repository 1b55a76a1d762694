"""Tokens end with what their owner proved who they are by: a program goes no further than its owner could."""

from __future__ import annotations

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authenticator_removed
from django.utils import timezone

from ashiato.rooms.accounts.api import ApiToken, Staff, end_tokens


def _end(user: Staff, **_: object) -> None:
    end_tokens(ApiToken.objects.filter(staff=user), user, timezone.now())


def listen() -> None:
    """End somebody's tokens whenever they change their password or take a second factor away."""
    for signal in (password_changed, password_reset, authenticator_removed):
        signal.connect(_end, dispatch_uid="ashiato-tokens")
