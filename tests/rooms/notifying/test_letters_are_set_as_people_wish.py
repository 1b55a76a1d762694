"""Large print and easy Japanese: who asked for them gets them, in the preview and in the printer's folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ashiato.letters.notices.matter import Style
from ashiato.outside.messages.post.printer import Printer
from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.models import Campaign, Notice, PersonInScope
from ashiato.rooms.notifying.services.naming import person_key_of
from ashiato.terms.errors import ServerError
from tests.letters.notices.sheets import sizes, texts
from tests.rooms.notifying.scenes import AT, TestClock, addressed, campaign, plan, release
from tests.rooms.server import fresh_sqlite

_MATTER = Path(__file__).parents[3] / "examples" / "pet-insurer" / "notices.yaml"
_EASY = {
    "outline": "｜悪《わる》い｜人《ひと》が、｜会社《かいしゃ》のコンピューターに｜入《はい》りました。",
    "cause": "コンピューターに｜弱《よわ》い｜所《ところ》がありました。",
    "misuse": "｜悪《わる》いことに｜使《つか》われたという｜話《はなし》は、まだありません。",
    "done": "｜弱《よわ》い｜所《ところ》を｜直《なお》しました。",
}
_TOKYO = ZoneInfo("Asia/Tokyo")
_BECAUSE = api.Because("asked", "aoi", AT)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Campaign]:
    with fresh_sqlite(tmp_path):
        found = campaign()
        matter = api.read_matter(_MATTER)
        matter["incident"]["easy"] = _EASY
        found.matter = matter
        found.save()
        yield found


def person(made: Campaign, name: str) -> PersonInScope:
    """Somebody of the campaign, by name."""
    return PersonInScope.objects.get(campaign=made, person_key=person_key_of(made, name))


@pytest.mark.slow
def test_each_letter_is_printed_as_its_person_wished(made: Campaign, tmp_path: Path) -> None:
    people = {"佐藤 次郎": "", "髙橋 一郎": "large", "𠮷田 花子": "easy"}
    plan(made, map(addressed, people))
    for name, style in people.items():
        if style:
            assert not api.grant_wish(person(made, name).pk, api.Wish(style=style), _BECAUSE)
    # A later run names them again: what they wished stands.
    plan(made, map(addressed, people), run=2)
    release(made)
    (tmp_path / "printer").mkdir()
    hands = api.LetterHands(api.Composer(made, _TOKYO), Printer(tmp_path / "printer"), waits=_NO_WAIT)
    work = api.SendingWorker(made, hands, TestClock(), tmp_path / "workers", api.Pace(hands=1))
    assert work.run().handed == len(people)
    printed = dict(letters_in(tmp_path / "printer"))
    seen = {name: printed[reference_of(person(made, name))] for name in people}
    assert [sizes(seen[name]).most_common(1)[0][0] for name in people] == [10.5, 18.0, 12.0]
    assert ["まだありません" in "".join(texts(seen[name])) for name in people] == [False, False, True]


def test_a_preview_is_in_the_persons_style(made: Campaign) -> None:
    plan(made, [addressed("髙橋 一郎")])
    api.grant_wish(person(made, "髙橋 一郎").pk, api.Wish(style="easy"), _BECAUSE)
    composer, notice = api.Composer(made, _TOKYO), Notice.objects.get()
    assert composer.style(notice) is Style.EASY
    assert "まだありません" in composer.message(notice, AT).text
    # Easy Japanese is no English, and no mail: those are as usual.
    api.grant_wish(notice.person_id, api.Wish(language="en"), _BECAUSE)
    notice.person.refresh_from_db()
    assert composer.style(notice) is Style.ORDINARY
    assert composer.mail(notice, AT).language == "en"


def test_a_style_nobody_can_be_written_in_is_refused(made: Campaign) -> None:
    plan(made, [addressed("髙橋 一郎")])
    who = person(made, "髙橋 一郎").pk
    for style in ("braille", "huge", "<b>"):
        with pytest.raises(ServerError, match="no letter is set as"):
            api.grant_wish(who, api.Wish(style=style), _BECAUSE)
    del made.matter["incident"]["easy"]
    made.save()
    with pytest.raises(ServerError, match="not told in easy Japanese"):
        api.grant_wish(who, api.Wish(style="easy"), _BECAUSE)
    assert not PersonInScope.objects.get(pk=who).asked


_NO_WAIT = api.Waits(timedelta(0), timedelta(0))


def letters_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each letter's reference with the batch it is in."""
    for path in folder.glob("letters-*/manifest.json"):
        (pdf,) = path.parent.glob("*.pdf")
        for each in json.loads(path.read_text("utf-8"))["letters"]:
            yield each["reference"], pdf.read_bytes()


def reference_of(who: PersonInScope) -> str:
    """The reference of somebody's notice."""
    return Notice.objects.get(person=who, is_current=True).reference
