"""What we believe of a mail and what the server did agree, at whatever step the server refuses or is lost."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ashiato.outside.messages.email.addresses import Mailbox
from ashiato.outside.messages.email.mime import Mail, MailWriter
from ashiato.outside.messages.email.pool import SmtpPool
from ashiato.outside.messages.email.server import Server, open_session
from ashiato.outside.messages.outcomes import TOO_LATE, Accepted, InDoubt, MessageError, NotAccepted, Outcome
from tests.outside.messages.email.mails import ENVELOPE, notice
from tests.sinks.smtp import SmtpSink


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmtpSink]:
    with SmtpSink(tmp_path_factory.mktemp("sink")) as started:
        yield started


_LAST = [0]


def _next() -> Mail:
    _LAST[0] += 1
    return notice(reference=f"n{_LAST[0]:012d}")


def _pool(sink: SmtpSink, **changed: Any) -> SmtpPool:
    server = Server("127.0.0.1", sink.port, "none", timeout=2.0, dot_timeout=0.2, own_name="client")
    return SmtpPool(server, MailWriter(ENVELOPE), **changed)


def _sent(sink: SmtpSink, *faults: dict[str, Any], mail: Mail | None = None) -> tuple[Outcome, int]:
    """One mail under these faults: what we believe, and how often the sink has it; then all is well again."""
    chosen = mail or _next()
    with _pool(sink) as pool:
        sink.set_faults(*faults)
        outcome = pool.send(chosen)
        sink.set_faults()
        after = _next()
        assert isinstance(pool.send(after), Accepted)
        copies = sink.copies()
    assert copies[after.reference] == 1
    return outcome, copies[chosen.reference]


def test_a_mail_is_accepted_with_the_servers_word(sink: SmtpSink) -> None:
    outcome, copies = _sent(sink)
    assert isinstance(outcome, Accepted)
    assert outcome.reference.startswith("2.0.0 Ok: queued as")
    assert copies == 1


@pytest.mark.parametrize(
    ("phase", "answer", "meant"),
    [
        ("connect", (554, "5.7.1 no"), (False, "service")),
        ("ehlo", (421, "4.3.2 full"), (False, "service")),
        ("mail", (550, "5.1.8 sender unknown"), (False, "service")),
        ("mail", (451, "4.3.0 later"), (False, "service")),
        ("rcpt", (550, "5.1.1 no such user"), (True, "recipient")),
        ("rcpt", (553, "sorry"), (True, "recipient")),
        ("rcpt", (450, "4.2.0 greylisted"), (False, "recipient")),
        ("rcpt", (554, "5.7.1 Relay access denied"), (False, "service")),
        ("rcpt", (552, "5.2.2 full"), (True, "recipient")),
        ("data", (451, "4.3.0 later"), (False, "service")),
        ("data", (550, "5.1.1 no such user"), (True, "recipient")),
        ("dot", (554, "5.6.0 bad content"), (True, "message")),
        ("dot", (550, "5.7.1 looks like spam"), (True, "message")),
        ("dot", (550, "5.7.26 not authenticated"), (False, "service")),
        ("dot", (452, "4.3.1 disk full"), (False, "service")),
        ("dot", (421, "4.3.2 closing"), (False, "service")),
    ],
)
def test_a_refusal_is_told_with_whose_matter_it_is(
    sink: SmtpSink, phase: str, answer: tuple[int, str], meant: tuple[bool, str]
) -> None:
    code, text = answer
    outcome, copies = _sent(sink, {"phase": phase, "act": "reply", "code": code, "text": text})
    assert isinstance(outcome, NotAccepted)
    assert ((outcome.permanent, outcome.about), copies) == (meant, 0)
    assert str(code) in outcome.cause


@pytest.mark.parametrize("phase", ["connect", "ehlo", "mail", "rcpt", "data", "text"])
def test_a_loss_before_the_end_is_proof_of_nothing_taken(sink: SmtpSink, phase: str) -> None:
    outcome, copies = _sent(
        sink, {"phase": phase, "act": "drop"}, mail=_long(_next()) if phase == "text" else None
    )
    assert isinstance(outcome, NotAccepted)
    assert (outcome.permanent, outcome.about, copies) == (False, "service", 0)


def _long(mail: Mail) -> Mail:
    """A mail that no buffer on the way holds whole: its end cannot have been sent when the loss is seen."""
    return notice(reference=mail.reference, text="あ" * 4_000_000)


@pytest.mark.parametrize(
    ("phase", "act", "copies"),
    [("dot", {"act": "drop"}, 0), ("taken", {"act": "drop"}, 1),
     ("taken", {"act": "wait", "seconds": 1.0}, 1),
     ("taken", {"act": "reply", "raw": "what?"}, 1), ("dot", {"act": "reply", "raw": "what?"}, 0),
     ("taken", {"act": "reply", "raw": "354 go on"}, 1), ("dot", {"act": "reply", "raw": "x" * 70_000}, 0)],
)  # fmt: skip
def test_no_clear_answer_to_the_end_is_doubt(
    sink: SmtpSink, phase: str, act: dict[str, Any], copies: int
) -> None:
    outcome, found = _sent(sink, {"phase": phase, **act})
    assert isinstance(outcome, InDoubt)
    assert found == copies


def test_a_server_that_never_answers_before_the_end_took_nothing(sink: SmtpSink) -> None:
    with _pool(sink) as pool:
        pool._server = Server("127.0.0.1", sink.port, "none", timeout=0.1)
        sink.set_faults({"phase": "rcpt", "act": "wait", "seconds": 0.3})
        mail = _next()
        outcome = pool.send(mail)
    sink.set_faults()
    assert outcome == NotAccepted(
        "the connection was lost before the mail was offered: no answer in time", permanent=False
    )
    assert sink.copies()[mail.reference] == 0


def test_a_reply_too_many_is_never_taken_for_acceptance(sink: SmtpSink) -> None:
    for raw in ("250 ok\r\n250 ok", "250 ok\r\n354 go on\r\n250 queued"):
        outcome, copies = _sent(sink, {"phase": "rcpt", "act": "reply", "raw": raw})
        assert isinstance(outcome, NotAccepted)
        assert copies == 0


def test_a_connection_is_used_again_until_it_is_old(sink: SmtpSink) -> None:
    with _pool(sink, mails_per_connection=3) as pool:
        mails = [_next() for _ in range(7)]
        assert all(isinstance(pool.send(mail), Accepted) for mail in mails)
        assert pool._idle.qsize() == 1
    assert all(sink.copies()[mail.reference] == 1 for mail in mails)


def test_a_server_gone_while_idle_costs_no_mail(tmp_path: Path) -> None:
    with SmtpSink(tmp_path) as first:
        pool = _pool(first)
        assert isinstance(pool.send(_next()), Accepted)
    with SmtpSink(tmp_path, first.port) as again:
        mail = _next()
        assert isinstance(pool.send(mail), Accepted)
        assert again.copies()[mail.reference] == 1
        pool.close()


def test_nobody_listening_is_nobodys_bounce() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    outcome = SmtpPool(Server("127.0.0.1", port, "none"), MailWriter(ENVELOPE)).send(_next())
    assert isinstance(outcome, NotAccepted)
    assert (outcome.permanent, outcome.about) == (False, "service")


def test_a_mail_that_may_not_be_written_is_not_offered(sink: SmtpSink) -> None:
    with _pool(sink) as pool:
        address = pool.send(notice(to=Mailbox("dan@")))
        content = pool.send(notice(subject="a\nb"))
    assert isinstance(address, NotAccepted)
    assert isinstance(content, NotAccepted)
    assert (address.about, content.about) == ("recipient", "message")
    assert address.permanent
    assert content.permanent


@pytest.mark.parametrize(("host", "user"), [("mail.example.jp", ""), ("127.0.0.1", "notice")])
def test_nothing_goes_over_a_network_in_clear_text(host: str, user: str) -> None:
    with pytest.raises(MessageError, match="without TLS"):
        Server(host, security="none", user=user)


def test_a_mail_no_longer_to_go_is_not_taken(sink: SmtpSink) -> None:
    asked: list[int] = []

    def no() -> bool:
        asked.append(1)
        return False

    with _pool(sink) as pool:
        mail = _next()
        assert pool.send(mail, no) == TOO_LATE
        assert sink.copies()[mail.reference] == 0
        assert isinstance(pool.send(mail, lambda: True), Accepted)
    assert asked == [1]
    assert sink.copies()[mail.reference] == 1


def test_a_wrong_sender_is_nobodys_bounce(sink: SmtpSink) -> None:
    with _pool(sink) as pool:
        for sender in (Mailbox("notice@"), Mailbox("notice@example.co.jp", "a\nb")):
            outcome = pool.send(notice(sender=sender))
            assert isinstance(outcome, NotAccepted)
            assert (outcome.permanent, outcome.about) == (False, "service")


@pytest.mark.parametrize("host", ["x" * 70 + ".invalid", "例え..jp", "no\0where"])
def test_a_name_of_no_server_is_nobodys_bounce(host: str) -> None:
    opened = open_session(Server(host, 25, "tls", timeout=0.2))
    assert isinstance(opened, NotAccepted)
    assert opened.about == "service"


def test_a_server_that_hangs_up_on_an_old_connection_costs_no_mail(sink: SmtpSink) -> None:
    with _pool(sink) as pool:
        first, second = _next(), _next()
        assert isinstance(pool.send(first), Accepted)
        sink.set_faults({"phase": "mail", "act": "drop", "times": 1})
        assert isinstance(pool.send(second), Accepted)
    sink.set_faults()
    assert (sink.copies()[first.reference], sink.copies()[second.reference]) == (1, 1)


def test_a_server_that_refuses_and_yet_waits_gets_nothing(sink: SmtpSink) -> None:
    outcome, copies = _sent(
        sink, {"phase": "rcpt", "act": "reply", "code": 550, "text": "no", "goes_on": True}
    )
    assert outcome == NotAccepted("rcpt 550 no", permanent=True, about="recipient")
    assert copies == 0
