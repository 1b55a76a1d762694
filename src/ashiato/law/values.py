"""What a fact can be: a flag, a word, a number of something between bounds, a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from ashiato.terms.counts import Bound, Count, Unit
from ashiato.terms.errors import LawError

#: What clocks can be reckoned from, whatever the zone; the law's own years are far inside.
_YEARS = range(1900, 2200)


@dataclass(frozen=True)
class Moment:
    """A time with a zone, or a whole day of which the hour is not known (``at``: its first instant)."""

    at: datetime
    whole_day: bool = False

    def day_in(self, zone: tzinfo) -> date:
        """Return the day on the calendar of ``zone``; a whole day stays the day it was written as."""
        return self.at.date() if self.whole_day else self.at.astimezone(zone).date()

    @property
    def latest(self) -> datetime:
        """The last instant it can have been, exclusive for a whole day."""
        return self.at + timedelta(days=1) if self.whole_day else self.at

    def is_before(self, other: Moment) -> bool:
        """Tell whether it lies before the other for certain, whatever the hours of whole days are."""
        return self.at < other.at and self.latest <= other.at

    def __str__(self) -> str:
        """Render as the diary writes it."""
        return self.at.date().isoformat() if self.whole_day else self.at.isoformat()

    @classmethod
    def of(cls, text: str, zone: tzinfo) -> Moment:
        """Parse ``2026-06-25`` (a day in ``zone``) or an ISO 8601 time with offset; else ValueError."""
        if len(text) == 10:
            return cls(datetime.combine(date.fromisoformat(text), time(), zone), whole_day=True)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            message = "a time without an offset"
            raise ValueError(message)
        return cls(moment)


@dataclass(frozen=True)
class Number:
    """How many, between bounds of one unit; None where a bound is not known.

    ``about`` is no bound. ``run``: the run of the case whose typed counts these are.
    """

    unit: Unit
    at_least: int | None = None
    at_most: int | None = None
    about: int | None = None
    run: str | None = None

    def counts(self, as_of: str) -> tuple[Count, ...]:
        """Return the typed counts: one exact, or one for each bound known, and the estimate."""
        if self.at_least is not None and self.at_least == self.at_most:
            return (Count(self.at_least, self.unit, Bound.EXACT, as_of),)
        told = ((self.at_least, Bound.AT_LEAST), (self.at_most, Bound.AT_MOST), (self.about, Bound.ABOUT))
        return tuple(Count(value, self.unit, bound, as_of) for value, bound in told if value is not None)

    def is_at_least(self, threshold: int) -> bool | None:
        """Tell whether the true number reaches ``threshold``; None when the bounds do not decide."""
        if self.at_least is not None and self.at_least >= threshold:
            return True
        if self.at_most is not None and self.at_most < threshold:
            return False
        return None

    def may_reach(self, threshold: int) -> bool | None:
        """Tell whether the largest possible number reaches ``threshold``; None when none is known."""
        if any(n is not None and n >= threshold for n in (self.at_least, self.at_most, self.about)):
            return True
        return None if self.at_most is None else False


def moment_asked(text: str, zone: tzinfo) -> datetime:
    """Return the moment a person names: the last microsecond of a day, or a time (of ``zone`` unless told).

    Raises: LawError: it is neither.
    """
    moment = _read(text)
    if len(text) == 10:
        moment = datetime.combine(moment.date(), time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def moment_stated(text: str) -> datetime:
    """Return a time that says its offset itself, as we write it; LawError for anything else."""
    moment = _read(text)
    if moment.tzinfo is None:
        raise _no_time(text)
    return moment


def _read(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _no_time(text) from None
    if moment.year not in _YEARS:
        raise _no_time(text)
    return moment


def moment_told(text: str, zone: tzinfo) -> Moment:
    """Return when somebody was told: a day, or a time with its offset; LawError when it is neither."""
    try:
        return Moment.of(text, zone)
    except ValueError:
        raise _no_time(text) from None


def _no_time(text: str) -> LawError:
    fix = "write it like 2026-06-25 or 2026-06-25T06:30:00+09:00"
    return LawError(f"{text[:40]!r} is no day and no time", fix=fix)


FactValue = bool | str | Number | Moment
