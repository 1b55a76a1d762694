"""What people sent from the public pages stands in the desk's one list, once, each with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from ashiato.bundle.intake import Kind, seal_letter
from ashiato.exports.words import Language
from ashiato.rooms.answering import api
from ashiato.rooms.answering.models import CallBack
from ashiato.rooms.cases.api import Role
from ashiato.rooms.publishing.api import console_keys, take_letters
from ashiato.web.intake import CHOSEN
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
_REASONS = ["", "", "", "change.channel", "change.contact", "harm.sms"]


@pytest.fixture
def opened(tmp_path: Path) -> tuple[Client, str]:
    """A desk, and letters that wait for it."""
    client, address = open_desk(tmp_path, World.IN_SCOPE)
    made = api.Desk.objects.get().campaign
    keys = console_keys(made.case).public
    letters = [seal_letter(keys, kind, said) for kind, said in _SENT]
    assert take_letters(made, b"".join(letters), desks.AT).total() == len(_SENT)
    return client, address


def test_each_letter_is_a_contact_once_with_the_reason_its_form_says(opened: tuple[Client, str]) -> None:
    client, address = opened
    for _ in range(2):
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
    client.get(address)
    pages = {each: client.get(f"{address}{each}/").content.decode() for each in range(1, 7)}
    whole = "\n".join(pages.values())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in whole
    assert "<script>alert" not in whole
    for said in ("a@example.jp", "+81 90 0000 0000", "In the morning", "Large print", "例示 花子"):
        assert sum(said in page for page in pages.values()) == 1, said


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
