"""Lists of letters that came back: each code once, the next channel in its stead, no line lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.models import Campaign, Notice
from ashiato.rooms.notifying.services import claiming, recording, working
from tests.rooms.notifying.scenes import AT, campaign, person, plan, release
from tests.rooms.server import fresh_sqlite


@pytest.fixture
def posted(tmp_path: Path) -> Iterator[Campaign]:
    """A campaign whose two letters are with the printer."""
    with fresh_sqlite(tmp_path):
        made = campaign()
        plan(made, [person("aoi", "letter", "email"), person("ben", "letter")])
        release(made)
        worker = working.enlist("printer", machine="here", lock_file="none", at=AT)
        claimed = claiming.claim(worker, claiming.Wanted(made, ("letter",), 10, AT))
        handed = [recording.Offered(each.pk, api.State.HANDED, "the outside took it") for each in claimed]
        recording.record_offered(worker, handed, AT)
        yield made


def test_a_letter_back_is_followed_by_the_next_way(posted: Campaign) -> None:
    intake, new = api.take_returned(posted, f"{code_of('aoi')},moved\n".encode(), AT)
    assert (len(intake.returned), new) == (1, 1)
    assert states("letter") == ["handed", "returned"]
    assert states("email") == ["planned"]
    assert api.closing_sum(posted).holds


def test_the_same_list_again_changes_nothing(posted: Campaign) -> None:
    content = f"{code_of('aoi')}\n{code_of('ben')}\n".encode()
    api.take_returned(posted, content, AT)
    before = list(Notice.objects.order_by("pk").values_list("pk", "state"))
    assert api.take_returned(posted, content, AT)[1] == 0
    assert list(Notice.objects.order_by("pk").values_list("pk", "state")) == before


def test_no_line_of_a_list_is_lost(posted: Campaign) -> None:
    whole = code_of("aoi")
    wrong = whole[:-1] + str((int(whole[-1]) + 1) % 10)
    lines = [whole, whole, wrong, "", "=cmd()", "'; DROP TABLE notice; --"]
    intake, new = api.take_returned(posted, "\n".join(lines).encode(), AT)
    assert new == 1
    assert len(intake.returned) + len(intake.again) + len(intake.unread) + intake.blank == len(lines)
    assert [each.line for each in intake.unread] == [3, 5, 6]


def code_of(name: str) -> str:
    """The code on somebody's letter."""
    channels = {"aoi": "letter,email", "ben": "letter"}[name]
    return Notice.objects.get(person__channels=channels, channel="letter").code


def states(channel: str) -> list[str]:
    """Where the notices of a channel stand."""
    return sorted(Notice.objects.filter(channel=channel).values_list("state", flat=True))
