"""What people sent from the public pages stands in the desk's one list, once, each with its reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from typer.testing import CliRunner

from ashiato.bundle.intake import Kind, seal_letter
from ashiato.cli import desk, public
from ashiato.exports.words import Language
from ashiato.rooms.answering import api
from ashiato.rooms.answering.models import CallBack
from ashiato.rooms.cases.api import Role
from ashiato.rooms.publishing.api import POLICIES, Received, console_keys, letters_waiting, take_letters
from ashiato.web.intake import CHOSEN, Passed, letters_to_desk
from ashiato.web.words import console_words
from tests.rooms.answering import desks
from tests.rooms.answering.desks import World
from tests.web.desk.test_a_call_on_one_screen import open_desk

pytestmark = pytest.mark.usefixtures("book")
#: Forms as the public pages send them.
_SENT: list[tuple[Kind, dict[str, object]]] = [
    (Kind.QUESTION, {"text": "<script>alert(1)</script>", "reply_to": "a@example.jp", "voice": "en"}),
    (Kind.SUSPICIOUS, {"came_by": "sms", "came_from": "+81 90 0000 0000", "text": "届いた", "voice": "ja"}),
    (Kind.CALL_BACK, {"phone": "03-1234-5678", "when": "morning", "about": "質問", "code": "483920174627"}),
    (Kind.CALL_BACK, {"phone": "no number", "when": "any"}),
    (Kind.CHANNEL, {"code": "483920174627", "contact": "1600000", "channel": "letter", "language": "large"}),
    (Kind.CORRECTION, {"name": "例示 花子", "old_contact": "旧", "new_contact": "新"}),
    (Kind.CONTACT_CHECK, {"contact": "a@example.jp"}),
    (Kind.CODE_ASKED, {"code": "104837265912", "hour": 1}),
]
#: Sent last, and answered by a machine or by nobody.
_NOT_FOR_PEOPLE = 2
_FOR_PEOPLE = len(_SENT) - _NOT_FOR_PEOPLE
_LATER = desks.AT + timedelta(days=22)
_REASONS = ["", "", "", "change.channel", "change.contact", "harm.sms"]


def _sealed() -> bytes:
    keys = console_keys(api.Desk.objects.get().campaign.case).public
    return b"".join(seal_letter(keys, kind, said) for kind, said in _SENT)


def _pass_all(at: datetime = _LATER) -> Passed:
    return letters_to_desk(api.Desk.objects.get().campaign, at)


@pytest.fixture
def waiting(tmp_path: Path) -> tuple[Client, str]:
    """A desk, and letters that wait for it."""
    client, address = open_desk(tmp_path, World.IN_SCOPE)
    made = api.Desk.objects.get().campaign
    assert take_letters(made, _sealed(), desks.AT).total() == len(_SENT)
    return client, address


@pytest.fixture
def opened(waiting: tuple[Client, str]) -> tuple[Client, str]:
    """A desk to which they were brought."""
    assert _pass_all() == Passed(_FOR_PEOPLE)
    assert _pass_all() == Passed()
    return waiting


def test_each_letter_is_a_contact_once_with_the_reason_its_form_says(opened: tuple[Client, str]) -> None:
    client, address = opened
    page = client.get(address).content.decode()
    contacts = api.Contact.objects.order_by("reason")
    assert list(contacts.values_list("reason", flat=True)) == _REASONS
    assert {each.way for each in contacts} == {"web"}
    assert "A suspicious text message" in page
    assert "sign of damage" in page
    # Only whoever gave a number that can be called is owed a call.
    (owed,) = CallBack.objects.select_related("contact")
    assert api.card_of(owed.contact).words["caller"] == "03-1234-5678"


def test_what_they_wrote_and_chose_stands_on_the_contacts_page_unread_by_the_browser(
    opened: tuple[Client, str],
) -> None:
    client, address = opened
    pages = {each: client.get(f"{address}{each}/").content.decode() for each in range(1, 7)}
    whole = "\n".join(pages.values())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in whole
    assert "<script>alert" not in whole
    for said in ("a@example.jp", "+81 90 0000 0000", "In the morning", "Large print", "例示 花子"):
        assert sum(said in page for page in pages.values()) == 1, said


def test_clocks_run_from_when_a_letter_was_taken_in(opened: tuple[Client, str]) -> None:
    del opened
    contacts = api.Contact.objects.exclude(queue=api.Queue.LEAD)
    # 960 minutes of a desk that is open from 9 to 18 in Tokyo, from Tuesday 10:00: Wednesday 17:00.
    due = datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert {*contacts.values_list("at", "due_at")} == {(desks.AT, due)}
    (owed,) = CallBack.objects.all()
    assert (owed.asked_at, owed.due_at) == (desks.AT, desks.AT + timedelta(hours=2))


def test_one_letter_that_does_not_open_costs_no_other_and_is_told(waiting: tuple[Client, str]) -> None:
    client, address = waiting
    whole, short = letters_waiting(api.Desk.objects.get().campaign)[:2]
    Received.objects.filter(pk=whole.pk).update(said=b"x" * 100)
    Received.objects.filter(pk=short.pk).update(said=b"x")
    for passed in (_FOR_PEOPLE - 2, 0):
        assert _pass_all() == Passed(passed, unreadable=2)
        for page in (address, f"{address}lead/"):
            client.get(page)
    assert "not in this list: 2" in client.get(address).content.decode()
    assert api.Contact.objects.count() == _FOR_PEOPLE - 2


def test_a_letter_erased_while_others_are_passed_on_is_left_out(
    waiting: tuple[Client, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del waiting
    take = api.take_contact

    def meanwhile(*given: object) -> object:
        Received.objects.update(said=b"")
        return take(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(api, "take_contact", meanwhile)
    assert _pass_all() == Passed(1)


def test_letters_stand_in_the_list_once_taken_in_and_looking_brings_none(tmp_path: Path) -> None:
    client, address = open_desk(tmp_path, World.IN_SCOPE)
    file = tmp_path / "letters.sealed"
    file.write_bytes(_sealed())
    done = CliRunner().invoke(public.app, ["fetch", str(tmp_path / "case"), str(file), "--lang", "en"])
    assert f"Letters brought to the desk: {_FOR_PEOPLE}." in done.output
    assert api.Contact.objects.count() == _FOR_PEOPLE
    # One that a cut-short taking left behind is brought by the next verb, and by no look.
    CallBack.objects.all().delete()
    api.Contact.objects.all().delete()
    Received.objects.update(passed_at=None)
    assert f"not in this list: {_FOR_PEOPLE}" in client.get(address).content.decode()
    assert not api.Contact.objects.exists()
    done = CliRunner().invoke(desk.app, ["alerts", str(tmp_path / "case"), "--lang", "en"])
    assert f"Letters brought to the desk: {_FOR_PEOPLE}." in done.output


def test_what_nobody_has_read_is_not_erased_for_its_age(waiting: tuple[Client, str]) -> None:
    del waiting
    (policy,) = (each for each in POLICIES if each.model is Received)
    long_after = desks.AT + timedelta(days=4_000)
    assert policy.is_due(long_after).count() == _NOT_FOR_PEOPLE
    assert _pass_all().passed == _FOR_PEOPLE
    assert policy.is_due(long_after).count() == len(_SENT)


def test_who_may_not_answer_sees_no_letter(tmp_path: Path) -> None:
    client, address = open_desk(tmp_path, World.IN_SCOPE, role=Role.AUDITOR)
    assert client.get(address).status_code == 403
    assert not api.Contact.objects.exists()


def test_every_choice_of_a_form_has_its_word_in_both_languages() -> None:
    from ashiato.public.forms import FORMS  # noqa: PLC0415 - of another process, looked at here alone

    choices = {each for _, fields in FORMS.values() for field in fields for each in field.choices}
    for language in Language:
        held = console_words(language).held["desk"]
        assert choices <= set(held["choices"])
        assert set(CHOSEN) == set(held["chosen"])
