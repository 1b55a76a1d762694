"""When the desk is open: business hours of a zone, without week-ends, holidays and days it named itself."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

from ashiato.terms.errors import ServerError

_DAY = timedelta(days=1)
#: Farther than any target: two years in days.
_FARTHEST_DAYS = 732


@dataclass(frozen=True)
class Hours:
    """Open on ``weekdays`` (Monday is 0) from ``opens`` to ``closes`` in ``zone``; never on holidays.

    ``closed``: further days of the operator's own, such as those around New Year.
    """

    zone: ZoneInfo
    opens: time
    closes: time
    country: str = "JP"
    weekdays: frozenset[int] = frozenset(range(5))
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse hours in which no desk is ever open, and countries whose holidays nobody knows."""
        if self.opens >= self.closes or not self.weekdays & set(range(7)):
            raise ServerError("a desk opens before it closes, on one day of the week at least")
        if self.country not in holidays.list_supported_countries():
            what = f"no holidays are known of `{self.country[:8]}`"
            raise ServerError(what, fix="name a country by its two letters, as in JP")

    def is_open_on(self, day: date) -> bool:
        """Tell whether the desk opens at all on a day."""
        own = day.weekday() in self.weekdays and day not in self.closed
        return own and day not in _holidays_of(self.country, day.year)

    def is_open(self, at: datetime) -> bool:
        """Tell whether the desk is open at a moment."""
        here = at.astimezone(self.zone)
        return self.is_open_on(here.date()) and self.opens <= here.time() < self.closes

    def after(self, at: datetime, minutes: int) -> datetime:
        """Return the moment at which so many business minutes have passed; with 0 the next open moment."""
        left = timedelta(minutes=minutes)
        for opens, closes in self._spans(at, _DAY):
            begins = max(opens, at)
            if begins < closes and begins + left <= closes:
                return begins + left
            left -= max(closes - begins, timedelta(0))
        raise ServerError(
            "the desk is not open long enough within two years", fix="look at its hours and closed days"
        )

    def before(self, at: datetime, minutes: int) -> datetime:
        """Return the moment since which so many business minutes have passed."""
        left = timedelta(minutes=minutes)
        for opens, closes in self._spans(at, -_DAY):
            ends = min(closes, at)
            if ends > opens and ends - left >= opens:
                return ends - left
            left -= max(ends - opens, timedelta(0))
        raise ServerError(
            "the desk was not open long enough within two years", fix="look at its hours and closed days"
        )

    def _spans(self, at: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
        """Yield the open spans of the days from a moment on, in UTC, where minutes are minutes."""
        first = at.astimezone(self.zone).date()
        for number in range(_FARTHEST_DAYS):
            day = first + number * step
            if self.is_open_on(day):
                yield self._moment(day, self.opens), self._moment(day, self.closes)

    def _moment(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self.zone).astimezone(UTC)


@functools.lru_cache(maxsize=64)
def _holidays_of(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
