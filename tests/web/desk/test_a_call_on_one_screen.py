"""A call over the screen: before the ladder the whole page is the same for all; the rest in its order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ashiato.engine.case import create_case
from ashiato.rooms.accounts.models import LedgerEntry
from ashiato.rooms.answering import api
from ashiato.rooms.cases.api import Role, give_role
from ashiato.rooms.notifying.api import told_of
from tests.rooms.answering import desks
from tests.rooms.answering.desks import RIGHT, UNUSED, WRONG, World
from tests.rooms.notifying import scenes
from tests.web.console.scenes import NOW, proven, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("book")
RIGHT_TYPED = {str(kind): said for kind, said in RIGHT.items()}
WRONG_TYPED = {str(kind): said for kind, said in WRONG.items()}


def open_desk(tmp_path: Path, world: World, name: str = "case", role: Role = Role.DESK) -> tuple[Client, str]:
    """An agent's browser at the desk of a world."""
    opened = desks.desk(world, name)
    file = opened.campaign.case
    create_case(tmp_path / name, "Asia/Tokyo", lambda: 0)
    file.folder = str(tmp_path / name)
    file.save()
    for script in opened.scripts.all():
        for staff in scenes.approvers():
            api.approve_script(script, staff, desks.AT)
    agent = staff_named("emi")
    give_role(file, agent, role, NOW)
    return signed_in(agent), f"/cases/{file.name}/desk/"


def _said(content: bytes, name: str) -> str:
    """A page without the form's token of this answer, the case's name and the minute."""
    plain = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", content.decode())
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "-", plain.replace(name, "-"))


@pytest.mark.slow
@pytest.mark.parametrize("typed", [WRONG_TYPED, {**RIGHT_TYPED, "phone": "1"}], ids=["wrong", "one right"])
def test_the_whole_page_is_the_same_for_everybody(tmp_path: Path, typed: dict[str, str]) -> None:
    pages = set()
    for number, world in enumerate(World):
        client, address = open_desk(tmp_path, world, f"world-{number}")
        first = client.post(address, {"way": "phone", "caller": "03-1234-5678"}, follow=True)
        tried = client.post(f"{address}1/", {"do": "verify", "code": UNUSED, **typed})
        after, listed = client.get(f"{address}1/"), client.get(address)
        pages.add(tuple(_said(each.content, f"world-{number}") for each in (first, tried, after, listed)))
        assert tried.status_code == 200
    assert len(pages) == 1


def test_a_call_is_answered_from_taking_to_closing(tmp_path: Path) -> None:
    client, address = open_desk(tmp_path, World.IN_SCOPE)
    client.post(address, {"way": "phone", "caller": "03-1234-5678", "name": "<b>x</b>", "language": "en"})
    page = f"{address}1/"
    assert b"&lt;b&gt;x&lt;/b&gt;" in client.get(page).content
    told = client.post(page, {"do": "verify", "code": UNUSED, **RIGHT_TYPED}).content.decode()
    assert "Verified." in told
    assert "hanako" in told
    assert "090-1234-5678" not in told
    word = re.search(r"Digits for the caller: (\d{4})", client.post(
        page, {"do": "promise", "purpose": "verify"}).content.decode())  # fmt: skip
    assert word is not None
    assert "090-1234-5678" in client.post(page, {"do": "number"}).content.decode()
    client.post(page, {"do": "end_call", "outcome": "reached", "word": word[1]})
    client.post(page, {"do": "change", "lines": "大阪府架空1-1", "post_code": "530-0000"})
    client.post(page, {"do": "answer", "script": "address-changed"})
    closed = client.post(page, {"do": "close", "reason": "change.contact"}, follow=True).content.decode()
    assert "Contact 1 is closed." in closed
    contact = api.Contact.objects.get()
    assert contact.person is not None
    assert told_of(contact.person)["contact"]["lines"] == ["大阪府架空1-1"]
    assert [each.script.name for each in contact.answers.all()] == ["address-changed"]
    assert LedgerEntry.objects.filter(verb="changed for person").count() == 1


@pytest.mark.parametrize(
    "do", ["change", "again", "number", "end_call", "answer", "close", "", "no such deed"]
)
def test_deeds_out_of_order_are_refused_on_the_page(tmp_path: Path, do: str) -> None:
    client, address = open_desk(tmp_path, World.IN_SCOPE)
    client.post(address, {"way": "phone"})
    said = {"do": do, "script": "your-fields", "outcome": "open", "name": "x"}
    assert client.post(f"{address}1/", said, follow=True).status_code == 200
    contact = api.Contact.objects.get()
    assert (contact.stand, contact.rung, contact.answers.count()) == ("open", api.Rung.NOBODY, 0)


def test_a_lead_approves_and_sees_forecast_and_counts(tmp_path: Path) -> None:
    client, address = open_desk(tmp_path, World.IN_SCOPE, role=Role.LEAD)
    wording = api.Wording({"ja": "題", "en": "New"}, {"ja": "文。", "en": "Text."}, api.Rung.NOBODY)
    script = api.write_script(api.Desk.objects.get(), "new", wording, desks.agent("w"), desks.AT)
    client.post(address, {"way": "phone"})
    told = client.get(f"{address}lead/").content.decode()
    assert "approved by 0 of 2" in told
    asked = client.post(f"{address}lead/", {"script": script.pk})
    assert asked.headers["Location"].startswith(reverse("mfa_reauthenticate"))
    assert not script.approvals.exists()
    client = proven(staff_named("emi"))
    client.post(f"{address}lead/", {"script": script.pk})
    again = client.post(f"{address}lead/", {"script": script.pk}, follow=True, HTTP_ACCEPT_LANGUAGE="ja")
    assert "二人目の承認は別の人が行います。 対処: 同僚に依頼してください。" in again.content.decode()
    script.refresh_from_db()
    assert (script.approvals.count(), script.is_approved) == (1, False)
    assert client.post(f"{address}lead/", {"alert": "9" * 40}).status_code == 302
