"""Staff of every role, a case each, and a browser without a screen: Django's own client."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client

from ashiato.rooms.accounts.api import Staff, add_staff
from ashiato.rooms.cases.api import CaseFile, Role, give_role, open_casefile
from ashiato.rooms.notifying import api
from tests.rooms.notifying import scenes

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
_MATTER = Path(__file__).parents[3] / "examples" / "pet-insurer" / "notices.yaml"
_RECORD = {"system": "shop", "table_name": "members"}
_OTHER = {f"other_{name}": value for name, value in _RECORD.items()}
_ALIKE = {**_RECORD, **_OTHER, "agree": "name;phone", "conflict": "name not comparable"}
#: Pairs of the small case that a human has to decide.
REVIEWS = [
    {"pair": pair, "record_key": one, "other_record_key": other, "score": score, **_ALIKE}
    for pair, one, other, score in (("pair-a", "1", "2", 2_000), ("pair-b", "1", "3<b>", 900))
]


def staff_named(name: str) -> Staff:
    """Somebody who works here and has a second factor."""
    staff = add_staff(name)
    RecoveryCodes.activate(staff)
    return staff


def casefile(folder: Path, *seats: tuple[Staff, Role]) -> CaseFile:
    """A case of the server with its people."""
    case = open_casefile(folder, NOW)
    for staff, role in seats:
        give_role(case, staff, role, NOW)
    return case


def proven(staff: Staff) -> Client:
    """A client signed in as somebody who showed the second factor this moment."""
    return signed_in(staff, at=time.time())


def signed_in(
    staff: Staff | None, *, with_factor: bool = True, at: float = 0.0, checks_csrf: bool = False
) -> Client:
    """A client signed in as somebody; nobody: signed out.

    ``with_factor``: this session showed one; ``at``: when, in seconds (long ago unless said).
    """
    client = Client(checks_csrf, HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    if staff is not None:
        client.force_login(staff)
        session = client.session
        session["account_authentication_methods_user"] = user_id_to_str(staff)
        session["account_authentication_methods"] = [
            {"method": "mfa" if with_factor else "password", "at": at}
        ]
        session.save()
    return client


def told_case(folder: Path, *people: str) -> api.Campaign:
    """A campaign of a case, with a text that nobody approved and one wave with these people."""
    made = api.open_campaign(folder, api.USUAL_DUTY, NOW)
    api.set_matter(made, api.read_matter(_MATTER))
    scenes.plan(made, [scenes.addressed(name, "email") for name in people])
    api.draft_waves(made, scenes.DESK, NOW)
    return made
