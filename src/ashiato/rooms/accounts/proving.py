"""Who says so: staff prove it by a secret, of which a salted hash alone is kept (Django's hashers)."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from ashiato.rooms.accounts.models import Staff
from ashiato.rooms.accounts.services import add_staff, get_staff, record_entry
from ashiato.terms.errors import ServerError

_LEAST = 16


@transaction.atomic
def let_in(name: str, by: Staff | None, at: datetime, secret: str = "") -> str:
    """Let somebody work here, or give them another secret, on the word of somebody who does; returns it.

    The first one needs nobody's word. ``secret``: a random one unless one is said.
    Raises: ServerError: somebody works here already, and nobody of them says so; the secret is too short.
    """
    if secret and len(secret) < _LEAST:
        raise ServerError(f"a secret has {_LEAST} characters at least", fix="leave it out to be given one")
    if by is None and _somebody_can_say():
        what = f"`{name}` is let in by somebody who works here"
        raise ServerError(what, fix=f"ashiato notify staff {name} --by WHO")
    staff = add_staff(name)
    given = secret or secrets.token_urlsafe(24)
    staff.cli_secret = make_password(given)
    staff.save(update_fields=["cli_secret"])
    record_entry(by or staff, "let in", name, at=at)
    return given


def prove(name: str, secret: str) -> Staff:
    """Return who works here under a name and knows its secret; ServerError for nobody, or a wrong one."""
    staff = get_staff(name)
    if not staff.cli_secret:
        raise ServerError(f"`{name}` has no secret yet", fix=f"ashiato notify staff {name}")
    if not check_password(secret, staff.cli_secret):
        fix = f"ashiato notify staff {name} --by WHO gives another"
        raise ServerError(f"this is not the secret of `{name}`", fix=fix)
    return staff


def _somebody_can_say() -> bool:
    return Staff.objects.filter(is_active=True).exclude(cli_secret="").exists()
