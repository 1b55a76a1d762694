"""Staff are in the office on weekdays, customers come at all hours, logs are retold in a run's own time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from range.honest.hours import ZONE, Hours, customers_share, seconds_to_work
from range.honest.retiming import Stretch

_TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(_TIMES)
def test_the_office_opens_at_nine_on_a_weekday_and_not_before(at: datetime) -> None:
    wait = seconds_to_work(at)
    opens = (at + timedelta(seconds=wait)).astimezone(ZONE)
    assert opens.weekday() < 5
    assert 9 <= opens.hour < 18
    assert wait == 0 or (opens.hour, opens.minute, opens.second) == (9, 0, 0)
    assert wait < 64 * 3600
    assert wait == 0 or seconds_to_work(at + timedelta(seconds=wait / 2)) > 0


@given(_TIMES)
def test_customers_come_at_every_hour_but_fewer_at_night(at: datetime) -> None:
    share = customers_share(at)
    assert 0 < share <= 1
    assert share < customers_share(at.astimezone(ZONE).replace(hour=21)) or at.astimezone(ZONE).hour == 21


@given(_TIMES, st.floats(1, 2000), st.floats(0, 86_400))
def test_a_time_is_retold_in_proportion_and_none_outside_the_run(
    since: datetime, pace: float, passed: float
) -> None:
    begin = datetime(2026, 11, 23, 12, tzinfo=UTC)
    stretch = Stretch(begin, begin + timedelta(hours=12), since, pace)
    at = begin + timedelta(seconds=passed)
    told = stretch.retold(at)
    assert (told is None) == (passed > 12 * 3600)
    if told:
        assert abs((told - since).total_seconds() - passed * pace) < 0.01


def test_a_runs_clock_goes_by_its_pace() -> None:
    hours = Hours(datetime(2026, 11, 20, 9, tzinfo=ZONE), pace=1e6)
    first, second = hours.then(), hours.then()
    assert first < second
    assert first.tzinfo is ZONE
