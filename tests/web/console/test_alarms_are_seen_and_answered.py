"""Alarms of a case's systems are seen, taken on and noted by those who may; every deed is in the ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from ashiato.engine.api import Case
from ashiato.rooms.accounts.api import LedgerEntry
from ashiato.rooms.cases.api import CaseFile, Role
from ashiato.rooms.watching.api import AlarmGroup, heartbeat, raise_alarm
from ashiato.terms.alarms import Actor, ActorKind
from tests.rooms.watching.watches import ALARM, AT
from tests.web.console.scenes import casefile, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")
_HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture
def case(investigated: Case) -> CaseFile:
    """A case with an alarm of its system, one of another's, and a guard."""
    actor = Actor("shop", ActorKind.ACCOUNT, _HOSTILE)
    own = replace(ALARM, actors=(actor,), lines=(_HOSTILE,), rule=_HOSTILE)
    raise_alarm(own, AT)
    raise_alarm(replace(ALARM, key="other", actors=(Actor("bank", ActorKind.ACCOUNT, "x"),)), AT)
    heartbeat("web-1", {"/var/log/nginx/access.log": 1_795_402_800_000_000}, AT)
    lead, agent = staff_named("aoi"), staff_named("ben")
    return casefile(investigated.folder, (lead, Role.LEAD), (agent, Role.AUDITOR))


def test_the_list_shows_the_cases_own_systems_and_the_guards(case: CaseFile) -> None:
    page = signed_in(staff_named("aoi")).get(reverse("alarms", args=[case.name])).content.decode()
    assert "shop" in page
    assert "bank" not in page
    assert "web-1" in page
    assert "/var/log/nginx/access.log" in page
    assert "<script>alert" not in page
    assert "\\u202e" in page


def test_a_group_is_taken_on_and_noted_by_who_may(case: CaseFile) -> None:
    group = AlarmGroup.objects.get(kind__system="shop")
    here = [case.name, group.pk]
    lead, auditor = signed_in(staff_named("aoi")), signed_in(staff_named("ben"))
    assert "&lt;script&gt;" in auditor.get(reverse("alarm", args=here)).content.decode()
    assert auditor.post(reverse("acknowledge_alarm", args=here)).status_code == 403
    assert auditor.post(reverse("note_alarm", args=here), {"text": "a load test"}).status_code == 403
    assert lead.get(reverse("acknowledge_alarm", args=here)).status_code == 405
    lead.post(reverse("acknowledge_alarm", args=here))
    lead.post(reverse("note_alarm", args=here), {"text": "our own load test"})
    lead.post(reverse("note_alarm", args=here), {"text": "no"})
    page = lead.get(reverse("alarm", args=here)).content.decode()
    assert "aoi acknowledged it" in page
    assert page.count("our own load test") == 1
    kept = LedgerEntry.objects.filter(about__startswith=f"{case.name}: alarm").values_list("verb", "why")
    assert [verb for verb, _ in kept.order_by("pk")] == [
        "alarm seen", "alarm acknowledged", "alarm noted", "alarm seen",
    ]  # fmt: skip


def test_a_link_leads_to_the_case_and_only_those_who_may(case: CaseFile) -> None:
    own, other = (AlarmGroup.objects.get(kind__system=name).pk for name in ("shop", "bank"))
    client = signed_in(staff_named("aoi"))
    there = client.get(reverse("find_alarm", args=[own]))
    assert there.headers["Location"] == reverse("alarm", args=[case.name, own])
    for number in (other, 10_000):
        assert client.get(reverse("find_alarm", args=[number])).status_code == 404
        assert client.get(reverse("alarm", args=[case.name, number])).status_code == 404
    assert signed_in(staff_named("cho")).get(reverse("find_alarm", args=[own])).status_code == 404
