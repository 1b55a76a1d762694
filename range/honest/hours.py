"""The hours people keep: staff in the office on weekdays, customers mostly in the evening, by Japan's clock.

A run may begin at any time and go faster than the clock; :meth:`Hours.then` says what time it is there.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Tokyo")
_OPENS, _CLOSES = 9, 18
#: Customers' visits in each hour of the day, as a share of the busiest.
_SHARES = (
    *(0.15, 0.08, 0.05, 0.03, 0.03, 0.06, 0.15, 0.30, 0.45, 0.55, 0.60, 0.60),
    *(0.80, 0.60, 0.55, 0.55, 0.55, 0.60, 0.65, 0.80, 0.95, 1.00, 0.80, 0.40),
)


@dataclass(frozen=True)
class Hours:
    """A clock that began at ``since`` when this was made, and goes ``pace`` times as fast as ours."""

    since: datetime
    pace: float = 1.0
    _begun: float = field(default_factory=time.monotonic)

    def then(self) -> datetime:
        """Return what time it is in the run."""
        passed = timedelta(seconds=(time.monotonic() - self._begun) * self.pace)
        return (self.since.astimezone(UTC) + passed).astimezone(ZONE)


def customers_share(at: datetime) -> float:
    """Return how many customers come at that time, as a share of the busiest hour's."""
    return _SHARES[at.astimezone(ZONE).hour]


def seconds_to_work(at: datetime) -> float:
    """Return how long until somebody is in the office; 0 while they are."""
    local = at.astimezone(ZONE)
    opens = local.replace(hour=_OPENS, minute=0, second=0, microsecond=0)
    if local.weekday() < 5 and opens <= local < local.replace(
        hour=_CLOSES, minute=0, second=0, microsecond=0
    ):
        return 0.0
    if local >= opens:
        opens += timedelta(days=1)
    while opens.weekday() >= 5:
        opens += timedelta(days=1)
    return (opens - local).total_seconds()
