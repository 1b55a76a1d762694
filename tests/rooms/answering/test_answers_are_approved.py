"""Standard answers: by version, approved by two, tied to what was said, refused where nobody may say them."""

from __future__ import annotations

import pytest

from ashiato.rooms.answering import api
from ashiato.rooms.answering.models import AnswerGiven
from ashiato.terms.errors import ServerError
from tests.rooms.answering import desks
from tests.rooms.answering.desks import AT, World
from tests.rooms.notifying import scenes

pytestmark = pytest.mark.usefixtures("book")
TITLE = {"ja": "題", "en": "title"}


def _approve(script: api.Script) -> None:
    for staff in scenes.approvers():
        api.approve_script(script, staff, AT)


def test_an_answer_is_given_once_two_approved_and_keeps_its_version() -> None:
    opened = desks.desk()
    contact, first = desks.call(opened), opened.scripts.get(name="how-we-tell")
    with pytest.raises(ServerError, match="no version"):
        api.give_answer(contact, "how-we-tell", "ja", desks.agent(), AT)
    _approve(first)
    api.give_answer(contact, "how-we-tell", "ja", desks.agent(), AT)
    wording = api.Wording(
        TITLE, {"ja": "順にお知らせします。", "en": "We tell everybody in turn."}, api.Rung.NOBODY
    )
    second = api.write_script(opened, "how-we-tell", wording, desks.agent(), AT)
    api.give_answer(contact, "how-we-tell", "en", desks.agent(), AT)
    _approve(second)
    api.give_answer(contact, "how-we-tell", "en", desks.agent(), AT)
    given = [(each.script.version, each.language) for each in AnswerGiven.objects.order_by("pk")]
    assert given == [(1, "ja"), (1, "en"), (2, "en")]


def test_nobody_approves_twice() -> None:
    script = desks.desk(World.NOBODY).scripts.get(name="how-we-tell")
    assert api.approve_script(script, desks.agent(), AT) == 1
    with pytest.raises(ServerError, match="another person's"):
        api.approve_script(script, desks.agent(), AT)
    script.refresh_from_db()
    assert not script.is_approved


@pytest.mark.parametrize(
    ("name", "reach"), [("your-fields", desks.verified), ("address-changed", desks.called_back)]
)
def test_what_is_for_verified_callers_waits_for_their_rung(name: str, reach: object) -> None:
    opened = desks.desk()
    _approve(opened.scripts.get(name=name))
    with pytest.raises(ServerError, match="verified further"):
        api.give_answer(desks.call(opened), name, "ja", desks.agent(), AT)
    known = desks.verified(opened) if reach is desks.verified else desks.called_back(opened)
    assert api.give_answer(known, name, "ja", desks.agent(), AT).script.name == name


@pytest.mark.parametrize(
    "text",
    [
        "暗証番号を教えてください。",
        "次のリンクを開いてください。",
        "<b>お知らせ</b>",
        "",
        "\u202eabc",
        "x" * 2_001,
    ],
    ids=["secret", "link", "markup", "empty", "turned", "long"],
)
def test_texts_that_nobody_may_say_are_refused(text: str) -> None:
    wording = api.Wording(TITLE, {"ja": text, "en": "fine"}, api.Rung.NOBODY)
    with pytest.raises(ServerError):
        api.write_script(desks.desk(World.NOBODY), "new", wording, desks.agent(), AT)


def test_an_answer_in_one_language_alone_is_refused() -> None:
    with pytest.raises(ServerError, match="every language"):
        api.write_script(
            desks.desk(World.NOBODY),
            "new",
            api.Wording(TITLE, {"ja": "文"}, api.Rung.NOBODY),
            desks.agent(),
            AT,
        )
