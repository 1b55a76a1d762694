"""Mails by a provider's interface: each answer is what became of the mail, and none is offered twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ashiato.outside.messages.email.addresses import Mailbox
from ashiato.outside.messages.email.mime import Mail
from ashiato.outside.messages.outcomes import TOO_LATE, Accepted, InDoubt, MessageError, NotAccepted, Outcome
from ashiato.rooms.notifying.providing import open_provider
from ashiato.rooms.private_files import write_private
from ashiato.terms.errors import ServerError
from tests.journeys.databases import free_port
from tests.sinks.mail_provider import MailProvider

NAMES = ("postmark", "sendgrid", "mailgun", "amazon_ses")
_REFERENCE = "14ffdbd2df136455427398f90b3e32b6"


@pytest.fixture(scope="module")
def provider() -> Iterator[MailProvider]:
    with MailProvider() as started:
        yield started


def said(name: str, base: str, folder: Path) -> dict[str, Any]:
    """The section of the operator's file for a provider at an address."""
    write_private(folder / "key", b"secret-of-the-tests\n")
    named: dict[str, dict[str, Any]] = {
        "postmark": {"settings": {"api_url": f"{base}/"}, "secrets": {"server_token": "key"}},
        "sendgrid": {"settings": {"api_url": f"{base}/v3/"}, "secrets": {"api_key": "key"}},
        "mailgun": {
            "settings": {"api_url": f"{base}/v3", "sender_domain": "mg.example.jp"},
            "secrets": {"api_key": "key"},
        },
        "amazon_ses": {
            "settings": {"endpoint_url": base, "region_name": "ap-northeast-1", "aws_access_key_id": "AKIA"},
            "secrets": {"aws_secret_access_key": "key"},
        },
    }
    return {"provider": {"name": name, **named[name]}, "timeout": 2}


def mail(to: str = "hanako@example.jp") -> Mail:
    """A notice."""
    sender = Mailbox("notice@example.co.jp", "例示, ペット保険")
    at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    return Mail(_REFERENCE, Mailbox(to), sender, "お知らせ", "本文\n", at, "<p>本文</p>")


def send(settings: dict[str, Any], folder: Path, to: str = "hanako@example.jp") -> Outcome:
    """Offer one mail."""
    with closing(open_provider(settings, folder)) as opened:
        return opened.send(mail(to))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_taken_carries_our_reference_and_nothing_that_tracks(
    name: str, provider: MailProvider, tmp_path: Path
) -> None:
    provider.act, provider.taken = "take", []
    assert isinstance(send(said(name, provider.base, tmp_path), tmp_path), Accepted)
    (body,) = provider.taken
    assert _REFERENCE.encode() in body
    assert b"auto-generated" in body.replace(b"%2D", b"-")
    for word in (b'"TrackOpens": true', b'"enable": true', b"o:tracking-opens=yes"):
        assert word not in body


# SendGrid answers a mail with nothing, so that there is nothing to be read wrong.
_UNANSWERED = [(name, act) for name in NAMES for act in (500, 503, 408, "drop", "lose")]
_UNANSWERED += [(name, "babble") for name in NAMES if name != "sendgrid"]


@pytest.mark.parametrize(("name", "act"), _UNANSWERED)
def test_what_nobody_answered_for_is_in_doubt_and_offered_once(
    name: str, act: str | int, provider: MailProvider, tmp_path: Path
) -> None:
    provider.act, provider.says, provider.taken = act, b"", []
    assert isinstance(send(said(name, provider.base, tmp_path), tmp_path), InDoubt)
    assert len(provider.taken) == (1 if act in ("lose", "babble") else 0)


@pytest.mark.parametrize("act", [400, 503])
def test_an_answer_of_amazons_that_is_no_text_is_in_doubt(
    act: int, provider: MailProvider, tmp_path: Path
) -> None:
    provider.act, provider.says, provider.taken = act, b"\xff\xfe", []
    assert isinstance(send(said("amazon_ses", provider.base, tmp_path), tmp_path), InDoubt)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("act", "to_do"),
    [(401, "check the key"), (403, "may do"), (404, "address"), (429, "slower"), (400, "account"), (413, "")],
)
def test_a_refusal_is_this_mails_or_everybodys_with_what_to_do(
    name: str, act: int, to_do: str, provider: MailProvider, tmp_path: Path
) -> None:
    provider.act, provider.says = act, b'{"message": "no"}'
    outcome = send(said(name, provider.base, tmp_path), tmp_path)
    assert isinstance(outcome, NotAccepted)
    assert (outcome.permanent, outcome.about) == ((False, "service") if to_do else (True, "message"))
    assert to_do in outcome.cause
    assert str(act) in outcome.cause
    assert "secret-of-the-tests" not in outcome.cause
    assert "hanako" not in outcome.cause


@pytest.mark.parametrize("name", NAMES)
def test_how_long_a_provider_asks_to_be_left_alone_is_kept(
    name: str, provider: MailProvider, tmp_path: Path
) -> None:
    provider.act, provider.says, provider.waits = 429, b'{"message": "no"}', "120"
    outcome = send(said(name, provider.base, tmp_path), tmp_path)
    provider.waits = ""
    assert isinstance(outcome, NotAccepted)
    assert (outcome.wait_s, outcome.about) == (120, "service")


#: Under one and the same status: what speaks of the account or the sender, and what of the mail.
_SAYS: list[tuple[str, dict[str, Any], str]] = [
    ("postmark", {"ErrorCode": 401, "Message": "Sender signature not confirmed"}, "service"),
    ("postmark", {"ErrorCode": 405, "Message": "Not allowed to send"}, "service"),
    (
        "postmark",
        {"ErrorCode": 300, "Message": "Invalid 'From' address: 'a@b.jp' is not a verified sender signature."},
        "service",
    ),
    ("postmark", {"ErrorCode": 300, "Message": "Zero recipients specified"}, "message"),
    ("postmark", {"ErrorCode": 300, "Message": "no"}, "service"),
    ("postmark", {"ErrorCode": 411, "Message": "Forbidden attachment type"}, "message"),
    ("sendgrid", {"errors": [{"message": "no", "field": "from.email"}]}, "service"),
    ("sendgrid", {"errors": [{"message": "no", "field": "content"}]}, "message"),
    ("sendgrid", {"errors": [{"message": "the plan is used up", "field": None}]}, "service"),
    ("mailgun", {"message": "'from' parameter is not a valid address"}, "service"),
    ("mailgun", {"message": "to parameter is not a valid address"}, "message"),
    (
        "mailgun",
        {"message": "Free accounts are for test purposes only: add authorized recipients"},
        "service",
    ),
    ("mailgun", {"message": "Domain mg.example.jp is not allowed to send"}, "service"),
    ("amazon_ses", {"__type": "BadRequestException", "message": "no"}, "service"),
    ("amazon_ses", {"__type": "SendingPausedException", "message": "paused"}, "service"),
    ("amazon_ses", {"__type": "MessageRejected", "message": "Email address is not verified."}, "service"),
    ("amazon_ses", {"__type": "MessageRejected", "message": "contains a virus"}, "message"),
]


@pytest.mark.parametrize(("name", "says", "about"), _SAYS)
def test_a_sender_that_is_refused_is_nobodys_bounce(
    name: str, says: dict[str, Any], about: str, provider: MailProvider, tmp_path: Path
) -> None:
    provider.act, provider.says = 422 if name == "postmark" else 400, json.dumps(says).encode()
    outcome = send(said(name, provider.base, tmp_path), tmp_path)
    assert isinstance(outcome, NotAccepted)
    assert (outcome.permanent, outcome.about) == (about == "message", about)


@pytest.mark.parametrize(
    "says",
    [b"[" * 100_000, b"\xff\xfe", b"[]", b'{"errors": 7, "ErrorCode": "x"}', b"<h1>to: Bad Request</h1>"],
)
def test_a_refusal_that_cannot_be_read_fails_nobody(
    says: bytes, provider: MailProvider, tmp_path: Path
) -> None:
    provider.act, provider.says = 400, says
    outcome = send(said("mailgun", provider.base, tmp_path), tmp_path)
    assert isinstance(outcome, NotAccepted)
    assert (outcome.permanent, outcome.about) == (False, "service")


@pytest.mark.parametrize("name", NAMES)
def test_one_that_cannot_be_reached_was_offered_nothing(name: str, tmp_path: Path) -> None:
    outcome = send(said(name, f"http://127.0.0.1:{free_port()}", tmp_path), tmp_path)
    assert isinstance(outcome, NotAccepted)
    assert (outcome.permanent, outcome.about) == (False, "service")


def test_a_broken_address_is_refused_before_anything_leaves(provider: MailProvider, tmp_path: Path) -> None:
    provider.act, provider.taken = "take", []
    outcome = send(said("postmark", provider.base, tmp_path), tmp_path, "a@b.jp\r\nBcc: c@d.jp")
    assert isinstance(outcome, NotAccepted)
    assert (outcome.permanent, outcome.about, provider.taken) == (True, "recipient", [])


def test_no_mail_goes_to_its_own_sender(provider: MailProvider, tmp_path: Path) -> None:
    provider.act, provider.taken = "take", []
    outcome = send(said("postmark", provider.base, tmp_path), tmp_path, "Notice@Example.co.jp")
    assert isinstance(outcome, NotAccepted)
    assert (outcome.permanent, outcome.about, provider.taken) == (True, "recipient", [])
    assert "address of our own" in outcome.cause


def test_what_is_no_longer_to_go_does_not(provider: MailProvider, tmp_path: Path) -> None:
    provider.act, provider.taken = "take", []
    with closing(open_provider(said("postmark", provider.base, tmp_path), tmp_path)) as opened:
        assert opened.send(mail(), lambda: False) == TOO_LATE
    assert provider.taken == []


def test_no_provider_is_spoken_to_in_clear_text(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="over https"):
        open_provider(said("postmark", "http://api.example.com", tmp_path), tmp_path)


@pytest.mark.slow
def test_a_secret_open_to_others_is_refused(tmp_path: Path) -> None:
    settings = said("postmark", "https://api.example.com", tmp_path)
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(MessageError, match="open to others"):
        open_provider(settings, tmp_path)
