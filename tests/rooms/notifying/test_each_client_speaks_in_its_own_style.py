"""House styles: each client's people read its name, words, desk and logo; all is checked and approved."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from ashiato.exports.words import Language
from ashiato.letters.notices.matter import Style
from ashiato.letters.notices.wording import TemplateError
from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.composing import digest_of_templates
from ashiato.rooms.notifying.matter_file import digest_of_matter
from ashiato.rooms.notifying.models import Campaign, Notice
from ashiato.rooms.publishing.api import sites_of
from ashiato.terms.errors import AshiatoError
from tests.letters.notices.sheets import texts
from tests.letters.notices.test_logos_are_safe import SVG
from tests.rooms.notifying.scenes import AT, addressed, campaign, plan
from tests.rooms.server import fresh_sqlite

_USUAL = Path(__file__).parents[3] / "examples" / "pet-insurer" / "notices.yaml"
_SHIPPED = Path(__file__).parents[3] / "src" / "ashiato" / "letters" / "notices" / "words"
_TEXTS = ("outline", "cause", "misuse", "done")
_CLAIM = {name: {"ja": "全員の情報が流出しました。", "en": "It was."} for name in _TEXTS}
_SUBJECT = "みなとペット共済からの大切なお知らせ"
_CLIENT: dict[str, Any] = {
    "sender": {
        "name": {"ja": "みなとペット共済", "en": "Minato Pet Mutual"},
        "mail": "notice@minato-pet.example.jp",
        "logo": "minato.svg",
        "colour": "#884400",
    },
    "templates": "minato",
}


def write(
    folder: Path, client: dict[str, Any], subject: str = "みなとペット共済からの大切なお知らせ"
) -> Path:
    """Write a matter with a client of its own style; returns its file."""
    matter = yaml.safe_load(_USUAL.read_text("utf-8"))
    (folder / "minato.svg").write_bytes(SVG)
    (folder / "minato").mkdir()
    own = yaml.safe_load((_SHIPPED / "letter.yaml").read_text("utf-8"))
    own["subject"]["ja"] = subject
    (folder / "minato" / "letter.yaml").write_text(yaml.safe_dump(own, allow_unicode=True), "utf-8")
    (folder / "notices.yaml").write_text(
        yaml.safe_dump({**matter, "clients": {"minato": client}}, allow_unicode=True), "utf-8"
    )
    return folder / "notices.yaml"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Campaign]:
    with fresh_sqlite(tmp_path):
        found = campaign()
        found.matter = api.read_matter(write(tmp_path, _CLIENT))
        found.save()
        yield found


def test_each_clients_people_read_its_own_words(made: Campaign) -> None:
    people = [addressed("一郎", "letter"), addressed("二郎", "letter", "email")]
    plan(made, [_of(people[0], "minato"), _of(people[1], "another")])
    composer = api.Composer(made, ZoneInfo("Asia/Tokyo"))
    ours, theirs = (Notice.objects.get(person__client=name) for name in ("minato", "another"))
    own, usual = composer.message(ours, AT), composer.message(theirs, AT)
    assert own.subject == "みなとペット共済からの大切なお知らせ"
    assert "みなとペット共済" in own.text
    assert "みらいペット" not in own.text
    assert "みらいペット保険株式会社" in usual.text
    assert composer.mail(ours, AT).sender.address == "notice@minato-pet.example.jp"
    assert composer.matter(ours, AT).sender.logo
    assert composer.matter(theirs, AT).sender.logo is None


@pytest.mark.slow
def test_a_made_up_persons_letter_shows_a_clients_style(made: Campaign) -> None:
    composer = api.Composer(made, ZoneInfo("Asia/Tokyo"))
    for client, name in (("minato", "みなとペット共済"), ("nobody", "みらいペット保険株式会社")):
        house = composer.house(api.house_name(made.matter, client))
        sample = api.sample_of(house, AT.date())
        page = texts(api.letter_of(sample, house, api.Printing(Language.JA)))[0].replace(" ", "")
        assert name in page
        assert "見本太郎様" in page
    assert api.message_of(sample, house, Language.EN, Style.ORDINARY).subject.isascii()


def test_whatever_differs_has_to_be_approved_anew(made: Campaign, tmp_path: Path) -> None:
    digests = {digest_of_matter(made.matter, digest_of_templates())}
    for number, path in enumerate(("minato.svg", "minato/letter.yaml", "notices.yaml")):
        place = tmp_path / path
        changed = place.read_text("utf-8").replace("#c00", "#0c0").replace("大切な", "重要な")
        place.write_text(changed, "utf-8")
        digests.add(digest_of_matter(api.read_matter(tmp_path / "notices.yaml"), digest_of_templates()))
        assert len(digests) == min(number + 2, 3)


@pytest.mark.parametrize(
    ("client", "reason"),
    [
        ({"sender": {"logo": "none.svg"}}, "cannot be read"),
        ({"sender": {"logo": "../../secret.svg"}}, "lies elsewhere"),
        ({"sender": {"logo": "notices.yaml"}}, "neither PNG nor SVG"),
        ({"templates": "."}, "no template"),
        ({"sender": {"site": "evil example"}}, "site"),
        ({"sender": {"font": "Comic Sans"}}, "font"),
        ({"incident": _CLAIM}, "claims"),
        ({}, "clients"),
    ],
)
def test_a_client_is_held_to_the_same(tmp_path: Path, client: dict[str, Any], reason: str) -> None:
    with pytest.raises(AshiatoError, match=reason):
        api.read_matter(write(tmp_path, client))


def test_a_clients_template_is_held_to_the_same(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"letter.*links?|letter.*リンク|a link is offered"):
        api.read_matter(write(tmp_path, _CLIENT, subject="こちらのリンクを開いてください"))
    shutil.rmtree(tmp_path / "minato")


def _of(found: Any, client: str) -> Any:
    return type(found)(**{**vars(found), "client": client})


def test_every_clients_sender_is_ours_on_the_public_pages(made: Campaign) -> None:
    """Whoever asks whether a client's mail or desk is genuine is not told that it is not ours."""
    senders = api.list_senders(made.matter)
    assert [each["mail"] for each in senders] == [
        "notice@mirai-pet.example.jp",
        "notice@minato-pet.example.jp",
    ]
    assert not [each for each in senders if {"logo", "colour"} & set(each)]
    made.matter["clients"]["minato"]["sender"]["site"] = "www.minato-pet.example.jp"
    assert sites_of(made) == {"www.mirai-pet.example.jp", "www.minato-pet.example.jp"}
