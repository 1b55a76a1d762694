"""How long this room keeps what is personal."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db.models import Q, QuerySet

from ashiato.rooms.accounts.models import ApiToken, LedgerEntry, Staff
from ashiato.rooms.accounts.retiring import Event, Policy

_EMPTIED = {"full_name": "", "email": "", "cli_secret": "", "last_login": None}


def _left(now: datetime) -> QuerySet[Staff]:
    del now
    is_empty = Q(**_EMPTIED, password__startswith="!")  # noqa: S106 - how Django marks one that opens nothing
    return Staff.objects.filter(is_active=False).exclude(is_empty)


def _ended(now: datetime) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(Q(ended_at__isnull=False) | Q(expires_at__lte=now))


POLICIES = (
    Policy(Staff, Event.LEFT, due=_left, emptied=_EMPTIED | {"password": make_password(None)}),
    Policy(LedgerEntry, Event.PROOF),
    Policy(ApiToken, Event.CUT_OFF, due=_ended, removes=True),
)
