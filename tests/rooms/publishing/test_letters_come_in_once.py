"""What people sent comes in once; who asked by a contact in scope is answered once, and only there."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from ashiato.bundle.form import Bundle
from ashiato.bundle.intake import Kind, letter_name, seal_letter
from ashiato.bundle.keys import ConsoleKeys
from ashiato.outside.messages.email.mime import Mail
from ashiato.outside.messages.outcomes import Accepted, InDoubt, NotAccepted, Outcome
from ashiato.rooms.cases.api import Locker, read_key
from ashiato.rooms.notifying.api import Campaign, Composer, approve_text, close_gate, gate_named
from ashiato.rooms.notifying.models import Notice
from ashiato.rooms.private_files import write_private
from ashiato.rooms.publishing import api
from ashiato.terms.errors import ServerError
from ashiato.web.answers import answer_checks
from ashiato.web.configuration import Configuration
from tests.rooms.notifying import scenes
from tests.rooms.publishing.publications import bundle_of, planned_campaign, told_campaign
from tests.sinks.mail_provider import MailProvider
from tests.sinks.smtp import SmtpSink

_TOKYO = ZoneInfo("Asia/Tokyo")
pytestmark = pytest.mark.usefixtures("database")


class _Server:
    """A mail server that says what it is told to."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.took: list[Mail] = []
        self._outcomes = [*outcomes]

    def send(self, message: Mail) -> Outcome:
        self.took.append(message)
        return self._outcomes.pop(0) if self._outcomes else Accepted("250")


def _asks(made: Campaign, *contacts: str) -> bytes:
    keys = api.console_keys(made.case).public
    return b"".join(seal_letter(keys, Kind.CONTACT_CHECK, {"contact": each}) for each in contacts)


def _approve(made: Campaign) -> None:
    for staff in scenes.approvers():
        if not made.approvals.filter(staff=staff, digest=made.text_digest).exists():
            approve_text(made, staff, scenes.AT)


def _answer(made: Campaign, server: _Server) -> dict[str, int]:
    _approve(made)
    return dict(api.send_answers(made, Composer(made, ZoneInfo("Asia/Tokyo")), server, scenes.AT))


def test_a_letter_is_taken_once_however_often_it_comes(tmp_path: Path) -> None:
    made = told_campaign(scenes.addressed("dan"))
    content = _asks(made, "a@example.jp") + _asks(made, "b@example.jp")
    assert api.take_letters(made, content, scenes.AT) == {"contact-check": 2}
    assert api.take_letters(made, content, scenes.AT) == {}
    bundle_of(made, tmp_path / "b")
    with Bundle(tmp_path / "b", api.console_keys(made.case).public) as bundle:
        half = len(content) // 2
        assert {*bundle.taken()} == {letter_name(content[:half]), letter_name(content[half:])}


def test_what_was_sent_lies_locked_and_opens_with_the_key() -> None:
    made = told_campaign(scenes.addressed("dan"))
    keys = api.console_keys(made.case).public
    api.take_letters(made, seal_letter(keys, Kind.QUESTION, {"text": "質問です"}), scenes.AT)
    held = api.Received.objects.get()
    assert "質問".encode() not in bytes(held.said)
    said = json.loads(Locker(read_key(made.key_name)).unlock(bytes(held.said), held.name))
    assert (held.kind, said) == ("question", {"text": "質問です"})


def test_a_letter_that_does_not_open_costs_no_other() -> None:
    made = told_campaign(scenes.addressed("dan"))
    foreign = seal_letter(ConsoleKeys.make().public, Kind.QUESTION, {"text": "?"})
    counted = api.take_letters(made, foreign + _asks(made, "a@example.jp"), scenes.AT)
    assert counted == {"unreadable": 1, "contact-check": 1}
    with pytest.raises(ServerError, match="torn"):
        api.take_letters(made, foreign[:-1], scenes.AT)


def test_a_contact_in_scope_is_answered_once_and_a_strangers_never() -> None:
    made, server = told_campaign(scenes.addressed("dan", "letter")), _Server()
    api.take_letters(made, _asks(made, "Hanako@example.jp", "stranger@example.jp"), scenes.AT)
    assert _answer(made, server) == {"sent": 1, "desk": 0}
    api.take_letters(made, _asks(made, "hanako@example.jp"), scenes.AT)
    assert _answer(made, server) == {"sent": 1, "desk": 0}, (
        "who is asked about a hundred times gets one answer"
    )
    assert [mail.to.address for mail in server.took] == ["hanako@example.jp"]
    assert server.took[0].reference != Notice.objects.get().reference, "it is no second copy of the notice"
    assert "お名前" in server.took[0].text


def test_telephone_and_post_code_are_left_to_the_desk() -> None:
    made, server = told_campaign(scenes.addressed("dan")), _Server()
    api.take_letters(made, _asks(made, "090-1234-5678", "160-0000"), scenes.AT)
    assert _answer(made, server) == {"desk": 2}
    assert not server.took


def test_who_is_in_no_approved_wave_is_not_answered_yet() -> None:
    made, server = planned_campaign(scenes.addressed("dan", "email")), _Server()
    api.take_letters(made, _asks(made, "hanako@example.jp"), scenes.AT)
    assert _answer(made, server) == {"desk": 0}
    assert not server.took


def test_a_doubtful_answer_is_never_sent_again_and_a_refused_one_waits() -> None:
    made, server = (
        told_campaign(scenes.addressed("dan")),
        _Server(NotAccepted("later", permanent=False), InDoubt("gone")),
    )
    api.take_letters(made, _asks(made, "hanako@example.jp"), scenes.AT)
    assert _answer(made, server) == {"owed": 1, "desk": 0}
    assert _answer(made, server) == {"doubtful": 1, "desk": 0}
    assert _answer(made, server) == {"doubtful": 1, "desk": 0}
    assert len(server.took) == 2


def test_what_a_killed_sender_had_claimed_is_doubtful() -> None:
    made, server = told_campaign(scenes.addressed("dan")), _Server()
    api.take_letters(made, _asks(made, "hanako@example.jp"), scenes.AT)
    api.AnswerOwed.objects.update(state="claimed")
    assert _answer(made, server) == {"doubtful": 1, "desk": 0}
    assert not server.took


def test_nothing_goes_out_behind_a_closed_gate_or_an_unapproved_text() -> None:
    made, server = told_campaign(scenes.addressed("dan")), _Server()
    api.take_letters(made, _asks(made, "hanako@example.jp"), scenes.AT)
    close_gate(made, gate_named("hold"), scenes.approvers()[0], "asked by the police", scenes.AT)
    with pytest.raises(ServerError, match="hold"):
        _answer(made, server)
    made.text_digest = "b" * 64
    made.save(update_fields=["text_digest"])
    with pytest.raises(ServerError, match="not approved by 2"):
        api.send_answers(made, Composer(made, ZoneInfo("Asia/Tokyo")), server, scenes.AT)
    assert not server.took


def test_the_database_is_free_while_people_are_looked_through(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = told_campaign(scenes.addressed("dan"))
    writes: list[str] = []
    unlock = Locker.unlock

    def meanwhile(self: Locker, locked: bytes, owner: str) -> bytes:
        with closing(sqlite3.connect(database, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.rollback()
        writes.append(owner)
        return unlock(self, locked, owner)

    monkeypatch.setattr(Locker, "unlock", meanwhile)
    assert api.take_letters(made, _asks(made, "hanako@example.jp"), scenes.AT) == {"contact-check": 1}
    looked = len(writes)
    bundle_of(made, tmp_path / "b")
    assert 0 < looked < len(writes)


def test_an_answer_goes_through_a_real_server_signed_to_none_but_its_person(tmp_path: Path) -> None:
    made = told_campaign(scenes.addressed("dan", "letter"))
    _approve(made)
    api.take_letters(made, _asks(made, "hanako@example.jp", "stranger@example.jp"), scenes.AT)
    with SmtpSink(tmp_path / "sink") as sink, pytest.MonkeyPatch.context() as patched:
        said = {"host": "127.0.0.1", "port": sink.port, "security": "none", "bounce_domain": "b.example.jp"}
        patched.setattr(settings, "CONFIGURATION", Configuration(tmp_path, said={"mail": said}))
        sink.set_faults({"phase": "dot", "act": "reply", "code": 451, "text": "4.3.0 later", "times": 1})
        assert answer_checks(made, _TOKYO) == {"owed": 1, "desk": 0}
        assert answer_checks(made, _TOKYO) == {"sent": 1, "desk": 0}
        assert answer_checks(made, _TOKYO) == {"sent": 1, "desk": 0}
        (mail,) = sink.accepted()
    assert mail["to"] == "hanako@example.jp"
    assert mail["sender"].startswith("bounce-")
    assert Notice.objects.get().reference not in mail["sender"]


@pytest.mark.slow
def test_an_answer_goes_by_the_provider_that_the_file_names(tmp_path: Path) -> None:
    made = told_campaign(scenes.addressed("dan", "letter"))
    _approve(made)
    api.take_letters(made, _asks(made, "hanako@example.jp"), scenes.AT)
    write_private(tmp_path / "key", b"secret-of-the-tests\n")
    with MailProvider() as provider, pytest.MonkeyPatch.context() as patched:
        named = {
            "name": "postmark",
            "settings": {"api_url": f"{provider.base}/"},
            "secrets": {"server_token": str(tmp_path / "key")},
        }
        patched.setattr(
            settings, "CONFIGURATION", Configuration(tmp_path, said={"mail": {"provider": named}})
        )
        assert answer_checks(made, _TOKYO) == {"sent": 1, "desk": 0}
        assert len(provider.taken) == 1
