"""What comes in at the address for bounces moves its notice, once, and nothing that came in is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.outside.messages.email.envelope import Envelope
from ashiato.rooms.notifying.incoming import take_bounces
from ashiato.rooms.notifying.models import Campaign, Notice, Receipt
from ashiato.rooms.notifying.scope import Wish
from ashiato.rooms.notifying.services.claiming import Wanted, claim
from ashiato.rooms.notifying.services.moving import Because
from ashiato.rooms.notifying.services.receiving import Report, record_receipt
from ashiato.rooms.notifying.services.recording import Offered, record_offered
from ashiato.rooms.notifying.services.wishing import grant_wish
from ashiato.rooms.notifying.services.working import enlist
from ashiato.rooms.notifying.states import State
from tests.outside.messages.email import incoming
from tests.outside.messages.email.mails import ENVELOPE, notice, written
from tests.rooms.notifying.scenes import AT, campaign, person, plan, release

_ENVELOPE = Envelope("bounce.example.co.jp")


@pytest.fixture
def handed(database: Path) -> Notice:  # noqa: ARG001 - a database to write to
    """A mail that was handed over; its person can be told by letter too."""
    made = campaign()
    plan(made, [person("dan", "email", "letter")])
    release(made)
    worker = enlist("a", machine="m", lock_file="", at=AT)
    (notice,) = claim(worker, Wanted(made, ("email",), 10, AT))
    record_offered(worker, [Offered(notice.pk, State.HANDED, "taken")], AT)
    return notice


def _arrives(folder: Path, notice: Notice, message: bytes, name: str = "a") -> Path:
    (folder / "new").mkdir(exist_ok=True)
    said = message.replace(incoming.REFERENCE.encode(), notice.reference.encode())
    (folder / "new" / name).write_bytes(said)
    return folder


def _states(made: Campaign) -> list[tuple[str, str]]:
    return list(Notice.objects.filter(campaign=made).order_by("pk").values_list("channel", "state"))


def test_a_bounce_leads_to_the_next_channel_once(handed: Notice, tmp_path: Path) -> None:
    for name in ("a", "b"):
        maildir = _arrives(tmp_path, handed, incoming.delivery_status(), name)
    assert take_bounces(maildir, _ENVELOPE, AT) == {"failed": 2}
    assert take_bounces(maildir, _ENVELOPE, AT) == {}
    assert _states(handed.campaign) == [("email", "bounced"), ("letter", "planned")]
    (receipt,) = Receipt.objects.all()
    assert receipt.cause.startswith("unknown-address 5.1.1")
    assert "dan@example.jp" not in receipt.cause


def test_a_wish_meanwhile_leaves_no_channel_out_and_takes_none_twice(handed: Notice, tmp_path: Path) -> None:
    letter_first = Wish({"lines": ["東京都新宿区架空1-2-3"]}, channel="letter")
    assert not grant_wish(handed.person_id, letter_first, Because("asked", "aoi", AT))
    take_bounces(_arrives(tmp_path, handed, incoming.delivery_status()), _ENVELOPE, AT)
    assert _states(handed.campaign) == [("email", "bounced"), ("letter", "planned")]
    letter = Notice.objects.get(channel="letter")
    Notice.objects.filter(pk=letter.pk).update(state=State.HANDED)
    assert record_receipt(Report("k" * 64, letter.reference, State.RETURNED), AT)
    tried = [("email", "bounced"), ("letter", "returned")]
    assert _states(handed.campaign) == [*tried, ("publication", "planned")]


def test_a_complaint_and_a_late_delivery_count_as_delivered(handed: Notice, tmp_path: Path) -> None:
    maildir = _arrives(tmp_path, handed, incoming.COMPLAINT.replace(b"FEEDBACK", b"abuse"))
    _arrives(tmp_path, handed, incoming.delivery_status(action="delayed"), "b")
    assert take_bounces(maildir, _ENVELOPE, AT) == {"complaint": 1, "delayed": 1}
    assert _states(handed.campaign) == [("email", "delivered")]


def test_machines_answers_and_what_goes_round_move_nothing_and_ask_nobody(
    handed: Notice, tmp_path: Path
) -> None:
    """Nothing here is ever answered by a machine, so that two machines cannot write to each other."""
    ours = written(notice(reference=handed.reference))
    arrived = {
        "a": incoming.answer("Re: お知らせ", "Auto-Submitted: auto-replied (vacation)"),
        "b": incoming.answer("自動返信: 不在です"),
        "c": ours,
        "d": incoming.answer("x", *["Received: by a"] * 61),
    }
    for name, message in arrived.items():
        maildir = _arrives(tmp_path, handed, message, name)
    envelope = Envelope(ENVELOPE.domain)
    assert take_bounces(maildir, envelope, AT) == {"answer": 2, "loop": 2}
    assert not (maildir / ".desk").exists()
    assert _states(handed.campaign) == [("email", "handed")]
    assert not Receipt.objects.exists()


def test_what_names_no_notice_goes_to_the_desk(handed: Notice, tmp_path: Path) -> None:
    maildir = _arrives(tmp_path, handed, incoming.answer("Re: notice"))
    (maildir / "new" / "b").write_bytes(incoming.delivery_status())  # of a notice nobody knows
    (maildir / "new" / "c").write_bytes(incoming.delivery_status(message_id="<x@y.example>"))
    (maildir / "new" / "d").write_bytes(b"\xff\x00")
    assert take_bounces(maildir, _ENVELOPE, AT) == {"for the desk": 4}
    assert len(list((maildir / ".desk" / "new").iterdir())) == 4
    assert _states(handed.campaign) == [("email", "handed")]


def test_a_crash_before_the_move_takes_it_once(
    handed: Notice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maildir = _arrives(tmp_path, handed, incoming.delivery_status())
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError("power failed")))
        with pytest.raises(OSError, match="power"):
            take_bounces(maildir, _ENVELOPE, AT)
    assert take_bounces(maildir, _ENVELOPE, AT) == {"failed": 1}
    assert _states(handed.campaign) == [("email", "bounced"), ("letter", "planned")]
    assert Receipt.objects.count() == 1
