"""Text and waves are approved by two different persons as they were seen; gates hold; previews are looks."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ashiato.engine.api import Case, list_entries
from ashiato.rooms.accounts.api import LedgerEntry, find_break
from ashiato.rooms.cases.api import Role
from ashiato.rooms.notifying.api import Campaign, standing_of
from tests.web.console.scenes import casefile, proven, signed_in, staff_named, told_case

pytestmark = pytest.mark.usefixtures("database")
PERSON = "shop/members/1"


@pytest.fixture
def two(investigated: Case) -> tuple[Campaign, Client, Client]:
    """A campaign, its lead and its privacy officer."""
    campaign = told_case(investigated.folder, PERSON, "p2")
    lead, privacy = staff_named("aoi"), staff_named("ben")
    casefile(investigated.folder, (lead, Role.LEAD), (privacy, Role.PRIVACY))
    return campaign, proven(lead), proven(privacy)


def _address(campaign: Campaign, page: str) -> str:
    return reverse(page, args=[campaign.case.name])


def _send(client: Client, campaign: Campaign, page: str, **given: object) -> str:
    answer = client.post(_address(campaign, page), given, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_two_persons_approve_the_text_and_then_the_wave(two: tuple[Campaign, Client, Client]) -> None:
    campaign, lead, privacy = two
    (wave,) = campaign.waves.all()
    shown = {"wave": wave.number, "digest": wave.scope_digest}
    assert "is not approved by 2 persons yet" in _send(lead, campaign, "approve_wave", **shown)
    text = {"digest": campaign.text_digest}
    assert "1 of 2" in _send(lead, campaign, "approve_text", **text)
    assert "approved text of case/tell-people before" in _send(lead, campaign, "approve_text", **text)
    assert not standing_of(campaign).is_text_approved
    assert "2 of 2" in _send(privacy, campaign, "approve_text", **text)
    for client in (lead, lead, privacy):
        _send(client, campaign, "approve_wave", **shown)
    wave.refresh_from_db()
    assert wave.is_approved
    assert [each.staff.name for each in wave.approvals.order_by("pk")] == ["aoi", "ben"]
    kept = LedgerEntry.objects.exclude(verb="role given").order_by("pk").values_list("staff__name", "verb")
    verbs = ("approved text", "approved text", "approved wave", "approved wave")
    assert list(kept) == list(zip(("aoi", "ben", "aoi", "ben"), verbs, strict=True))
    assert find_break() is None


def test_what_changed_since_it_was_seen_is_not_approved(two: tuple[Campaign, Client, Client]) -> None:
    campaign, lead, privacy = two
    assert "has changed since you looked" in _send(lead, campaign, "approve_text", digest="0" * 64)
    for client in (lead, privacy):
        _send(client, campaign, "approve_text", digest=campaign.text_digest)
    assert "changed since it was looked at" in _send(lead, campaign, "approve_wave", wave=1, digest="0" * 64)
    assert lead.post(_address(campaign, "approve_wave"), {"wave": "99"}).status_code == 404
    assert not campaign.waves.get().approvals.exists()


def test_a_gate_is_closed_and_opened_with_a_reason(two: tuple[Campaign, Client, Client]) -> None:
    campaign, lead, _ = two
    closed = {"do": "close", "kind": "hold"}
    assert "Say why" in _send(lead, campaign, "set_gate", **closed, why=" x ")
    page = _send(lead, campaign, "set_gate", **closed, why="<b>court</b> order 12")
    assert "all held (by law, or after a restore)" in page
    assert "&lt;b&gt;court" in page
    assert [gate["closed_by"] for gate in standing_of(campaign).gates] == ["aoi"]
    assert lead.post(_address(campaign, "set_gate"), {"do": "close", "kind": "calls"}).status_code == 404
    _send(lead, campaign, "set_gate", do="open", kind="hold", why="the court lifted it")
    assert standing_of(campaign).gates == []
    verbs = LedgerEntry.objects.filter(verb__contains="gate").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["closed gate hold", "opened gate hold"]


def test_the_text_is_read_before_it_is_approved(two: tuple[Campaign, Client, Client]) -> None:
    campaign, lead, _ = two
    page = lead.get(_address(campaign, "notice_text")).content.decode()
    assert "見本 太郎" in page
    assert campaign.matter["sender"]["name"]["en"] in page
    assert page.count("<summary>") == 8
    auditor = staff_named("eve")
    casefile(Path(campaign.case.folder), (auditor, Role.AUDITOR))
    assert "approve/" not in signed_in(auditor).get(_address(campaign, "notice_text")).content.decode()


def test_a_message_is_shown_whole_with_a_reason_alone(
    two: tuple[Campaign, Client, Client], investigated: Case
) -> None:
    campaign, lead, _ = two
    own = PERSON
    masked = lead.get(_address(campaign, "message"), {"id": own}).content.decode()
    assert "見本 太郎" in masked
    before = len(list_entries(investigated.folder))
    refused = lead.post(_address(campaign, "message_unmasked"), {"id": own, "reason": "x"})
    assert (refused.status_code, b"Say why" in refused.content) == (400, True)
    shown = lead.post(_address(campaign, "message_unmasked"), {"id": own, "reason": "Dan asks, 4711"})
    assert "見本 太郎" not in shown.content.decode()
    (look,) = list_entries(investigated.folder)[before:]
    assert look["results"] == {"reason": "preview of a notice: Dan asks, 4711"}
    looks = LedgerEntry.objects.filter(verb__startswith="saw").order_by("pk").values_list("verb", "why")
    assert list(looks) == [("saw masked", ""), ("saw masked", ""), ("saw unmasked", "Dan asks, 4711")]
    assert lead.get(_address(campaign, "message"), {"id": "shop/members/none"}).status_code == 404
