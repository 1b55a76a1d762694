"""Microseconds inside, the operator's zone at the edge, nothing lost between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.terms.times import iso_of, moment_of, us_of

TOKYO = ZoneInfo("Asia/Tokyo")
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1600, 1, 1), datetime(9000, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - Hypothesis takes naive bounds


@given(MOMENTS)
def test_a_moment_comes_back_to_the_microsecond(moment: datetime) -> None:
    assert moment_of(us_of(moment)) == moment


@given(MOMENTS, st.integers(1, 10**9))
def test_a_later_moment_has_a_larger_number(moment: datetime, more_us: int) -> None:
    assert us_of(moment + timedelta(microseconds=more_us)) - us_of(moment) == more_us


@given(MOMENTS)
def test_the_text_names_the_same_moment_in_another_zone(moment: datetime) -> None:
    assert datetime.fromisoformat(iso_of(us_of(moment), UTC)) == moment


def test_the_epoch_is_nought_and_precedes_are_negative() -> None:
    assert us_of(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert us_of(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


def test_the_operator_reads_local_time_with_its_offset() -> None:
    assert iso_of(us_of(datetime(2026, 6, 10, 18, 12, tzinfo=UTC)), TOKYO) == "2026-06-11T03:12:00+09:00"


def test_a_fraction_is_shown_only_when_there_is_one() -> None:
    noon = us_of(datetime(2026, 6, 11, 12, tzinfo=UTC))
    assert iso_of(noon, UTC) == "2026-06-11T12:00:00+00:00"
    assert iso_of(noon + 1500, UTC) == "2026-06-11T12:00:00.001500+00:00"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        us_of(datetime(2026, 6, 11, 12))  # noqa: DTZ001 - the very thing that is refused


def test_the_hour_that_happens_twice_stays_two_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=0)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)
    assert us_of(second.astimezone(UTC)) - us_of(first.astimezone(UTC)) == 3_600_000_000
