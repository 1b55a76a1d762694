"""Time: whole microseconds since 1970-01-01 UTC inside, the operator's zone at the edge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def us_of(moment: datetime) -> int:
    """Return the microseconds since the epoch of an aware moment; a naive one raises ValueError."""
    if moment.tzinfo is None:
        message = "a time without a zone"
        raise ValueError(message)
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(time_us: int, zone: tzinfo = UTC) -> datetime:
    """Return the aware moment of a count of microseconds, shown in ``zone``."""
    return (_EPOCH + timedelta(microseconds=time_us)).astimezone(zone)


def iso_of(time_us: int, zone: tzinfo) -> str:
    """Render as ISO 8601 with offset: ``2026-06-11T03:12:00+09:00``, fractions only when there are any."""
    return moment_of(time_us, zone).isoformat()
