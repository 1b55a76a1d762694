"""Moments: the line's offset wins, then its zone's letters, then the source's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.reading.column_times import read_times
from ashiato.engine.reading.times import Clock
from ashiato.terms.times import us_of

TOKYO, NEW_YORK, SHANGHAI = (ZoneInfo(n) for n in ("Asia/Tokyo", "America/New_York", "Asia/Shanghai"))


def _us(text: str) -> int:
    return us_of(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("text", "iso", "step"),
    [
        ("2026-06-08T22:41:03+09:00", "2026-06-08T22:41:03+09:00", 1_000_000),
        ("2026-06-08 22:41:03.405 JST", "2026-06-08T22:41:03.405+09:00", 1000),
        ("2026-06-08 22:41:03,405", "2026-06-08T22:41:03.405+09:00", 1000),
        ("2026-06-08 22:41", "2026-06-08T22:41:00+09:00", 60_000_000),
        ("2026/06/08 22:41:03 -0330", "2026-06-08T22:41:03-03:30", 1_000_000),
        ("2026-06-08T13:41:03.123456789Z", "2026-06-08T13:41:03.123456+00:00", 1),
        ("08/Jun/2026:22:41:03 +0900", "2026-06-08T22:41:03+09:00", 1_000_000),
        ("[08/Jun/2026:22:41:03 +0000]", "2026-06-08T22:41:03+00:00", 1_000_000),
        ("2026-06-08 08:41:03 EST", "2026-06-08T08:41:03-05:00", 1_000_000),
        ("2026-06-08 22:41:03 XYZ", "2026-06-08T22:41:03+09:00", 1_000_000),
        ("1780926063", "2026-06-08T13:41:03+00:00", 1_000_000),
        ("1780926063.405", "2026-06-08T13:41:03.405+00:00", 1000),
        ("1780926063405", "2026-06-08T13:41:03.405+00:00", 1000),
        ("1780926063405678", "2026-06-08T13:41:03.405678+00:00", 1),
        ("1999-12-31 23:59:59 +0000", "1999-12-31T23:59:59+00:00", 1_000_000),
    ],
)
def test_written_moments_become_microseconds(text: str, iso: str, step: int) -> None:
    assert Clock(TOKYO).read(text) == (_us(iso), step)


@pytest.mark.parametrize(
    "text",
    ["", "-", "yesterday", "2026-13-01 00:00:00", "31/Feb/2026:00:00:00 +0000", "12", "0000-01-01 00:00:00"],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert Clock(TOKYO).read(text) is None


def test_letters_mean_what_the_source_zone_means_by_them() -> None:
    text = "2026-01-08 22:41:03 CST"
    assert Clock(SHANGHAI).read(text) == (_us("2026-01-08T22:41:03+08:00"), 1_000_000)
    assert Clock(TOKYO).read(text) == (_us("2026-01-08T22:41:03-06:00"), 1_000_000)


def test_summer_time_follows_the_zone() -> None:
    clock = Clock(NEW_YORK)
    assert clock.read("2026-03-08 01:59:59") == (_us("2026-03-08T01:59:59-05:00"), 1_000_000)
    assert clock.read("2026-03-08 03:00:00") == (_us("2026-03-08T03:00:00-04:00"), 1_000_000)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_columns_are_read_as_single_moments_are(naive: datetime, minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[
        naive.month - 1
    ]
    texts = [
        f"{naive:%d}/{month}/{naive:%Y:%H:%M:%S} {offset}",
        f"{naive:%d}/{month}/{naive:%Y:%H:%M:%S} {offset}",
        f"{naive:%d}/{month}/{naive:%Y:%H:%M:%S} +0000",
    ]
    times, steps, known = read_times(pa.array(texts), Clock(TOKYO))
    assert list(zip(times.tolist(), steps.tolist(), strict=True)) == [
        Clock(TOKYO).read(text) for text in texts
    ]
    assert known.all()
    assert times[2] == us_of(naive.replace(microsecond=0, tzinfo=UTC))


def test_columns_of_milliseconds_keep_every_digit() -> None:
    texts = ["1780926063.405", "1780926063.400", "0980926063.001"]
    times, steps, known = read_times(pa.array(texts), Clock(TOKYO))
    assert times.tolist() == [1780926063405000, 1780926063400000, 980926063001000]
    assert np.all(steps == 1000)
    assert known.all()
