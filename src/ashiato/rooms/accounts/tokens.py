"""Tokens with which programs act as somebody of staff: made, known again, ended; each in the ledger."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from ashiato.rooms.accounts.models import ApiToken, Staff
from ashiato.rooms.accounts.services import record_entry
from ashiato.terms.errors import ServerError

#: A token begins with it, so that scanners of repositories know what they found.
MARK = "ashiato_"
MOST_DAYS, MOST_TOKENS = 365, 20
_PREFIX, _SECRET_BYTES = 12, 32
_NOTED_EACH = timedelta(hours=1)


@transaction.atomic
def make_token(staff: Staff, label: str, scopes: Iterable[str], days: int, at: datetime) -> str:
    """Make a token of somebody who works here; returns it, this once.

    Raises: ServerError: it would last too long or may do nothing, or they have too many.
    """
    held, named = sorted(set(scopes)), " ".join(label.split())[:60]
    if not 1 <= days <= MOST_DAYS:
        raise ServerError(f"a token lasts 1 to {MOST_DAYS} days, not {days}", fix="make another when it ends")
    if not held or not named:
        raise ServerError("a token has a name, and one scope at least", fix="say what it is for")
    if list_tokens(staff, at).count() >= MOST_TOKENS:
        raise ServerError(f"nobody has more than {MOST_TOKENS} tokens", fix="end one that nothing uses")
    prefix, secret = secrets.token_hex(_PREFIX // 2), secrets.token_urlsafe(_SECRET_BYTES)
    text = f"{MARK}{prefix}_{secret}"
    ApiToken.objects.create(
        staff=staff, label=named, prefix=prefix, digest=_digest_of(text), scopes=held, made_at=at,
        expires_at=at + timedelta(days=days),
    )  # fmt: skip
    record_entry(staff, "token made", prefix, at=at, why=f"{', '.join(held)}; {days} days")
    return text


def list_tokens(staff: Staff, at: datetime) -> QuerySet[ApiToken]:
    """Return somebody's tokens that still open something, the newest first."""
    return ApiToken.objects.filter(staff=staff, ended_at=None, expires_at__gt=at).order_by("-pk")


def find_token(text: str, at: datetime) -> ApiToken | None:
    """Return the token that this is, or None where it is none, has ended, or its owner left."""
    prefix = text.removeprefix(MARK)[:_PREFIX]
    found = ApiToken.objects.select_related("staff").filter(prefix=prefix).first()
    digest = found.digest if found else ""
    if not hmac.compare_digest(digest, _digest_of(text)) or found is None:
        return None
    is_over = found.ended_at is not None or found.expires_at <= at or not found.staff.is_active
    return None if is_over else found


def note_use(token: ApiToken, at: datetime) -> None:
    """Note that a token came in, at most once an hour."""
    if token.last_used_at is None or at - token.last_used_at >= _NOTED_EACH:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)


@transaction.atomic
def end_tokens(tokens: QuerySet[ApiToken], by: Staff, at: datetime) -> int:
    """End tokens for good, each an entry of the ledger; returns how many."""
    ended = list(tokens.filter(ended_at=None).select_related("staff").order_by("pk"))
    for token in ended:
        record_entry(by, "token ended", token.prefix, at=at, why=token.staff.name)
    ApiToken.objects.filter(pk__in=[token.pk for token in ended]).update(ended_at=at)
    return len(ended)


def _digest_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
