"""The mail log says of a mail in doubt what became of it, and says nothing where it cannot know."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ashiato.outside.messages.email.causes import Cause
from ashiato.outside.messages.email.mail_log import MailLog, read_mail_log
from ashiato.outside.messages.email.mime import MailWriter
from ashiato.outside.messages.email.pool import SmtpPool
from ashiato.outside.messages.email.server import Server
from ashiato.outside.messages.outcomes import Accepted, InDoubt, NotAccepted
from tests.outside.messages.email.mails import ENVELOPE, notice
from tests.sinks.smtp import SmtpSink

_A, _B, _C = (f"n000000000000000{n}" for n in "123")
_AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def _line(minute: int, text: str) -> str:
    return f"{(_AT + timedelta(minutes=minute)).isoformat()} mail postfix/{text}\n"


def _taken(minute: int, reference: str, queue_id: str) -> str:
    return (
        _line(minute, f"smtpd[1]: {queue_id}: client=localhost[127.0.0.1]")
        + _line(minute, f"cleanup[2]: {queue_id}: message-id=<{reference}@bounce.example.co.jp>")
        + _line(minute, f"qmgr[3]: {queue_id}: from=<b@x>, size=9, nrcpt=1 (queue active)")
    )


_BEGUN = _line(0, f"cleanup[2]: AAAAA1: message-id=<{_A}@bounce.example.co.jp>")
_GOES_ON = _line(0, "smtpd[1]: connect from localhost[127.0.0.1]") + _line(90, "anvil[1]: statistics: x")


def _log(folder: Path, *text: str) -> MailLog:
    path = folder / "mail.log"
    path.write_text("".join(text), encoding="utf-8")
    return MailLog((path,), ENVELOPE)


def test_a_queued_mail_was_accepted(tmp_path: Path) -> None:
    log = _log(tmp_path, _taken(0, _A, "AAAAA1"), _taken(1, _B, "AAAAA2"))
    assert log.find(_A) == Accepted("AAAAA1")
    assert log.find(_C) is None


def test_a_message_id_alone_proves_nothing(tmp_path: Path) -> None:
    log = _log(tmp_path, _BEGUN, _GOES_ON)
    assert log.find_all({_A: _AT}) == {_A: None}
    asked = MailLog(log.paths, ENVELOPE, queue=lambda: frozenset({"AAAAA1"}))
    assert asked.find_all({_A: _AT}) == {_A: None}
    gone = MailLog(log.paths, ENVELOPE, queue=frozenset).find_all({_A: _AT, _B: None})
    assert isinstance(gone[_A], NotAccepted)
    assert gone[_B] is None


def test_silence_is_proof_only_of_a_whole_log(tmp_path: Path) -> None:
    assert isinstance(_log(tmp_path, _GOES_ON).find_all({_A: _AT})[_A], NotAccepted)
    for text in (
        "",
        _line(0, "smtpd[1]: connect from x"),  # ends too soon
        _line(-60, "smtpd[1]: connect from x") + _line(90, "smtpd[1]: connect from x"),  # nothing near
        _GOES_ON
        + _line(91, "smtpd[1]: x")
        + "2026-11-22T11:32:00+00:00 mail rsyslogd: imuxsock: messages lost\n",
        _GOES_ON + "Nov 22 11:33:00 mail postfix/smtpd[1]: connect from x\n",  # of no known year
        _GOES_ON + _line(0, "smtpd[1]: connect from x"),  # the clock went back
    ):
        assert _log(tmp_path, text).find_all({_A: _AT})[_A] is None, text


def test_a_later_mail_with_the_same_queue_id_is_another(tmp_path: Path) -> None:
    log = _log(tmp_path, _BEGUN, _taken(5, _B, "AAAAA1"), _GOES_ON.splitlines(keepends=True)[1])
    assert log.find_all({_A: None, _B: None}) == {_A: None, _B: Accepted("AAAAA1")}
    assert log.find(_A) is None


def test_a_refused_text_was_not_taken(tmp_path: Path) -> None:
    refused = _line(0, "cleanup[2]: AAAAA1: milter-reject: END-OF-MESSAGE from dan@example.jp: 5.7.1 spam")
    found = _log(tmp_path, _BEGUN, refused, _GOES_ON).find_all({_A: _AT})[_A]
    assert isinstance(found, NotAccepted)
    assert "milter-reject" in found.cause
    assert "dan@example.jp" not in found.cause
    again = _log(tmp_path, _BEGUN, refused, _taken(1, _A, "AAAAA2"), _GOES_ON).find_all({_A: _AT})[_A]
    assert again == Accepted("AAAAA1 AAAAA2")


def test_the_last_delivery_tells_status_and_cause(tmp_path: Path) -> None:
    to = "smtp[4]: AAAAA1: to=<dan@example.jp>, relay=mx, delay=1, "
    old = tmp_path / "mail.log.1.gz"
    old.write_bytes(
        gzip.compress((_taken(0, _A, "AAAAA1") + _line(1, to + "dsn=4.2.2, status=deferred (full)")).encode())
    )
    new = tmp_path / "mail.log"
    new.write_text(_line(9, to + "dsn=5.1.1, status=bounced (host said: 550 <dan@example.jp> unknown)"))
    trace = read_mail_log((old, new), ENVELOPE, [_A]).traces[_A]
    assert (trace.status, trace.dsn, trace.cause) == ("bounced", "5.1.1", Cause.UNKNOWN_ADDRESS)
    assert trace.words == "host said: 550 <(address)> unknown"


def test_doubt_at_the_sink_is_resolved_by_its_log(tmp_path: Path) -> None:
    with SmtpSink(tmp_path) as sink:
        server = Server("127.0.0.1", sink.port, "none", timeout=2.0, dot_timeout=0.1)
        with SmtpPool(server, MailWriter(ENVELOPE)) as pool:
            sink.set_faults({"phase": "taken", "act": "drop"})
            taken = pool.send(notice(reference=_A))
            sink.set_faults({"phase": "dot", "act": "drop"})
            lost = pool.send(notice(reference=_B))
        sink.set_faults()
        assert isinstance(taken, InDoubt)
        assert isinstance(lost, InDoubt)
        log = MailLog((sink.mail_log,), ENVELOPE, queue=frozenset, settled=timedelta(0))
        last = datetime.fromisoformat(sink.mail_log.read_text().splitlines()[-1].split(" ")[0])
        found = log.find_all(dict.fromkeys((_A, _B, _C), last - timedelta(seconds=0.001)))
        assert isinstance(found[_A], Accepted)
        assert isinstance(found[_B], NotAccepted)
        assert isinstance(found[_C], NotAccepted)
        assert (sink.copies()[_A], sink.copies()[_B]) == (1, 0)


def test_the_log_of_a_real_postfix_is_understood() -> None:
    """Six mails to Postfix 3.7: the fourth's client was lost before the dot, the fifth's after it."""
    log = Path(__file__).with_name("postfix-3.7.log")
    references = [f"n000000000000000{number}" for number in range(1, 8)]
    reading = read_mail_log((log,), ENVELOPE, references)
    found = {reference[-1]: reading.find(reference) for reference in references}
    assert [number for number, each in found.items() if isinstance(each, Accepted)] == [
        "1",
        "2",
        "3",
        "5",
        "6",
    ]
    statuses = {reference[-1]: trace.status for reference, trace in reading.traces.items()}
    assert statuses == {"1": "sent", "2": "sent", "3": "sent", "4": None, "5": "sent", "6": "bounced"}
    assert reading.is_whole
    assert reading.traces[references[5]].dsn == "5.6.7"
    settled = replace(reading, last=reading.last and reading.last + timedelta(hours=2))
    lost = datetime(2026, 11, 23, 0, 37, 44, tzinfo=UTC)
    assert settled.find(references[3], lost) is None
    assert isinstance(replace(settled, queued=frozenset()).find(references[3], lost), NotAccepted)
    assert isinstance(settled.find(references[6], lost), NotAccepted)
