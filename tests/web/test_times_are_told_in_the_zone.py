"""Times of pages, however they are kept, stand in the zone of the case."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ashiato.web.wording import moment

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    "kept",
    [
        1_781_103_600_000_000,
        datetime(2026, 6, 10, 15, tzinfo=UTC),
        "2026-06-10T15:00:00+00:00",
        "2026-06-10T16:00:00.250000+01:00",
    ],
)
def test_a_time_is_told_in_the_zone(kept: int | str | datetime) -> None:
    assert moment(kept, TOKYO) == "2026-06-11 00:00:00"


def test_what_is_no_time_is_shown_without_its_controls() -> None:
    assert moment(None, TOKYO) == ""
    told = moment("<b>\x1b[2Jyesterday\u202e", TOKYO)
    assert "<b>" in told
    assert not {"\x1b", "\u202e"} & set(told)
