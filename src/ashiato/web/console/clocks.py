"""Duties as clocks: what has to be done, by when, and how many days are left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ashiato.engine.api import Case
from ashiato.exports.duties.parts import DutyWords
from ashiato.exports.words import Words
from ashiato.law.api import Assessment, Duty, Kind, assess, load_diary, load_rulebook

#: The diary of facts of a case, within its folder.
DIARY = "facts.yaml"
#: The duties that somebody outside is owed by a day.
CLOCKED = frozenset({Kind.REPORT, Kind.NOTICE, Kind.TELL_CLIENTS})
_URGENT_DAYS = 3


@dataclass(frozen=True)
class Clock:
    """One duty that holds: its words, its last day, and the days from today to it (negative: past)."""

    rule: str
    title: str
    kind: str
    end: str
    due: date | None
    days: int | None
    is_done: bool
    basis: str
    to: str

    @property
    def days_apart(self) -> int:
        """How many days there are between today and the last day."""
        return abs(self.days or 0)

    @property
    def state(self) -> str:
        """How pressing it is, as a code."""
        if self.is_done:
            return "done"
        if self.days is None:
            return "open"
        return "past" if self.days < 0 else "urgent" if self.days <= _URGENT_DAYS else "running"


def find_assessment(case: Case, as_of: datetime) -> Assessment | None:
    """Say what the rules say of the case's diary; None where the case has none."""
    path = Path(case.folder) / DIARY
    return assess(load_diary(path), load_rulebook(), as_of) if path.is_file() else None


def clocks_of(assessment: Assessment, words: Words) -> list[Clock]:
    """Return the duties that hold for certain: what is open first, the first due before the rest."""
    said = DutyWords(words, assessment.diary.zone)
    clocks = [_clock(duty, assessment, said) for duty in assessment.binding if duty.rule.kind in CLOCKED]
    return sorted(clocks, key=lambda clock: (clock.is_done, clock.due or date.max, clock.rule))


def _clock(duty: Duty, assessment: Assessment, said: DutyWords) -> Clock:
    today = assessment.as_of.astimezone(duty.zone or assessment.diary.zone).date()
    return Clock(
        rule=duty.rule.id,
        title=said.text(duty.rule.title),
        kind=said.words.code("duty_kinds", duty.rule.kind),
        end=said.end_of(duty, assessment.as_of),
        due=duty.due,
        days=None if duty.due is None or duty.done is not None else (duty.due - today).days,
        is_done=duty.done is not None,
        basis=said.words.say("explain.comma").join(duty.rule.basis),
        to=said.say("or").join(said.text(recipient.title) for recipient in duty.recipients),
    )
