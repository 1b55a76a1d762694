"""What ``server.yaml`` names is what sends: short messages over a real gateway, letters into a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.models import Campaign, Notice
from ashiato.rooms.notifying.scope import PersonFound
from ashiato.rooms.private_files import write_private
from ashiato.terms.errors import ServerError
from ashiato.web.channels import Channels
from tests.rooms import server
from tests.rooms.notifying.scenes import TestClock, addressed, campaign, plan, release
from tests.sinks.http_gateway import TOKEN, HttpGateway

_MATTER = Path(__file__).parents[2] / "examples" / "pet-insurer" / "notices.yaml"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpGateway]:
    with HttpGateway(tmp_path_factory.mktemp("gateway")) as started:
        yield started


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Campaign]:
    with server.fresh_sqlite(tmp_path):
        found = campaign()
        found.matter = api.read_matter(_MATTER)
        found.save()
        yield found


@pytest.fixture
def channels(gateway: HttpGateway, tmp_path: Path) -> Channels:
    write_private(tmp_path / "sms.token", TOKEN.encode())
    (tmp_path / "printer").mkdir()
    sms = {"base": gateway.base, "token_file": "sms.token", "sender": "Ashiato", "timeout": 2}
    return Channels({"sms": sms, "letters": {"printer_folder": "printer"}}, tmp_path)


def test_each_channel_takes_its_own(
    made: Campaign, channels: Channels, gateway: HttpGateway, tmp_path: Path
) -> None:
    tell(made, addressed("佐藤 次郎", "sms"), addressed("髙橋 一郎", "letter"))
    before = gateway.copies()
    for name in channels.named():
        work(made, channels, name, tmp_path)
    assert gateway.copies() - before == Counter(references("sms"))
    assert len(list((tmp_path / "printer").glob("letters-*/letters.pdf"))) == 1
    assert api.closing_sum(made).open == {"handed": 2}


def test_a_message_without_an_answer_is_asked_for(
    made: Campaign, channels: Channels, gateway: HttpGateway, tmp_path: Path
) -> None:
    tell(made, addressed("鈴木 三郎", "sms"))
    gateway.set_faults({"phase": "taken", "act": "drop"})
    work(made, channels, "sms", tmp_path)
    gateway.set_faults()
    assert states() == ["unknown"]
    with channels.asked() as asked:
        api.reconcile(made, asked, TestClock())
    assert states() == ["handed"]
    work(made, channels, "sms", tmp_path)
    assert gateway.copies()[references("sms")[0]] == 1


def test_nothing_set_up_is_said(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="no way to send is set up"):
        Channels({}, tmp_path).named()


def tell(made: Campaign, *people: PersonFound) -> None:
    """Plan and approve."""
    plan(made, people)
    release(made)


def work(made: Campaign, channels: Channels, name: str, folder: Path) -> None:
    """Run one channel's worker to its end."""
    with channels.open(name, api.Composer(made, ZoneInfo("Asia/Tokyo"))) as hands:
        api.SendingWorker(made, hands, TestClock(), folder / "workers", channels.pace(name)).run()


def states() -> list[str]:
    """Where the notices stand."""
    return sorted(Notice.objects.values_list("state", flat=True))


def references(channel: str) -> list[str]:
    """The references of a channel."""
    return list(Notice.objects.filter(channel=channel).values_list("reference", flat=True))
