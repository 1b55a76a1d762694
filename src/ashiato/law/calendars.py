"""Working days: Saturdays, Sundays, holidays, and in Japan the days from 29 December to 3 January."""

from __future__ import annotations

import functools
from datetime import date, timedelta

import holidays

_DAY = timedelta(days=1)
#: Days that the rule itself names beside holidays: (month, day).
_NAMED = {"JP": frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})}


def has_calendar(country: str) -> bool:
    """Tell whether the holidays of a country are known."""
    try:
        holidays.country_holidays(country)
    except NotImplementedError:
        return False
    return True


def is_working_day(day: date, country: str) -> bool:
    """Tell whether a day is none of Saturday, Sunday, holiday and the days the country's rule names."""
    if day.weekday() >= 5 or (day.month, day.day) in _NAMED.get(country, ()):
        return False
    return day not in _holidays_of(country, day.year)


def next_working_day(day: date, country: str) -> date:
    """Return the day itself when it is a working day, else the first one after it."""
    while not is_working_day(day, country):
        day += _DAY
    return day


@functools.lru_cache(maxsize=64)
def _holidays_of(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
