"""Whatever is decided takes its role, its form's token, and for what lets out a fresh second factor."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.urls import reverse

from ashiato.engine.api import Case
from ashiato.rooms.accounts.api import LedgerEntry
from ashiato.rooms.cases.api import MAY, Permission, Role
from ashiato.web.console.doors import DOORS
from tests.web.console.scenes import casefile, proven, signed_in, staff_named, told_case
from tests.web.test_every_page_has_a_door import pages

pytestmark = pytest.mark.usefixtures("database")
#: Pages that take forms of decisions alone, and what each asks for.
DECIDING: dict[str, Permission] = {
    "approve_text": Permission.RELEASE,
    "approve_wave": Permission.RELEASE,
    "set_gate": Permission.RELEASE,
    "send_notices": Permission.RELEASE,
    "decide_pair": Permission.DECIDE_PAIRS,
    "pin": Permission.PIN,
    "unpin": Permission.PIN,
    "confirm_duties": Permission.CONFIRM_DUTIES,
    "approve_draft": Permission.APPROVE_DRAFTS,
    "run_start": Permission.RUN,
    "run_cancel": Permission.RUN,
}
#: What stands in an address beside the case.
NAMED = {"approve_draft": {"kind": "announcement-1"}}
#: Those that go on only with a second factor shown minutes ago.
PROVEN = ("approve_text", "approve_wave", "set_gate", "send_notices", "confirm_duties", "approve_draft")


def _address(page: str, case: str) -> str:
    return reverse(page, kwargs={"case": case, **NAMED.get(page, {})})


@pytest.mark.parametrize("page", DECIDING)
def test_every_role_decides_what_the_map_says_and_nothing_else(page: str, investigated: Case) -> None:
    doors = {entry.name: DOORS.get(entry.callback) for entry in pages()}
    assert doors[page] is DECIDING[page]
    told_case(investigated.folder, "p1")
    for role in Role:
        staff = staff_named(f"of-{role}")
        case = casefile(investigated.folder, (staff, role))
        status = proven(staff).post(_address(page, case.name)).status_code
        assert (status == 403) == (DECIDING[page] not in MAY[role]), role
        assert status < 500


@pytest.mark.parametrize("page", DECIDING)
def test_a_decision_without_its_token_or_by_a_link_is_refused(page: str, investigated: Case) -> None:
    told_case(investigated.folder, "p1")
    staff = staff_named("aoi")
    address = _address(page, casefile(investigated.folder, (staff, Role.LEAD)).name)
    assert signed_in(staff, checks_csrf=True).post(address).status_code == 403
    assert proven(staff).get(address).status_code == 405


@pytest.mark.parametrize("page", PROVEN)
def test_a_factor_of_the_morning_is_asked_for_again(page: str, investigated: Case) -> None:
    told_case(investigated.folder, "p1")
    staff = staff_named("aoi")
    address = _address(page, casefile(investigated.folder, (staff, Role.LEAD)).name)
    answer = signed_in(staff).post(address, {"do": "open"})
    assert answer.headers["Location"].startswith(reverse("mfa_reauthenticate"))
    assert not LedgerEntry.objects.exclude(verb="role given")


def test_what_was_sent_goes_on_once_the_factor_was_shown(investigated: Case) -> None:
    cache.clear()
    campaign = told_case(investigated.folder, "p1")
    staff = staff_named("aoi")
    client = signed_in(staff)
    address = reverse("approve_text", args=[casefile(investigated.folder, (staff, Role.PRIVACY)).name])
    asked = client.post(address, {"digest": campaign.text_digest}).headers["Location"]
    form = client.get(asked).content.decode()
    assert re.findall(r'name="next" value="([^"]+)"', form)[-1] == address
    wrong = client.post(asked, {"code": "wrong"})
    assert wrong.status_code == 200
    assert not campaign.approvals.exists()
    (code, *_) = Authenticator.objects.get(user=staff).wrap().get_unused_codes()
    right = client.post(asked, {"code": code, "next": address})
    assert right.headers["Location"] == reverse("notice_text", args=["case"])
    assert [each.staff.name for each in campaign.approvals.all()] == ["aoi"]
