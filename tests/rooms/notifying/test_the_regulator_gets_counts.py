"""What was done for the people concerned: counts that add up, in the draft of the report; never a person."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ashiato.exports.words import Language
from ashiato.letters.drafting import draft
from ashiato.letters.matter import Matter
from ashiato.letters.outline import load_outlines
from ashiato.letters.response_answers import write_response
from ashiato.letters.responses import Response, read_response
from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.models import Campaign, Notice
from ashiato.rooms.notifying.services import claiming, recording, working
from ashiato.rooms.notifying.services.waving import Desk
from tests.law.diaries import assessed
from tests.letters.matters import known, line_of
from tests.rooms.notifying.scenes import AT, campaign, person, plan, release

_ZONE = ZoneInfo("Asia/Tokyo")
_NAMES = ("aoi", "ben", "chie", "dai")


@pytest.fixture
def made(database: Path) -> Campaign:
    """Four told in two waves, one of them by two ways, one by publication, one left out, one waits."""
    assert database.exists()
    found = campaign()
    told = [person(name, "letter", "email") for name in _NAMES]
    left = [person("emi"), person("fumi", excluded="deceased")]
    plan(found, [*told, *left])
    release(found, Desk(agents=1, minutes_each=240, calls_permille=1000))
    for day, wave in enumerate(found.waves.order_by("number")):
        _hand(found, "letter", day)
        assert wave.people == 2
    back = Notice.objects.filter(channel="letter").order_by("pk").first()
    assert back is not None
    api.record_receipt(api.Report("back", back.reference, api.State.RETURNED), AT + timedelta(days=3))
    _hand(found, "email", 4)
    api.publish(found, api.Because("published: web site", "aoi", AT + timedelta(days=5)))
    plan(found, [*told, *left, person("gen", "letter")])
    api.settle(found, AT + timedelta(days=9))
    return found


def test_the_counts_add_up_to_everybody(made: Campaign) -> None:
    told = _respond(made)
    assert (told.people, told.told) == (7, 4)
    assert told.outcomes == {"delivered": 3, "published": 1, "planned": 1, "handed": 1}
    assert sum(told.outcomes.values()) + sum(told.excluded.values()) == told.people
    by_channel = {each.key: each for each in told.channels}
    assert {key: each.people for key, each in by_channel.items()} == {
        "letter": 4,
        "email": 1,
        "publication": 0,
    }
    everywhere = [each.outcomes for each in told.channels]
    assert sum(sum(held.values()) for held in everywhere) == sum(told.outcomes.values())
    assert [(each.key, each.people, each.first) for each in told.waves] == [
        ("1", 2, AT),
        ("2", 2, AT + timedelta(days=1)),
    ]
    assert by_channel["letter"].last == AT + timedelta(days=1)
    assert [(each.where, each.people) for each in told.publications] == [("web site", 1)]


def test_files_read_back_and_name_nobody(made: Campaign, tmp_path: Path) -> None:
    told = _respond(made)
    files = write_response(told, _ZONE, tmp_path / "answer")
    assert [path.name for path in files] == [
        "notices.json",
        "notices.csv",
        "notices.ja.txt",
        "notices.en.txt",
    ]
    assert read_response(files[0]) == told
    whole = "".join(path.read_text("utf-8-sig") for path in files)
    secrets = [*_NAMES, *Notice.objects.values_list("reference", flat=True)]
    secrets += [*Notice.objects.values_list("code", flat=True)]
    assert not [secret for secret in secrets if secret in whole]
    rows = list(csv.DictReader(io.StringIO(files[1].read_text("utf-8-sig"))))
    assert {(row["unit"], row["bound"]) for row in rows} == {("people", "exact")}
    assert [row["value"] for row in rows if row["part"] == "people"] == ["7"]


_JA = ("本人7人のうち4人に通知を送付した", "電子メール 1人、書状 4人", "第1陣 2人", "合計しない")
_EN = ("Of 7 people concerned, notices were sent to 4 people", "letter 4 people", "wave 1 2 people")


@pytest.mark.slow
@pytest.mark.parametrize(("language", "words"), [(Language.JA, _JA), (Language.EN, _EN)])
def test_the_final_report_says_what_was_done(
    made: Campaign, language: Language, words: tuple[str, ...]
) -> None:
    told = _respond(made)
    day = "2026-12-20"
    matter = Matter(assessed(known(), day), None, "", language, response=told)
    document = draft(load_outlines()["ppc-final"], matter)
    line = line_of(document, "told") or ""
    assert [word for word in words if word not in line] == []
    assert "web site" in (line_of(document, "told-by-publication") or "")
    (ground,) = next(each.grounds for each in document.lines() if each.key == "told")
    assert ground.what in ("通知の台帳", "ledger of sending")
    without = draft(load_outlines()["ppc-final"], Matter(assessed(known(), day), None, "", language))
    assert line_of(without, "told") is None


def test_people_who_may_be_one_are_at_most_so_many(made: Campaign) -> None:
    told = api.respond(made, AT + timedelta(days=9), exact=False)
    assert json.loads(told.as_json())["people"]["bound"] == "at most"


def _respond(made: Campaign) -> Response:
    return api.respond(made, AT + timedelta(days=9), exact=True)


def _hand(made: Campaign, channel: str, day: int) -> None:
    """Hand over two of a channel, so many days later."""
    at = AT + timedelta(days=day)
    worker = working.enlist(f"{channel}{day}", machine="m", lock_file="", at=at)
    claimed = claiming.claim(worker, claiming.Wanted(made, (channel,), 2, at))
    handed = [recording.Offered(each.pk, api.State.HANDED, "taken") for each in claimed]
    recording.record_offered(worker, handed, at)
