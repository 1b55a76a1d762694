"""Delivery reports, complaints and answers name their notice and its fate; nothing breaks the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.outside.messages.email.causes import Cause, cause_of
from ashiato.outside.messages.email.reports import Report, read_report
from ashiato.outside.messages.email.suppression import consequence_of, suppresses
from ashiato.outside.messages.outcomes import NotAccepted
from tests.outside.messages.email.incoming import (
    COMPLAINT,
    EXIM,
    MESSAGE_ID,
    REFERENCE,
    TO,
    answer,
    delivery_status,
)
from tests.outside.messages.email.mails import ENVELOPE, NOTICE, notice, written


def _read(message: bytes, to: str = TO) -> Report:
    return read_report(message, ENVELOPE, to)


@pytest.mark.parametrize(
    ("status", "words", "cause"),
    [
        ("5.1.1", "smtp; 550 5.1.1 user unknown", Cause.UNKNOWN_ADDRESS),
        ("5.4.4", "X-Postfix; Host or domain name not found", Cause.UNKNOWN_DOMAIN),
        ("5.2.2", "smtp; 552 5.2.2 over quota", Cause.FULL),
        ("5.2.1", "smtp; 550 5.2.1 disabled", Cause.CLOSED),
        ("4.4.7", "delivery time expired", Cause.EXPIRED),
        ("5.7.1", "smtp; 550 5.7.1 message refused", Cause.REFUSED),
        ("5.0.0", "smtp; 550 Unknown user dan@example.jp", Cause.UNKNOWN_ADDRESS),
        ("5.0.0", "smtp; 550 mailbox is full", Cause.FULL),
        ("5.0.0", "smtp; 550 rejected as spam", Cause.REFUSED),
        ("5.0.0", "smtp; 550 no", Cause.UNCLEAR),
        ("", "", Cause.UNCLEAR),
    ],
)
def test_a_failed_delivery_tells_its_cause(status: str, words: str, cause: Cause) -> None:
    found = _read(delivery_status(status, words=words))
    assert (found.kind, found.reference, found.cause, found.status) == ("failed", REFERENCE, cause, status)
    assert "dan@example.jp" not in found.words


@pytest.mark.parametrize(
    ("action", "kind"),
    [("failed", "failed"), ("FAILED (permanent)", "failed"), ("delayed", "delayed"),
     ("delivered", "delivered"),
     ("relayed", "delayed"), ("nonsense", "letter"), ("", "letter")],
)  # fmt: skip
def test_an_action_says_what_kind_of_report_it_is(action: str, kind: str) -> None:
    assert _read(delivery_status(action=action)).kind == kind


@pytest.mark.parametrize("form", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_names_its_notice_by_either_way(form: str) -> None:
    message = delivery_status(form=form)
    assert _read(message).reference == REFERENCE
    assert _read(message, to="postmaster@example.co.jp").reference == REFERENCE
    foreign = delivery_status(form=form, message_id="<other@elsewhere.example>")
    assert _read(foreign).reference == REFERENCE
    assert _read(foreign, to="postmaster@example.co.jp").reference is None


def test_a_report_of_two_minds_names_nobody() -> None:
    other = MESSAGE_ID.replace("1@", "2@")
    assert _read(delivery_status(message_id=other)).reference is None


def test_a_bounce_in_words_alone_is_a_bounce() -> None:
    found = _read(EXIM)
    assert (found.kind, found.reference, found.cause) == ("failed", REFERENCE, Cause.UNKNOWN_ADDRESS)


def test_a_complaint_proves_that_the_mail_arrived() -> None:
    found = _read(COMPLAINT.replace(b"FEEDBACK", b"abuse"))
    assert (found.kind, found.reference) == ("complaint", REFERENCE)
    follows = consequence_of(found)
    assert (follows.state, follows.suppresses) == ("delivered", True)
    assert _read(COMPLAINT.replace(b"FEEDBACK", b"not-spam")).kind == "answer"


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (answer("Re: お知らせ", "Auto-Submitted: auto-replied (vacation)"), "answer"),
        (answer("自動返信: 不在です"), "answer"),
        (answer("=?utf-8?b?6Ieq5YuV5b+c562U?="), "answer"),
        (answer("Automatic reply: out"), "answer"),
        (answer("Re: notice", "X-Autoreply: yes"), "answer"),
        (answer("Re: notice", "Precedence: auto_reply"), "answer"),
        (answer("Re: notice"), "letter"),
        (answer("Re: 自動車保険について"), "letter"),
        (written(NOTICE), "loop"),
        (answer("x", *["Received: by a"] * 61), "loop"),
        (written(notice(reference="n0000000000000002")), "loop"),
        (b"", "letter"),
    ],
)
def test_machines_answers_and_loops_are_told_from_letters(message: bytes, kind: str) -> None:
    found = _read(message)
    assert found.kind == kind
    assert consequence_of(found).state is None
    assert consequence_of(found).for_the_desk == (kind == "letter")


def test_only_causes_of_the_address_leave_it_alone() -> None:
    statuses = {"5.1.1": True, "5.1.2": True, "5.2.1": True, "5.2.2": False, "5.7.1": False, "4.4.7": False}
    for status, expected in statuses.items():
        follows = consequence_of(_read(delivery_status(status, words="smtp; no")))
        assert (follows.state, follows.suppresses) == ("bounced", expected)
    refused = NotAccepted("rcpt 550 5.1.1 no", permanent=True, about="recipient")
    assert suppresses(refused, cause_of("", refused.cause))
    assert not suppresses(
        NotAccepted("rcpt 450 4.1.1", permanent=False, about="recipient"), Cause.UNKNOWN_ADDRESS
    )


def test_the_same_report_has_the_same_key() -> None:
    assert _read(EXIM).key == _read(EXIM).key != _read(delivery_status()).key
    assert len(_read(EXIM).key) == 64


@given(
    at=st.integers(0, len(delivery_status())),
    cut=st.integers(0, 40),
    junk=st.binary(max_size=30),
    seed=st.sampled_from([delivery_status(), EXIM, COMPLAINT]),
)
def test_a_broken_report_never_breaks_the_reader(at: int, cut: int, junk: bytes, seed: bytes) -> None:
    found = _read(seed[:at] + junk + seed[at + cut :])
    assert found.reference in {REFERENCE, None}
    assert found.words.isprintable()


@given(message=st.binary(max_size=400))
def test_any_bytes_are_a_letter_at_worst(message: bytes) -> None:
    assert _read(message).key


def test_reports_made_to_exhaust_us_are_letters() -> None:
    nested = b"".join(
        f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n'.encode() for n in range(3000)
    )
    assert _read(nested).kind == "letter"
    assert _read(b"Content-Type: message/rfc822\r\n\r\n" * 5000).kind == "letter"
    assert _read(b"A: " + b" \r\n" * 300_000).kind == "letter"
    assert _read(delivery_status(words="user " + "(" * 20_000)).kind == "failed"
    assert _read(delivery_status(words="mailbox " * 20_000)).kind == "failed"
