"""Coming in: guesses are slowed down, a session changes its name, a link works once, who left is out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from ashiato.rooms.accounts.api import LedgerEntry, Staff, add_staff
from ashiato.terms.errors import ServerError
from ashiato.web.links import end_sessions, forget_factors, password_link, shut_out
from tests.web.console.scenes import NOW, signed_in, staff_named

#: Passwords are hashed so that each takes its time.
pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]
PASSWORD = "a walk along the quiet canal"  # noqa: S105 - of nobody


@pytest.fixture(autouse=True)
def _no_tries() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def _with_password(name: str) -> Staff:
    staff = add_staff(name)
    staff.set_password(PASSWORD)
    staff.save()
    return staff


def _try(client: Client, name: str, password: str) -> int:
    given = {"login": name, "password": password}
    return client.post(reverse("account_login"), given).status_code


def test_guesses_are_slowed_down_even_for_the_right_one() -> None:
    _with_password("aoi")
    client = signed_in(None)
    assert {_try(client, "aoi", f"wrong {number}") for number in range(5)} == {200}
    assert _try(client, "aoi", PASSWORD) != 302
    assert "_auth_user_id" not in client.session


def test_who_is_nobody_is_told_the_same() -> None:
    _with_password("aoi")
    pages = []
    for name in ("aoi", "zoe"):
        client = signed_in(None)
        answer = client.post(reverse("account_login"), {"login": name, "password": "wrong"})
        pages.append(re.findall(r'class="errorlist[^>]*>(.*?)</ul>', answer.content.decode()))
    assert pages[0] == pages[1] != []


def test_a_session_is_another_after_sign_in() -> None:
    _with_password("aoi")
    client = signed_in(None)
    client.session.save()
    client.get(reverse("account_login"))
    before = client.session.session_key
    assert _try(client, "aoi", PASSWORD) == 302
    assert client.session.session_key != before


def test_a_second_factor_is_asked_for_before_anybody_is_in() -> None:
    staff = _with_password("aoi")
    Authenticator.objects.create(user=staff, type=Authenticator.Type.TOTP, data={"secret": ""})
    client = signed_in(None)
    assert _try(client, "aoi", PASSWORD) == 302
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("cases")).headers["Location"].startswith("/account/login/")


def test_nobody_signs_up_and_no_mail_resets() -> None:
    client = signed_in(None)
    for path in ("/account/signup/", "/account/password/reset/", "/account/email/"):
        assert client.get(path).status_code == 404


def test_a_link_sets_one_password_once() -> None:
    staff = add_staff("aoi")
    path = password_link(staff).partition("localhost:8765")[2]
    client = signed_in(None)
    form = client.get(path, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    staff.refresh_from_db()
    assert staff.check_password(PASSWORD)
    again = signed_in(None).get(path, follow=True)
    assert b"used already" in again.content
    assert b"password1" not in again.content


@pytest.mark.parametrize("weak", ["short", "password1234", "aoi aoi aoi aoi"])
def test_weak_passwords_are_refused(weak: str) -> None:
    staff = add_staff("aoi aoi aoi aoi")
    client = signed_in(None)
    form = client.get(password_link(staff).partition("localhost:8765")[2], follow=True)
    answer = client.post(form.request["PATH_INFO"], {"password1": weak, "password2": weak})
    assert answer.status_code == 200
    staff.refresh_from_db()
    assert not staff.has_usable_password()


def test_who_left_is_out_at_once() -> None:
    staff = staff_named("aoi")
    client = signed_in(staff)
    assert client.get(reverse("cases")).status_code == 200
    shut_out(staff, NOW)
    assert client.get(reverse("cases")).headers["Location"].startswith("/account/login/")
    assert not Authenticator.objects.filter(user=staff).exists()
    assert (staff.full_name, staff.email, staff.cli_secret, staff.last_login) == ("", "", "", None)
    with pytest.raises(ServerError, match="no longer works here"):
        add_staff("aoi")
    assert [entry.verb for entry in LedgerEntry.objects.order_by("pk")] == [
        "sessions ended",
        "factors forgotten",
        "left",
    ]


def test_who_lost_their_factor_comes_in_by_a_new_link_and_sets_another() -> None:
    staff = staff_named("aoi")
    client = signed_in(staff)
    assert client.get(reverse("cases")).status_code == 200
    forget_factors(staff, NOW)
    assert client.get(reverse("cases")).headers["Location"].startswith("/account/login/")
    staff.set_password(PASSWORD)
    staff.save()
    again = Client(HTTP_HOST="localhost")
    assert _try(again, "aoi", PASSWORD) == 302
    assert again.get(reverse("cases")).headers["Location"] == reverse("mfa_activate_totp")
    entries = [(each.staff.name, each.verb, each.about) for each in LedgerEntry.objects.order_by("pk")]
    assert entries == [
        ("ashiato", "sessions ended", "aoi"),
        ("ashiato", "factors forgotten", "aoi"),
        ("aoi", "signed in", "password"),
    ]


def test_whoever_is_signed_out_everywhere_comes_in_again() -> None:
    staff, other = staff_named("aoi"), staff_named("ben")
    laptop, desk, bens = signed_in(staff), signed_in(staff), signed_in(other)
    assert {each.get(reverse("cases")).status_code for each in (laptop, desk, bens)} == {200}
    end_sessions(staff, NOW)
    for client in (laptop, desk):
        assert client.get(reverse("cases")).headers["Location"].startswith("/account/login/")
    assert bens.get(reverse("cases")).status_code == 200
    assert Authenticator.objects.filter(user=staff).exists()
    assert staff.is_active


def test_signing_out_empties_what_the_browser_kept() -> None:
    client = signed_in(staff_named("aoi"))
    assert "Clear-Site-Data" not in client.get(reverse("account_logout")).headers
    assert client.post(reverse("account_logout")).headers["Clear-Site-Data"] == '"cache", "storage"'


def test_a_form_without_its_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True, HTTP_HOST="localhost")
    assert client.post(reverse("set_language"), {"language": "en"}).status_code == 403


def test_a_secret_of_a_factor_is_locked_in_the_database() -> None:
    staff = staff_named("aoi")
    held = Authenticator.objects.get(user=staff)
    seed = held.data["seed"]
    assert len(seed) > 60
    assert len(held.wrap().get_unused_codes()) == 10
    assert not any(code in str(held.data) for code in held.wrap().get_unused_codes())


def test_next_leads_nowhere_else() -> None:
    _with_password("aoi")
    client = signed_in(None)
    given = {"login": "aoi", "password": PASSWORD, "next": "https://evil.example/"}
    assert "evil" not in client.post(reverse("account_login"), given).headers["Location"]
