from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from ashiato.engine.api import Case, check_chain, list_entries
from ashiato.engine.case import writing
from ashiato.rooms.accounts.api import LedgerEntry, find_break
from ashiato.rooms.cases.api import Role
from tests.web.console.scenes import casefile, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")
VALUES = ("Aoi Mori", "aoi@shop.example", "aoi%40shop.example", "Aoi+Mori", "b@x.example")


@pytest.fixture
def opened(investigated: Case) -> tuple[Client, str]:
    """Aoi, lead of the small case, and its name."""
    staff = staff_named("aoi")
    return signed_in(staff), casefile(investigated.folder, (staff, Role.LEAD)).name


def _page(opened: tuple[Client, str], name: str, **asked: str) -> str:
    client, case = opened
    answer = client.get(reverse(name, args=[case]), asked)
    assert answer.status_code == 200, answer.content[:300]
    return answer.content.decode()


def _persons(opened: tuple[Client, str], **asked: str) -> list[str]:
    return [
        unescape(found) for found in re.findall(r"person/\?id=([^\"]+)\"", _page(opened, "people", **asked))
    ]


def test_the_list_holds_no_value_of_anybody(opened: tuple[Client, str]) -> None:
    assert _persons(opened) == [f"shop%2Fmembers%2F{number}" for number in (2, 1, 3)]
    assert not [value for value in VALUES if value in _page(opened, "people")]


def test_the_list_is_searched_and_narrowed(opened: tuple[Client, str]) -> None:
    everybody = _persons(opened)
    by_grade = [_persons(opened, grade=word) for word in ("confirmed", "probable", "possible")]
    assert sorted(name for part in by_grade for name in part) == sorted(everybody)
    one = everybody[0].replace("%2F", "/").rpartition("/")[2]
    assert everybody[0] in _persons(opened, search=one)
    assert _persons(opened, search="' OR 1=1 --") == _persons(opened, field="no.such") == []
    assert _persons(opened, page="999999999999", grade="<b>") == everybody


def test_looking_is_kept_before_anything_shows(opened: tuple[Client, str], investigated: Case) -> None:
    client, case = opened
    person = {"id": "shop/members/1"}
    masked = _page(opened, "person", **person)
    assert not [value for value in VALUES if value in masked]
    refused = client.post(reverse("person_unmasked", args=[case]), {**person, "reason": " x "})
    assert refused.status_code == 400
    assert not [value for value in VALUES if value in refused.content.decode()]
    before = len(list_entries(investigated.folder))
    shown = client.post(reverse("person_unmasked", args=[case]), {**person, "reason": "call of Dan, 4711"})
    assert "Aoi+Mori" in shown.content.decode()
    kept = list_entries(investigated.folder)[before:]
    assert [entry["action"] for entry in kept] == ["explain"]
    looks = LedgerEntry.objects.filter(verb__startswith="saw").order_by("pk")
    assert [(look.verb, look.why) for look in looks] == [
        ("saw masked", ""),
        ("saw masked", ""),
        ("saw unmasked", "call of Dan, 4711"),
    ]
    assert len({look.subject for look in looks}) == 1
    assert "members" not in str(list(looks.values()))
    assert find_break() is None


def test_a_look_is_kept_while_a_run_holds_the_case(opened: tuple[Client, str], investigated: Case) -> None:
    client, case = opened
    before = len(list_entries(investigated.folder))
    with writing(investigated):
        shown = client.post(
            reverse("person_unmasked", args=[case]), {"id": "shop/members/1", "reason": "call of Dan"}
        )
    assert "Aoi+Mori" in shown.content.decode()
    assert [entry["action"] for entry in list_entries(investigated.folder)[before:]] == ["explain"]
    assert check_chain(investigated.folder) == []


def test_a_person_of_no_case_is_not_there(opened: tuple[Client, str]) -> None:
    client, case = opened
    assert client.get(reverse("person", args=[case]), {"id": "shop/members/none"}).status_code == 404
    assert client.get(reverse("person", args=[case])).status_code == 404
    assert LedgerEntry.objects.filter(verb__startswith="saw").count() == 0


@pytest.mark.parametrize(
    "page",
    [
        "overview",
        "people",
        "pictures",
        "evidence",
        "duties",
        "notices",
        "ledger",
        "reviews",
        "pins",
        "drafts",
    ],
)
def test_hostile_text_does_nothing_on_any_page(opened: tuple[Client, str], page: str) -> None:
    _assert_harmless(_page(opened, page))


def test_hostile_lines_do_nothing_unmasked(opened: tuple[Client, str]) -> None:
    client, case = opened
    asked = {"id": "shop/members/1", "reason": "<script>alert(1)</script>\u202e"}
    for address in ("person", "person_unmasked"):
        method = client.get if address == "person" else client.post
        _assert_harmless(method(reverse(address, args=[case]), asked).content.decode())
    _assert_harmless(_page(opened, "ledger"))


def _assert_harmless(page: str) -> None:
    """No control, no mark that turns text around, and no markup but our own."""
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", page)
    assert "<script>" not in page
    assert "<b>hello" not in page
    assert "<img" not in page


def test_a_picture_is_taken_away_with_its_cells_shielded(opened: tuple[Client, str]) -> None:
    client, case = opened
    for name in ("timeline", "growth", "fields", "ways"):
        text = client.get(reverse("picture_csv", args=[case, name])).content.decode("utf-8-sig")
        heads, *rows = text.splitlines()
        assert heads.startswith('"')
        assert rows
        assert not re.search(r'(^|,)"[=+@-]', text, re.MULTILINE)
    assert client.get(reverse("picture", args=[case, "other"])).status_code == 404


def test_a_timeline_is_cut_where_it_is_asked(opened: tuple[Client, str]) -> None:
    client, case = opened
    address = reverse("picture", args=[case, "timeline"])
    whole = client.get(address).json()["rows"]
    part = client.get(address, {"from": whole[0][0], "to": whole[0][0]}).json()["rows"]
    events = [sum(row[2] for row in rows) for rows in (whole, part)]
    assert events[0] == 8 > events[1] > 0
    assert client.get(address, {"from": "never", "to": "x'"}).json()["rows"] == whole
