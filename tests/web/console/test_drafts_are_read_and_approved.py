"""Drafts: what each says now, its files, and two different persons' approval of the very words."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ashiato.engine.api import Case, create_case, list_editions
from ashiato.rooms.accounts.api import LedgerEntry, find_break
from ashiato.rooms.cases.api import Role
from tests.web.console.scenes import casefile, proven, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")
#: A first announcement is whole by them.
_FACTS = """\
zone: Asia/Tokyo
entries:
  - known: 2026-06-25T06:30:00+09:00
    sets: {law.JP: true, licence: insurer, role: own, unauthorised_access: true, leak: leak_possible,
           data.personal: true, people: {at_most: 1001}, second_damage: false, event.began: 2026-06-10,
           text.fields: "names <b>and more</b>", text.containment: cut off, text.people_response: letters,
           text.self_protection: take care, text.desk: 03-0000-0000}
"""
_OTHER = "  - known: 2026-06-26\n    sets: {text.desk: 03-9999-9999}\n"
KIND = "announcement-1"


@pytest.fixture
def two(tmp_path: Path) -> tuple[Case, Client, Client]:
    """A case with a diary, its lead and whoever communicates."""
    case = create_case(tmp_path / "case", "Asia/Tokyo", lambda: 1_790_000_000_000_000)
    (case.folder / "facts.yaml").write_text(_FACTS)
    lead, other = staff_named("aoi"), staff_named("ben")
    casefile(case.folder, (lead, Role.LEAD), (other, Role.COMMUNICATIONS))
    return case, proven(lead), proven(other)


def _page(client: Client, kind: str = KIND) -> str:
    answer = client.get(reverse("draft", args=["case", kind]), {"lang": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def _form(client: Client) -> dict[str, str]:
    """What the page's form sends; nothing where there is none."""
    found = re.findall(r'name="(lang|as_of|digest)" value="([^"]+)"', _page(client))
    return {name: unescape(value) for name, value in found}


def _approve(client: Client, form: dict[str, str], because: str = "read against the diary") -> str:
    given = {**form, "because": because}
    answer = client.post(reverse("approve_draft", args=["case", KIND]), given, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.slow
def test_two_persons_approve_the_very_words(two: tuple[Case, Client, Client]) -> None:
    case, lead, other = two
    page = _page(lead)
    assert "names &lt;b&gt;and more" in page
    form = _form(lead)
    assert "Say why" in _approve(lead, form, "x")
    assert "a second person is wanted" in _approve(lead, form)
    assert _form(lead) == {}, "the first is not asked again"
    assert "has approved edition 1 already" in _approve(lead, form)
    again = _form(other)
    assert again == form, "the second is shown the same words as of the same moment"
    assert "2 of 2 persons have approved edition 1" in _approve(other, again)
    (edition,) = list_editions(case)
    assert edition.is_approved
    assert edition.approvals[0].files == edition.approvals[1].files
    kept = LedgerEntry.objects.filter(verb="draft approved").order_by("pk")
    assert [(entry.staff.name, entry.about) for entry in kept] == [
        ("aoi", f"case: {KIND}.en 1"),
        ("ben", f"case: {KIND}.en 1"),
    ]
    assert find_break() is None
    assert "edition 1: aoi, ben (2 of 2)" in lead.get(reverse("drafts", args=["case"])).content.decode()


def test_what_says_something_else_is_shown_and_not_approved(two: tuple[Case, Client, Client]) -> None:
    case, lead, other = two
    form = _form(lead)
    _approve(lead, form)
    _approve(other, _form(other))
    (case.folder / "facts.yaml").write_text(_FACTS + _OTHER)
    page = _page(lead)
    assert "says something else than edition 1" in page
    assert re.search(r"<del>[^<]*03-0000-0000", page)
    assert re.search(r"<ins>[^<]*03-9999-9999", page)
    assert "something else than when you looked" in _approve(lead, {**form, "digest": "0" * 64})
    assert len(list_editions(case)) == 1


def test_what_is_not_whole_offers_no_approval(two: tuple[Case, Client, Client]) -> None:
    _, lead, _ = two
    page = _page(lead, "ppc-final")
    assert "are still to be filled in" in page
    assert 'name="digest"' not in page


def test_files_are_taken_away_as_drafts(two: tuple[Case, Client, Client]) -> None:
    case, _, _ = two
    auditor = staff_named("eve")
    casefile(case.folder, (auditor, Role.AUDITOR))
    client = signed_in(auditor)
    word = client.get(reverse("draft_file", args=["case", KIND, "docx"]), {"lang": "en"})
    assert word.headers["Content-Disposition"] == f'attachment; filename="{KIND}.en.docx"'
    assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(word.content)).namelist()
    paper = client.get(reverse("draft_file", args=["case", KIND, "pdf"]))
    assert paper.content.startswith(b"%PDF")
    for kind, ending in ((KIND, "json"), ("none", "pdf"), ("..", "pdf")):
        assert client.get(f"/cases/case/drafts/{kind}.{ending}").status_code == 404
    assert 'name="digest"' not in _page(client)


def test_no_moment_is_not_there(two: tuple[Case, Client, Client]) -> None:
    _, lead, _ = two
    for as_of in ("never", "2026-07-01", ""):
        given = {"as_of": as_of, "because": "a good reason"}
        assert lead.post(reverse("approve_draft", args=["case", KIND]), given).status_code == 404
