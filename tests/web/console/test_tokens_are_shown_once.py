"""One's tokens on a page: made with a fresh second factor, shown once, ended by their owner alone."""

from __future__ import annotations

import re
import time

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from ashiato.rooms.accounts.api import ApiToken, LedgerEntry, Staff
from tests.web.api.programs import program, token_of
from tests.web.console.scenes import signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")
_MAKE = {"do": "make", "label": "nightly <b>counts</b>", "days": "30", "scope": ["see-case", "root"]}


def test_a_token_is_shown_once_and_works(aoi: Staff) -> None:
    client = signed_in(aoi, at=time.time())
    answer = client.post(reverse("tokens"), _MAKE)
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("tokens"))
    carrier = answer.cookies["ashiato_token_made"]
    assert (carrier["httponly"], carrier["samesite"], carrier["path"]) == (True, "Strict", reverse("tokens"))
    page = client.get(reverse("tokens"))
    found = re.search(r'<code id="made">(ashiato_[^<]+)</code>', page.content.decode())
    assert found is not None
    told = program(found[1]).get("/api/v1/me").json()
    assert (told["name"], told["scopes"]) == ("aoi", ["see-case"])
    again = client.get(reverse("tokens")).content.decode()
    assert found[1] not in again
    assert ApiToken.objects.count() == 1
    secret = found[1].split("_", 2)[2]  # whatever letters it has, and an underscore is one of them
    assert not any(secret in str(each.get_decoded()) for each in Session.objects.all())
    assert "nightly &lt;b&gt;counts" in again
    assert page.headers["Cache-Control"] == "no-store"


@pytest.fixture
def aoi() -> Staff:
    return staff_named("aoi")


def test_without_a_fresh_factor_none_is_made(aoi: Staff) -> None:
    answer = signed_in(aoi).post(reverse("tokens"), _MAKE)
    assert answer.headers["Location"].startswith(reverse("mfa_reauthenticate"))
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"days": "0"}, {"days": "366"}, {"days": "x"}, {"label": "  "}, {"scope": []}, {"scope": ["release"]}],
)
def test_what_no_token_may_be_is_refused(aoi: Staff, wrong: dict[str, object]) -> None:
    page = signed_in(aoi, at=time.time()).post(reverse("tokens"), _MAKE | wrong)
    assert page.status_code == 200
    assert "alarm" in page.content.decode()
    assert not ApiToken.objects.exists()


def test_nobody_ends_anothers(aoi: Staff) -> None:
    theirs = token_of(staff_named("ben"))
    prefix = theirs.split("_")[1]
    signed_in(aoi).post(reverse("tokens"), {"do": "end", "prefix": prefix})
    assert program(theirs).get("/api/v1/me").status_code == 200
    mine = token_of(aoi)
    signed_in(aoi).post(reverse("tokens"), {"do": "end", "prefix": mine.split("_")[1]})
    assert program(mine).get("/api/v1/me").status_code == 401
    assert LedgerEntry.objects.latest("pk").verb == "token ended"
