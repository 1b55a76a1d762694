"""The small language in which rules ask for facts, weighed in three values: true, false, not known.

Nothing is run: a condition is a tree of six forms. A fact that is not set is unknown, and an answer is
unknown only where it truly hangs on such facts, which are then named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from ashiato.law.values import FactValue, Number

Facts = Mapping[str, FactValue]


@dataclass(frozen=True)
class Is:
    """A flag is true; or, with ``words``, a word is one of them; a moment: that it is known."""

    fact: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reaches:
    """A number is at least ``threshold``; ``possible``: the largest possible number counts."""

    fact: str
    threshold: int
    possible: bool = False


@dataclass(frozen=True)
class Every:
    """All of them (``all``), or with ``one``, any of them."""

    parts: tuple[Condition, ...]
    one: bool = False


@dataclass(frozen=True)
class Inverse:
    """Not so (``not``)."""

    part: Condition


@dataclass(frozen=True)
class Shown:
    """Only what is shown counts (``shown``): not known is no. Exemptions are asked so."""

    part: Condition


@dataclass(frozen=True)
class Open:
    """Nothing written decides it (``open``): not known where the part holds or may hold, else no."""

    part: Condition


@dataclass(frozen=True)
class See:
    """Another condition by name: a named one of the file, or another rule's (``see``)."""

    name: str


Condition = Is | Reaches | Every | Inverse | Shown | Open | See


@dataclass(frozen=True)
class Verdict:
    """The truth (None: not known), the facts it rests on, and the facts that would decide it."""

    truth: bool | None
    because: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()


def weigh(condition: Condition, facts: Facts, named: Mapping[str, Condition]) -> Verdict:
    """Weigh a condition against what is known; ``named`` holds what ``see`` points to."""
    return Scales(facts, named).weigh(condition)


@dataclass(frozen=True)
class Scales:
    """What is known, and what ``see`` points to; a condition seen twice is weighed once."""

    facts: Facts
    named: Mapping[str, Condition]
    _seen: dict[str, Verdict] = field(default_factory=dict, repr=False, compare=False)

    def weigh(self, condition: Condition) -> Verdict:
        """Return the verdict on a condition."""
        match condition:
            case Is() | Reaches():
                return _asked(condition, self.facts)
            case Every(parts, one):
                return _joined([self.weigh(part) for part in parts], decides=one)
            case See(name):
                if name not in self._seen:
                    self._seen[name] = self.weigh(self.named[name])
                return self._seen[name]
            case Inverse() | Shown() | Open():
                return _turned(condition, self.weigh(condition.part))
        assert_never(condition)


def _turned(condition: Inverse | Shown | Open, found: Verdict) -> Verdict:
    """Turn the verdict of the one part: its opposite, what is shown of it, or nothing decided by it."""
    if isinstance(condition, Shown):
        return Verdict(bool(found.truth), found.because)
    if isinstance(condition, Inverse):
        truth = None if found.truth is None else not found.truth
        return Verdict(truth, found.because, found.missing)
    if found.truth is False:
        return found
    return Verdict(None, found.because, found.because | found.missing)


def _asked(condition: Is | Reaches, facts: Facts) -> Verdict:
    name = condition.fact
    truth = _truth_of(condition, facts.get(name))
    return Verdict(None, missing=frozenset([name])) if truth is None else Verdict(truth, frozenset([name]))


def _truth_of(condition: Is | Reaches, value: FactValue | None) -> bool | None:
    if value is None:
        return None
    if isinstance(condition, Is):
        if condition.words:
            return value in condition.words
        return value if isinstance(value, bool) else True
    if not isinstance(value, Number):
        return None
    ask = value.may_reach if condition.possible else value.is_at_least
    return ask(condition.threshold)


def _joined(found: list[Verdict], *, decides: bool) -> Verdict:
    """Join parts: one part of truth ``decides`` settles it; else one unknown part leaves it open."""
    settled = [part for part in found if part.truth is decides]
    if settled:
        return Verdict(decides, frozenset().union(*(part.because for part in settled)))
    because = frozenset[str]().union(*(part.because for part in found if part.truth is not None))
    unknown = [part for part in found if part.truth is None]
    if unknown:
        missing = frozenset[str]().union(*(part.missing for part in unknown))
        held = frozenset[str]().union(*(part.because for part in unknown))
        return Verdict(None, because | held, missing)
    return Verdict(not decides, because)


def facts_of(condition: Condition, named: Mapping[str, Condition]) -> frozenset[str]:
    """Return every fact a condition can ask for."""
    match condition:
        case Is(fact, _) | Reaches(fact, _, _):
            return frozenset([fact])
        case Every(parts, _):
            return frozenset[str]().union(*(facts_of(part, named) for part in parts))
        case See(name):
            return facts_of(named[name], named)
        case Inverse(part) | Shown(part) | Open(part):
            return facts_of(part, named)
    assert_never(condition)
