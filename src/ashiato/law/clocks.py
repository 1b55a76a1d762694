"""Run a clock: from its start to its last day or instant, in every way the source leaves open.

The earliest reading is the safe one. The day of knowing is day 1 where the source says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from ashiato.law.calendars import next_working_day
from ashiato.law.model import Clock, ClockUnit, DayOne, Reading, RollOver
from ashiato.law.values import Moment


@dataclass(frozen=True)
class Start:
    """A moment from which a clock may run, and why it may be this one (empty: nothing speaks against it)."""

    moment: Moment
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Length:
    """A length a clock may have, in its unit, and why."""

    length: int
    why: tuple[str, ...] = ()


def read_clock(
    clock: Clock, runs: Iterable[tuple[Start, Length]], zone: ZoneInfo, calendar: str | None
) -> tuple[Reading, ...]:
    """Return every reading of a clock over pairs of start and length, the earliest first, each end once."""
    found: dict[tuple[object, ...], Reading] = {}
    for start, length in runs:
        for reading in _readings(clock, start, length, zone, calendar):
            kept = found.setdefault((reading.due, reading.due_at, reading.due_from), reading)
            if len(reading.why) < len(kept.why):
                found[reading.due, reading.due_at, reading.due_from] = reading
    return tuple(sorted(found.values(), key=_order))


def _order(reading: Reading) -> tuple[float, date, tuple[str, ...]]:
    instant = reading.due_at.timestamp() if reading.due_at else 0.0
    return (instant, reading.due or date.max, reading.why)


def _readings(
    clock: Clock, start: Start, length: Length, zone: ZoneInfo, calendar: str | None
) -> Iterator[Reading]:
    why = (*start.why, *length.why)
    if clock.unit is ClockUnit.PROMPTLY:
        yield Reading(start.moment.at, due=None, why=why)
    elif clock.unit is ClockUnit.HOURS:
        yield from _hours(start.moment, length.length, zone, why)
    else:
        first = start.moment.day_in(zone)
        for shift, told in _shifts(clock.day_one):
            ends = _last_day(clock, first, length.length + shift, calendar)
            due_from = None if clock.least is None else first + timedelta(days=clock.least - 1 + shift)
            yield Reading(start.moment.at, due=ends, due_from=due_from, why=(*why, *told))


def _hours(start: Moment, hours: int, zone: ZoneInfo, why: tuple[str, ...]) -> Iterator[Reading]:
    """Hours run by instants, over holidays and changes of the clock alike."""
    span = timedelta(hours=hours)
    instants = [(start.at, why)]
    if start.whole_day:
        instants = [(start.at, (*why, "day-begins")), (start.latest, (*why, "day-ends"))]
    for at, told in instants:
        due = (at.astimezone(UTC) + span).astimezone(zone)
        yield Reading(at, due=due.date(), due_at=due, why=told)


def _last_day(clock: Clock, first: date, number: int, calendar: str | None) -> date:
    """Return day ``number`` (``first``, in the recipient's zone, is day 1), rolled over where said."""
    last = first + timedelta(days=number - 1)
    if clock.roll_over is RollOver.NEXT_WORKING_DAY and calendar:
        return next_working_day(last, calendar)
    return last


def _shifts(day_one: DayOne) -> list[tuple[int, tuple[str, ...]]]:
    if day_one is DayOne.START_DAY:
        return [(0, ())]
    if day_one is DayOne.NEXT_DAY:
        return [(1, ())]
    return [(0, ("start-day-counts",)), (1, ("start-day-does-not-count",))]
