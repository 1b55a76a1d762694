"""Alarms are told by real mail servers and webhooks: once each, and by the next way where one fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ashiato.rooms.private_files import write_private
from ashiato.rooms.watching.api import (
    AlarmGroup,
    Answer,
    Message,
    Response,
    Stand,
    Try,
    acknowledge,
    list_failing_ways,
    raise_alarm,
    record_response,
)
from ashiato.terms.alarms import AlarmCode
from tests.rooms.watching.watches import AT, Hands, alarm, tell_all, teller
from tests.sinks.smtp import SmtpSink
from tests.sinks.webhook import Webhook

# Apprise reads all its services first, some of which warn.
pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.slow]


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmtpSink]:
    with SmtpSink(tmp_path_factory.mktemp("mail")) as started:
        yield started


@pytest.fixture(scope="module")
def hook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    with Webhook(tmp_path_factory.mktemp("hook")) as started:
        yield started


@pytest.fixture
def said(mail: SmtpSink, hook: Webhook, tmp_path: Path) -> dict[str, Any]:
    """Duty is told by mail, else by webhook; a lead by webhook after ten minutes, in English."""
    write_private(tmp_path / "hook.url", f"json://127.0.0.1:{hook.port}/duty".encode())
    write_private(tmp_path / "lead.url", f"json://127.0.0.1:{hook.port}/lead".encode())
    server = {"host": "127.0.0.1", "port": mail.port, "security": "none", "sender": "guard@clinic.example"}
    return {
        "mail": server,
        "receivers": {
            "duty": {"ways": [{"mail": "duty@clinic.example"}, {"apprise_file": "hook.url"}]},
            "lead": {"language": "en", "ways": [{"apprise_file": "lead.url"}]},
        },
        "steps": [{"tell": ["duty"]}, {"after_minutes": 10, "tell": ["lead"]}],
    }


@pytest.mark.usefixtures("database")
def test_each_is_told_once_and_the_next_when_nobody_answers(
    said: dict[str, Any], mail: SmtpSink, hook: Webhook, tmp_path: Path
) -> None:
    clock, before, heard = Hands(), len(mail.accepted()), len(hook.accepted())
    raise_alarm(alarm(1), AT, Response(Answer.PROPOSED, "plan-7"))
    with teller(said, tmp_path, clock) as one:
        assert tell_all(one) == 1
        assert tell_all(one) == 0
        assert [each["to"] for each in mail.accepted()[before:]] == ["duty@clinic.example"]
        record_response("budget:1", Response(Answer.VERIFIED, "plan-7"))
        clock.moment += timedelta(minutes=10)
        assert tell_all(one) == 1
        assert tell_all(one) == 0
    (told,) = hook.accepted()[heard:]
    body = json.loads(told["body"])
    assert told["path"] == "/lead"
    assert "clinic, 80 people in 1 min (expected 20)" in body["title"]
    for part in ("203.0.113.7", "web/access.log:812", "verified that from outside (1 of 1", "plan-7"):
        assert part in body["message"]


@pytest.mark.usefixtures("database")
def test_who_acknowledged_is_told_no_more_until_it_grows(said: dict[str, Any], tmp_path: Path) -> None:
    from ashiato.rooms.accounts.api import add_staff  # noqa: PLC0415 - ready only once started

    clock = Hands()
    raise_alarm(alarm(1), AT)
    with teller(said, tmp_path, clock) as one:
        tell_all(one)
        aoi = add_staff("aoi")
        assert acknowledge(AlarmGroup.objects.get().pk, aoi, AT)
        assert not acknowledge(AlarmGroup.objects.get().pk, aoi, AT)
        clock.moment += timedelta(hours=2)
        assert tell_all(one) == 0
        raise_alarm(alarm(2, people=500), AT)
        assert tell_all(one) == 1
    assert AlarmGroup.objects.get().acknowledged_at is None


@pytest.mark.usefixtures("database")
def test_where_a_way_fails_the_next_one_tells_and_says_so(
    said: dict[str, Any], mail: SmtpSink, hook: Webhook, tmp_path: Path
) -> None:
    heard = len(hook.accepted())
    mail.set_faults({"phase": "rcpt", "act": "reply", "code": 451})
    raise_alarm(alarm(1), AT)
    with teller(said, tmp_path, Hands()) as one:
        assert tell_all(one) == 2
    mail.set_faults()
    body = json.loads(hook.accepted()[heard:][0]["body"])
    assert "ほかの方法で送れなかったため" in body["message"]
    assert "想定は20人まで" in body["title"]
    assert [each.way for each in list_failing_ways()] == ["mail"]
    assert list(Try.objects.order_by("pk").values_list("way", "outcome")) == [
        ("mail", "failed"), ("hook.url", "handed")
    ]  # fmt: skip


@pytest.mark.usefixtures("database")
def test_when_every_way_fails_it_is_tried_again_later_and_never_forgotten(
    said: dict[str, Any], mail: SmtpSink, hook: Webhook, tmp_path: Path
) -> None:
    before, clock = len(mail.accepted()), Hands()
    mail.set_faults({"phase": "connect", "act": "drop"})
    hook.set_faults({"phase": "connect", "act": "reply", "code": 500})
    raise_alarm(alarm(1), AT)
    with teller(said, tmp_path, clock) as one:
        assert tell_all(one) == 2
        mail.set_faults()
        assert tell_all(one) == 0
        clock.moment += timedelta(seconds=15)
        assert tell_all(one) == 1
    hook.set_faults()
    assert len(mail.accepted()) == before + 1
    assert Message.objects.get().stand == Stand.HANDED
    assert Message.objects.get().is_again, "the webhook said no, and may have taken it"


@pytest.mark.usefixtures("database")
def test_quiet_hours_hold_back_what_can_wait_and_nothing_grave(
    said: dict[str, Any], mail: SmtpSink, tmp_path: Path
) -> None:
    night = AT.replace(hour=14)  # 23:00 in Tokyo
    before, clock = len(mail.accepted()), Hands(night)
    quiet = said | {"quiet": {"from": "22:00", "to": "07:00"}, "loud_people": 1_000}
    raise_alarm(alarm(1), night)
    with teller(quiet, tmp_path, clock) as one:
        assert tell_all(one) == 0
        raise_alarm(alarm(2, "203.0.113.9", code=AlarmCode.CANARY, people=1), night)
        assert tell_all(one) == 1
        raise_alarm(alarm(3, people=1_000), night)
        assert tell_all(one) == 1, "grown past the loud number: told at night after all, once"
        raise_alarm(alarm(4, "203.0.113.20"), night)
        assert tell_all(one) == 0
        # Nobody answers; the next step waits for the morning too where the first did.
        clock.moment = night + timedelta(hours=7, minutes=59)
        grave = tell_all(one)
        assert grave == 2, "the lead, of the two grave ones"
        clock.moment = night + timedelta(hours=8)
        assert tell_all(one) == 1
    assert len(mail.accepted()) == before + 3
