"""Business hours: counted minute by minute by a plain twin, over holidays, week-ends and own closed days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.rooms.answering.hours import Hours
from ashiato.terms.errors import ServerError

TOKYO = ZoneInfo("Asia/Tokyo")
HOURS = Hours(TOKYO, time(9), time(18), closed=frozenset({date(2026, 12, 30), date(2026, 12, 31)}))
#: Holidays of the months looked at, by the Cabinet Office's list (祝日法): independent of the package.
HOLIDAYS = {date(2026, 11, 3), date(2026, 11, 23), date(2027, 1, 1), date(2027, 1, 11)}
MINUTE = timedelta(minutes=1)
MOMENTS = st.integers(0, 60 * 24 * 60).map(lambda each: datetime(2026, 11, 1, tzinfo=UTC) + each * MINUTE)


def _is_open(at: datetime) -> bool:
    here = at.astimezone(TOKYO)
    closed = here.date() in HOLIDAYS | HOURS.closed or here.weekday() >= 5
    return not closed and 9 <= here.hour < 18


@given(MOMENTS)
def test_the_desk_is_open_when_its_calendar_says(at: datetime) -> None:
    assert HOURS.is_open(at) == _is_open(at)


@given(MOMENTS, st.integers(0, 1_500))
def test_so_many_business_minutes_lie_between(at: datetime, minutes: int) -> None:
    due = HOURS.after(at, minutes)
    walked = sum(_is_open(at + number * MINUTE) for number in range((due - at) // MINUTE))
    assert walked == minutes
    since = HOURS.before(due, minutes)
    assert sum(_is_open(since + number * MINUTE) for number in range((due - since) // MINUTE)) == minutes


def test_the_evening_before_labour_thanksgiving_leads_to_tuesday() -> None:
    friday = datetime(2026, 11, 20, 17, 30, tzinfo=TOKYO)
    assert HOURS.after(friday, 60) == datetime(2026, 11, 24, 9, 30, tzinfo=TOKYO)


def test_hours_in_summer_time_are_hours() -> None:
    berlin = Hours(ZoneInfo("Europe/Berlin"), time(9), time(17), country="DE")
    friday = datetime(2026, 3, 27, 16, tzinfo=ZoneInfo("Europe/Berlin"))
    assert berlin.after(friday, 120) == datetime(2026, 3, 30, 10, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    "wrong", [{"opens": time(18)}, {"weekdays": frozenset[int]()}, {"country": "XX"}, {"country": "../.."}]
)
def test_hours_in_which_nobody_is_there_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ServerError):
        replace(HOURS, **wrong)
