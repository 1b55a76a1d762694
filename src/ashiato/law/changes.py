"""What moved between two days: facts that were set or changed, and what they did to each duty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ashiato.law.assessment import Answer, Assessment, Duty
from ashiato.law.conditions import facts_of
from ashiato.law.diary import Fact
from ashiato.law.model import Rule


class Move(StrEnum):
    """One way in which a duty can move."""

    NOW_APPLIES = "now applies"
    NO_LONGER = "no longer applies"
    RULED_OUT = "ruled out"
    NOW_OPEN = "now not known"
    DUE_MOVED = "due moved"
    LENGTH_OPEN = "readings changed"
    RECIPIENT_MOVED = "recipient moved"
    DONE = "done"
    RELIANCE_MOVED = "reliance moved"


@dataclass(frozen=True)
class FactChange:
    """A fact before and after; None: not known."""

    name: str
    before: Fact | None
    after: Fact | None


@dataclass(frozen=True)
class DutyChange:
    """What moved of one rule, and the changed facts it asks for; None where its place was silent."""

    rule: Rule
    moves: tuple[Move, ...]
    before: Duty | None
    after: Duty | None
    facts: tuple[FactChange, ...]


@dataclass(frozen=True)
class Changes:
    """Everything that moved from one assessment to another."""

    facts: tuple[FactChange, ...]
    duties: tuple[DutyChange, ...]


def compare(before: Assessment, after: Assessment) -> Changes:
    """Return what moved between two assessments of one case, in the order of the rules."""
    facts = tuple(_fact_changes(before, after))
    rules = {**before.rulebook.rules, **after.rulebook.rules}
    found = (_duty_change(rule, before, after, facts) for rule in rules.values())
    return Changes(facts, tuple(change for change in found if change.moves))


def _fact_changes(before: Assessment, after: Assessment) -> Iterator[FactChange]:
    for name in sorted({*before.facts, *after.facts}):
        old, new = before.facts.get(name), after.facts.get(name)
        if (old and old.value) != (new and new.value):
            yield FactChange(name, old, new)


def _duty_change(
    rule: Rule, before: Assessment, after: Assessment, facts: tuple[FactChange, ...]
) -> DutyChange:
    old, new = before.duty(rule.id), after.duty(rule.id)
    asked = _asked(rule, after if new else before)
    moves = tuple(_moves(old, new))
    return DutyChange(rule, moves, old, new, tuple(change for change in facts if change.name in asked))


def _asked(rule: Rule, assessment: Assessment) -> frozenset[str]:
    """Return the facts that a rule, its clock and its place ask for."""
    place = assessment.rulebook.places[rule.place]
    asked = facts_of(place.concerned_if, place.conditions)
    if rule.id in place.conditions:
        asked |= facts_of(place.conditions[rule.id], place.conditions)
    for variant in rule.clock.variants if rule.clock else ():
        asked |= facts_of(variant.applies_if, place.conditions)
    for recipient in rule.recipients:
        if recipient.applies_if:
            asked |= facts_of(recipient.applies_if, place.conditions)
    return asked | {rule.done or "", rule.clock.start if rule.clock else ""}


_SILENT = Answer.DOES_NOT


def _moves(old: Duty | None, new: Duty | None) -> Iterator[Move]:
    was, now = old.answer if old else _SILENT, new.answer if new else _SILENT
    if was is not now:
        yield {
            Answer.APPLIES: Move.NOW_APPLIES,
            Answer.NOT_KNOWN: Move.NOW_OPEN,
            Answer.DOES_NOT: Move.NO_LONGER if was is Answer.APPLIES else Move.RULED_OUT,
        }[now]
    elif old and new and now is Answer.APPLIES:
        yield from _moves_within(old, new)


def _moves_within(old: Duty, new: Duty) -> Iterator[Move]:
    """Yield what moved of a duty that applied before and after."""
    if old.reliance is not new.reliance:
        yield Move.RELIANCE_MOVED
    if old.due != new.due:
        yield Move.DUE_MOVED
    elif old.readings != new.readings:
        yield Move.LENGTH_OPEN
    if old.recipients != new.recipients:
        yield Move.RECIPIENT_MOVED
    if old.done is None and new.done is not None:
        yield Move.DONE
