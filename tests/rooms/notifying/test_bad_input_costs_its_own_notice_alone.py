"""Broken addresses and mails that go round: refused or kept with the reason, at no other notice's cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ashiato.outside.messages.email.envelope import Envelope
from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.models import Notice
from ashiato.rooms.notifying.scope import PersonFound
from tests.outside.messages.email import incoming
from tests.rooms import server
from tests.rooms.notifying.scenes import AT, TestClock, addressed, campaign, plan, release
from tests.sinks.smtp import SmtpSink

_MATTER = Path(__file__).parents[3] / "examples" / "pet-insurer" / "notices.yaml"
#: Addresses nobody has, or that carry a line, a command or a header of their own.
BROKEN = (
    "", "@", "hanako", "hanako@", "@example.jp", "a@b@example.jp", "hanako@example", "hanako@-.jp",
    "hanako@example.jp\r\nRCPT TO:<x@example.jp>", "hanako@example.jp\nBcc: x@example.jp", "<x@example.jp>",
    "hanako@example.jp> SIZE=1", "ha nako@example.jp", "hanako@example.jp\x00", f"{'a' * 65}@example.jp",
    f"hanako@{'a' * 250}.example.jp", "hanako@[127.0.0.1]", "\u202ehanako@example.jp",
)  # fmt: skip


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmtpSink]:
    with SmtpSink(tmp_path_factory.mktemp("sink")) as started:
        yield started


@pytest.fixture
def made(tmp_path: Path) -> Iterator[api.Campaign]:
    with server.fresh_sqlite(tmp_path):
        found = campaign()
        found.matter = api.read_matter(_MATTER)
        found.save()
        yield found


def person(name: str, address: str) -> PersonFound:
    """Somebody with an address for mail, and a letter after it."""
    found = addressed(name, "email", "letter")
    return replace(found, contact={**found.contact, "email": address})


def send(made: api.Campaign, sink: SmtpSink, folder: Path) -> None:
    """Send what waits by mail."""
    said = {"host": "127.0.0.1", "port": sink.port, "security": "none", "bounce_domain": "bounce.example.jp"}
    with closing(api.open_pool(said, folder)) as pool:
        hands = api.Handing({"email": api.MailHand(api.Composer(made, ZoneInfo("Asia/Tokyo")), pool)})
        api.SendingWorker(made, hands, TestClock(), folder / "workers", api.Pace(hands=1)).run()


def test_a_broken_address_fails_with_its_reason_and_its_letter_follows(
    made: api.Campaign, sink: SmtpSink, tmp_path: Path
) -> None:
    people = [person(f"p{number}", address) for number, address in enumerate(BROKEN)]
    plan(made, [*people, person("hanako", "hanako@example.jp")])
    release(made)
    before = len(sink.accepted())
    send(made, sink, tmp_path)
    assert [mail["to"] for mail in sink.accepted()[before:]] == ["hanako@example.jp"]
    failed = Notice.objects.filter(channel="email", state="bounced")
    assert failed.count() == len(BROKEN)
    for notice in failed:
        last = notice.moves.order_by("pk").last()
        assert last is not None
        assert "address" in last.why
        assert "hanako" not in last.why
    assert Notice.objects.filter(channel="letter", state="planned").count() == len(BROKEN)
    assert api.closing_sum(made).holds


def test_a_mail_that_went_round_moves_nothing_and_stays_to_be_looked_at(
    made: api.Campaign, sink: SmtpSink, tmp_path: Path
) -> None:
    plan(made, [person("hanako", "hanako@example.jp")])
    release(made)
    send(made, sink, tmp_path)
    folder = tmp_path / "bounces"
    (folder / "new").mkdir(parents=True)
    (folder / "new" / "a").write_bytes(incoming.answer("x", *["Received: by a"] * 61))
    assert api.take_bounces(folder, Envelope("bounce.example.jp"), AT) == {"loop": 1}
    assert api.take_bounces(folder, Envelope("bounce.example.jp"), AT) == {}
    assert [each.name.partition(":")[0] for each in (folder / "cur").iterdir()] == ["a"]
    assert Notice.objects.get().state == "handed"
