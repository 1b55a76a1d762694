"""Time figures in words: each with its bound and what says so; what is unknown is said to be."""

from __future__ import annotations

from collections.abc import Iterator

from ashiato.exports.times import MOMENTS, STRETCHES, Left, Moment, Times
from ashiato.exports.words import Words


def tell_times(times: Times, words: Words) -> Iterator[str]:
    """Yield a line for each figure, in the order in which things happened."""
    for name in MOMENTS:
        what = words.say(f"times.{name}")
        yield words.say("times.line", what=what, told=_moment(getattr(times, name), words))
    for name in STRETCHES:
        what = words.say(f"times.{name}")
        yield words.say("times.line", what=what, told=_bounds(getattr(times, name), words))
    until = times.evidence_until.isoformat() if times.evidence_until else words.say("not_known")
    yield words.say("times.until", until=until)


def _moment(moment: Moment, words: Words) -> str:
    why = words.say(f"times.sources.{moment.source}", reference=moment.reference)
    if moment.at is None:
        return words.say("times.unknown", why=why)
    at = moment.at.isoformat(timespec="seconds")
    return words.say(f"times.bounds.{moment.bound}", at=at, why=why)


def _bounds(bounds: Left | None, words: Words) -> str:
    if bounds is None:
        return words.say("not_known")
    least = words.number(bounds.at_least)
    if bounds.at_most is None:
        return words.say("times.records_open", at_least=least)
    return words.say("times.records", at_least=least, at_most=words.number(bounds.at_most))
