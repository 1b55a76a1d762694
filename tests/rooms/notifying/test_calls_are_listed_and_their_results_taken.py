"""Calls go out as lists that are safe to open, are handed over once, and come back with what they came to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.models import LeftAlone, Notice
from ashiato.terms.errors import ServerError
from ashiato.web.channels import CALLS, Channels
from tests.rooms import server
from tests.rooms.notifying.scenes import AT, TestClock, addressed, campaign, plan, release

_MATTER = Path(__file__).parents[3] / "examples" / "pet-insurer" / "notices.yaml"
_NAMES = ("佐藤 次郎", "=HYPERLINK(1)", "髙橋 𠮷郎")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[api.Campaign]:
    with server.fresh_sqlite(tmp_path):
        found = campaign()
        found.matter = api.read_matter(_MATTER)
        found.save()
        plan(found, [addressed(name, "call") for name in _NAMES])
        release(found)
        (tmp_path / "calls").mkdir()
        yield found


def write(made: api.Campaign, folder: Path) -> list[dict[str, str]]:
    """Write lists; returns the lines of all that lie there."""
    channels = Channels({CALLS: {"folder": "calls"}}, folder)
    with channels.open(CALLS, api.Composer(made, ZoneInfo("Asia/Tokyo"))) as hands:
        api.SendingWorker(made, hands, TestClock(), folder / "workers", channels.pace(CALLS)).run()
    lists = sorted((folder / "calls").glob("calls-*/calls.csv"))
    return [line for each in lists for line in csv.DictReader(io.StringIO(each.read_text("utf-8-sig"), ""))]


def filled(lines: list[dict[str, str]], *results: str) -> bytes:
    """The list as it comes back."""
    text = io.StringIO()
    rows = csv.DictWriter(text, list(lines[0]))
    rows.writeheader()
    rows.writerows(line | {"result": result} for line, result in zip(lines, results, strict=True))
    return text.getvalue().encode("cp932", "replace")


def states() -> list[str]:
    """Where the calls stand, in their order."""
    return list(Notice.objects.filter(channel="call").order_by("pk").values_list("state", flat=True))


def test_each_call_is_in_one_list_once(made: api.Campaign, tmp_path: Path) -> None:
    lines = write(made, tmp_path)
    assert sorted(line["reference"] for line in lines) == sorted(
        Notice.objects.values_list("reference", flat=True)
    )
    assert {line["number"] for line in lines} == {"090-1234-5678"}
    assert "'=HYPERLINK(1)" in {line["name"] for line in lines}
    assert all(line["code"] in line["script"].replace("-", "") for line in lines)
    assert states() == ["handed"] * 3
    assert write(made, tmp_path) == lines


def test_results_move_their_calls_once(made: api.Campaign, tmp_path: Path) -> None:
    content = filled(write(made, tmp_path), "通話済", "不在", "refused")
    back = api.take_called(made, content, AT)
    assert (back.new, back.known, back.open, back.unread) == (3, 0, 0, [])
    assert states() == ["delivered", "bounced", "bounced"]
    assert Notice.objects.filter(channel="publication", state="planned").count() == 2
    assert LeftAlone.objects.get().why == "refused"
    again = api.take_called(made, content, AT)
    assert (again.new, again.known) == (0, 3)


def test_a_line_that_is_not_understood_is_told_and_costs_no_other(made: api.Campaign, tmp_path: Path) -> None:
    lines = write(made, tmp_path)
    lines[1] |= {"reference": "0" * 32, "code": "1.23457E+11"}
    lines[2] |= {"code": "1.23457E+11"}
    back = api.take_called(made, filled(lines, "maybe", "reached", "reached"), AT)
    assert [each.text.split()[-1] for each in back.unread] == ["maybe", "reached"]
    assert (back.new, states()) == (1, ["handed", "handed", "delivered"])


@pytest.mark.parametrize("content", [b"", b"name,phone\r\na,b\r\n", b'reference,code,result\r\n"a,b,c\r\n'])
def test_what_is_no_such_list_is_refused(made: api.Campaign, content: bytes) -> None:
    with pytest.raises(ServerError):
        api.take_called(made, content, AT)
    assert states() == ["planned"] * 3


def test_a_list_handed_over_does_not_settle_by_itself(made: api.Campaign, tmp_path: Path) -> None:
    lines = write(made, tmp_path)
    assert api.settle(made, AT.replace(year=AT.year + 1)) == 0
    back = api.take_called(made, filled(lines, "", "", ""), AT)
    assert (back.open, states()) == (3, ["handed"] * 3)
