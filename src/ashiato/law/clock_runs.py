"""Which starts and lengths a rule's clock can have, and what each way of reading it assumes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ashiato.law.clocks import Length, Start, read_clock
from ashiato.law.conditions import weigh
from ashiato.law.history import Held, History
from ashiato.law.model import Clock, Place, Reading, Rule, Variant
from ashiato.law.values import Moment


@dataclass(frozen=True)
class ClockRun:
    """The readings of a clock; or, in ``start_missing``, the fact without which it cannot run.

    ``missing``: facts that would settle its length.
    """

    readings: tuple[Reading, ...] = ()
    start_missing: str | None = None
    missing: tuple[str, ...] = ()


def run_clock(rule: Rule, place: Place, history: History, held: Held) -> ClockRun:
    """Return every reading of a rule's clock; none when the rule has no clock."""
    clock = rule.clock
    if clock is None:
        return ClockRun()
    starts = list(_starts(clock, history, held))
    if not starts:
        return ClockRun(start_missing="known" if clock.start == "knowing" else clock.start)
    variant, missing = _variant(clock, place, history)
    runs = [run for start in starts for run in _runs(clock, start, variant)]
    return ClockRun(read_clock(clock, runs, place.zone, place.calendar), missing=missing)


@dataclass(frozen=True)
class _Lengthened:
    """A variant that holds or may hold: since when, and whether it is settled."""

    variant: Variant
    since: Moment | None
    settled: bool


def _starts(clock: Clock, history: History, held: Held) -> Iterator[Start]:
    if clock.start != "knowing":
        value = history.now.get(clock.start)
        if isinstance(value, Moment):
            yield Start(value)
        return
    if held.first is None:
        return
    if held.current == held.first:
        yield Start(held.first)
    else:
        yield Start(held.first, ("from-the-first-time",))
        if held.current is not None:
            yield Start(held.current, ("from-the-last-time",))


def _variant(clock: Clock, place: Place, history: History) -> tuple[_Lengthened | None, tuple[str, ...]]:
    """Return the first variant that holds, else the first that may, with the facts that would settle it."""
    for variant in clock.variants:
        found = weigh(variant.applies_if, history.now, place.conditions)
        if found.truth:
            held = history.held(variant.applies_if, place.conditions)
            return _Lengthened(variant, held.first if held else None, settled=True), ()
        if found.truth is None:
            return _Lengthened(variant, None, settled=False), tuple(sorted(found.missing))
    return None, ()


def _runs(clock: Clock, start: Start, found: _Lengthened | None) -> Iterator[tuple[Start, Length]]:
    """Pair a start with each length. A length that came to hold only later is read in three ways."""
    base = clock.length or 0
    if found is None:
        yield start, Length(base)
    elif not found.settled:
        yield start, Length(base, ("variant-not-known",))
        yield start, Length(found.variant.length, ("if-variant",))
    elif found.since is None or found.since.at <= start.moment.at or clock.start != "knowing":
        yield start, Length(found.variant.length)
    else:
        yield start, Length(base, ("later-facts-change-nothing",))
        yield start, Length(found.variant.length, ("later-facts-lengthen",))
        yield Start(found.since, start.why), Length(found.variant.length, ("later-facts-begin-anew",))
