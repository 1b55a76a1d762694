"""What the intruder could use is seen by those who see evidence, and checked off by who proves it is they."""

from __future__ import annotations

import pytest
from django.urls import reverse

from ashiato.engine.api import Case
from ashiato.rooms.cases.api import CaseFile, Role
from ashiato.rooms.ending.api import take_times
from ashiato.rooms.watching.models import Closing
from ashiato.terms.times import moment_of
from tests.web.console.scenes import casefile, proven, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def case(investigated: Case) -> CaseFile:
    return casefile(investigated.folder, (staff_named("aoi"), Role.LEAD), (staff_named("ben"), Role.AUDITOR))


@pytest.mark.slow
def test_each_is_closed_and_opened_again_by_who_may(case: CaseFile) -> None:
    lead, auditor = proven(staff_named("aoi")), proven(staff_named("ben"))
    page = lead.get(reverse("over", args=[case.name])).content.decode()
    assert "Not shown to be over." in page
    assert "3 of 3 are not closed" in page
    assert "203.0.113.7" in page
    key = page.split('name="key" value="')[1][:16]
    form = {"key": key, "closed_at": "2026-11-01 14:05", "proof": "blocked, tried by Ben, ticket 7"}
    assert auditor.post(reverse("close_way", args=[case.name]), form).status_code == 403
    stale = signed_in(staff_named("aoi")).post(reverse("close_way", args=[case.name]), form)
    assert "reauthenticate" in stale.headers["Location"]
    for wrong in ({"closed_at": "yesterday"}, {"proof": "no"}, {"key": "x"}):
        lead.post(reverse("close_way", args=[case.name]), form | wrong)
    assert not Closing.objects.exists()
    lead.post(reverse("close_way", args=[case.name]), form)
    take_times(case, moment_of(0))
    page = auditor.get(reverse("over", args=[case.name])).content.decode()
    assert "First hostile event: 2026-06-10T23:01:00+09:00 at the latest (line access.log:1)" in page
    assert "since 2026-11-01 14:05:00, by aoi" in page
    assert "2 of 3 are not closed" in page
    lead.post(reverse("reopen_way", args=[case.name]), {"key": key, "because": "another address"})
    assert Closing.objects.get().taken_back_by == staff_named("aoi")
