"""Who came in stands in the ledger; who was refused, in the server's log, without what they typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.totp.internal import auth
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from ashiato.rooms.accounts.api import LedgerEntry, Staff, add_staff, find_break
from ashiato.rooms.cases.api import Role
from tests.web.console.scenes import casefile, proven, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")
PASSWORD = "a walk along the quiet canal"  # noqa: S105 - of nobody
_SECRET = "JBSWY3DPEHPK3PXP"  # noqa: S105 - of nobody
_STEP = 59_850_000


@pytest.fixture(autouse=True)
def _no_tries() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _one_step_of_thirty_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """No code is over while a test runs."""
    monkeypatch.setattr(auth, "yield_hotp_counters_from_time", lambda: iter([_STEP]))


@pytest.fixture(autouse=True)
def _passwords_are_quickly_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 10)


@pytest.fixture
def aoi(database: Path) -> Staff:  # noqa: ARG001 - to stand in
    """Somebody with a password and an authenticator app."""
    staff = add_staff("aoi")
    staff.set_password(PASSWORD)
    staff.save()
    auth.TOTP.activate(staff, _SECRET)
    return staff


def _code() -> str:
    return str(auth.format_hotp_value(auth.hotp_value(_SECRET, _STEP)))


def _try(client: Client, name: str, password: str) -> None:
    client.post(reverse("account_login"), {"login": name, "password": password})


@pytest.mark.usefixtures("aoi")
def test_who_came_in_stands_in_the_ledger_with_what_they_showed() -> None:
    client = signed_in(None)
    _try(client, "aoi", PASSWORD)
    assert not LedgerEntry.objects.exists()
    client.post(reverse("mfa_authenticate"), {"code": _code()})
    (entry,) = LedgerEntry.objects.all()
    assert (entry.staff.name, entry.verb, entry.about) == ("aoi", "signed in", "password+totp")
    assert find_break() is None


def test_who_was_refused_stands_in_the_log_alone(aoi: Staff, caplog: pytest.LogCaptureFixture) -> None:
    client = signed_in(None)
    _try(client, "aoi", "not it\x1b[31m")
    _try(client, "my-secret-typed-as-a-name", PASSWORD)
    _try(client, "aoi", PASSWORD)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    told = [each.getMessage() for each in caplog.records if each.name == "ashiato.web.entering"]
    assert told == [
        f"a password of staff {aoi.pk} was refused, from 127.0.0.1",
        "a password of nobody was refused, from 127.0.0.1",
        f"a factor of staff {aoi.pk} was refused, from 127.0.0.1",
    ]
    assert not LedgerEntry.objects.exists()


def test_what_a_role_does_not_open_is_logged_by_ids_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = staff_named("dan")
    case = casefile(tmp_path / "incident", (desk, Role.DESK))
    client = signed_in(desk)
    assert client.get(reverse("people", args=[case.name])).status_code == 403
    assert client.get(reverse("people", args=["elsewhere"])).status_code == 404
    told = [each.getMessage() for each in caplog.records if each.name == "ashiato.web.entering"]
    assert told == [
        f"staff {desk.pk} was refused GET see who was reached, values masked",
        f"staff {desk.pk} was refused GET a case of others",
    ]


@pytest.mark.usefixtures("aoi")
def test_a_code_of_an_authenticator_works_once() -> None:
    code, came_in = _code(), []
    for _ in range(2):
        client = signed_in(None)
        _try(client, "aoi", PASSWORD)
        client.post(reverse("mfa_authenticate"), {"code": code})
        came_in.append("_auth_user_id" in client.session)
    assert came_in == [True, False]


def test_other_sessions_are_seen_and_ended_with_a_fresh_factor_alone() -> None:
    staff = staff_named("aoi")
    stale, fresh = signed_in(staff), proven(staff)
    assert (
        stale.get(reverse("usersessions_list")).headers["Location"].startswith("/account/2fa/reauthenticate/")
    )
    stale.get(reverse("cases"))
    assert fresh.get(reverse("usersessions_list")).status_code == 200
    fresh.post(reverse("usersessions_list"))
    assert stale.get(reverse("cases")).status_code == 302
    assert fresh.get(reverse("cases")).status_code == 200
