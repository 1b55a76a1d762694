"""A text is taken, people are counted and planned, waves made: by a process beside the page; none is sent."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ashiato.engine.api import Case, list_entries
from ashiato.rooms.accounts.api import LedgerEntry
from ashiato.rooms.cases.api import CaseFile, Role
from ashiato.rooms.notifying import api
from ashiato.terms.errors import ServerError
from ashiato.web.planning import is_planning, last_planning
from tests.cli.sample_case import PERSONS, make_case
from tests.conftest import ROOT
from tests.rooms.notifying import scenes
from tests.web.console.scenes import NOW, casefile, signed_in, staff_named, told_case

pytestmark = pytest.mark.usefixtures("database")
MATTER = (ROOT / "examples" / "pet-insurer" / "notices.yaml").read_bytes()
#: Where the members' mail addresses stand; the third member has none.
_CONTACTS = [
    {
        "person_id": f"shop/members/{key}", "channel": "mail", "preference": 1, "usable": True,
        "contact_reasons": "", "address_use": "now", "system": "shop", "table_name": "members",
        "record_key": key, "at_table": "members", "at_key": key, "at_columns": "email",
        "snapshot_us": 1_781_103_600_000_000,
    }
    for key in ("1", "2")
]  # fmt: skip
_PEOPLE = {"channel": ["letter", "email"], "first": "letter", "language": "ja"}


@pytest.fixture
def lead(tmp_path: Path) -> tuple[Case, CaseFile, Client]:
    """A case of three people, two of whom a mail reaches, and its lead."""
    case = make_case(tmp_path, PERSONS | {"contacts": _CONTACTS})
    aoi = staff_named("aoi")
    return case, casefile(case.folder, (aoi, Role.LEAD)), signed_in(aoi)


def _send(client: Client, page: str, **given: object) -> str:
    answer = client.post(reverse(page, args=["case"]), given, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def _text(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("notices<b>.yaml", content)


def _ended(home: Path, client: Client, words: str) -> str:
    """The part of the page that tells of the planner, once it has ended."""
    until = time.monotonic() + 120
    while is_planning(home, CaseFile.objects.get().pk):
        assert time.monotonic() < until
        time.sleep(0.1)
    told = client.get(reverse("planning_state", args=["case"])).content.decode()
    assert words in told, told
    return told


@pytest.mark.slow
def test_a_case_is_planned_to_its_waves(home: Path, tmp_path: Path) -> None:
    case = make_case(tmp_path, PERSONS | {"contacts": _CONTACTS})
    aoi = staff_named("aoi")
    casefile(case.folder, (aoi, Role.LEAD))
    client = signed_in(aoi)
    assert "The text was taken" in _send(client, "take_text", matter=_text(MATTER))
    assert "It has begun" in _send(client, "plan_notices", do="count", **_PEOPLE)
    counted = _ended(home, client, "Nothing was written")
    assert "3 people in scope" in counted
    assert not api.Notice.objects.exists()
    _send(client, "plan_notices", do="plan", **_PEOPLE)
    _ended(home, client, "Planned from run 1")
    planned = api.Notice.objects.order_by("channel").values_list("channel", flat=True)
    assert list(planned) == ["email", "email", "publication"]
    one_a_day = {"agents": "1", "minutes_each": "240", "hours": "4", "calls_permille": "1000"}
    _send(client, "make_waves", begins="2026-12-01", **one_a_day)
    _ended(home, client, "2 people in 2")
    days = api.Wave.objects.order_by("number").values_list("not_before", flat=True)
    assert [day.isoformat() for day in days if day] == [
        "2026-12-01T00:00:00+00:00",
        "2026-12-02T00:00:00+00:00",
    ]
    _send(client, "make_waves", agents="4")
    _ended(home, client, "2 people in 1")
    verbs = LedgerEntry.objects.filter(staff=aoi).order_by("pk").values_list("verb", flat=True)
    waves = ["made waves"] * 2
    assert list(verbs) == ["took a text", "counted notices", "planned notices", *waves]
    looks = [entry["results"] for entry in list_entries(case.folder) if entry["action"] == "contacts"]
    assert looks == [{"reason": "plan of notices", "number": 3}] * 2


def test_what_cannot_be_planned_is_refused_with_its_reason(lead: tuple[Case, CaseFile, Client]) -> None:
    _, file, client = lead
    assert "no file came" in _send(client, "take_text")
    assert "longer than 262,144 bytes" in _send(client, "take_text", matter=_text(b"#" * 300_000))
    assert "notices&lt;b&gt;.yaml" in _send(client, "take_text", matter=_text(b"incident: [\n"))
    assert "no channel was chosen" in _send(client, "plan_notices", do="plan")
    assert "is not said, or out of its bounds" in _send(client, "make_waves", agents="")
    assert "is not said, or out of its bounds" in _send(client, "make_waves", agents="4", hours="25")
    assert "is no day" in _send(client, "make_waves", agents="4", begins="tomorrow<b>")
    assert api.find_campaign(Path(file.folder)) is None
    assert not LedgerEntry.objects.filter(staff__name="aoi").exists()


@pytest.mark.parametrize("line", ["  logo: /etc/hostname\n", "  logo: ../../secret.svg\n"])
def test_a_text_from_the_page_takes_no_file_of_the_server(
    lead: tuple[Case, CaseFile, Client], line: str
) -> None:
    sender = MATTER.replace(b"sender:\n", b"sender:\n" + line.encode())
    assert "cannot be taken from here" in _send(lead[2], "take_text", matter=_text(sender))


def test_a_planner_that_wrote_nothing_did_not_end(
    lead: tuple[Case, CaseFile, Client], tmp_path: Path
) -> None:
    _, file, client = lead
    (tmp_path / "workers").mkdir()
    (tmp_path / "workers" / f"planning-{file.pk}.lock").touch()
    told = last_planning(tmp_path, file.pk)
    assert told is not None
    assert not told.is_over
    assert str(tmp_path) in told.fix
    assert client.get(reverse("planning", args=["case"])).status_code == 200


def test_waves_that_nobody_approved_are_made_anew_and_others_stand(
    lead: tuple[Case, CaseFile, Client],
) -> None:
    case, _, _ = lead
    campaign = told_case(case.folder, "p1", "p2", "p3")
    seen = campaign.waves.get()
    for staff in (staff_named("ben"), staff_named("cho")):
        api.approve_text(campaign, staff, NOW)
    one_each = api.Desk(1, minutes_each=480, calls_permille=1000)
    waves = api.draft_waves(campaign, one_each, NOW)
    assert [wave.people for wave in waves] == [1, 1, 1]
    with pytest.raises(ServerError, match="changed since it was looked at"):
        api.approve_wave(seen, staff_named("dai"), NOW)
    api.approve_wave(waves[1], staff_named("emi"), NOW)
    (rest,) = api.draft_waves(campaign, scenes.DESK, NOW)
    assert (rest.number, rest.people) == (3, 2)
    assert list(campaign.waves.order_by("number").values_list("number", "people")) == [(2, 1), (3, 2)]
