"""What the rules say of the facts as of a moment: duties, their grounds, their clocks, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum

from ashiato.law.diary import Diary, Entry, Fact
from ashiato.law.model import Exemption, Kind, Place, Reading, Recipient, Remark, Rule, Rulebook
from ashiato.law.texts import Text
from ashiato.law.values import Moment


class Answer(StrEnum):
    """Three values: what is not known is neither yes nor no."""

    APPLIES = "applies"
    DOES_NOT = "does not apply"
    NOT_KNOWN = "not known"


class Reliance(StrEnum):
    """Whether a rule can be relied on for this day of knowing.

    ``disabled``: its text is not verified. ``older text``: another text was in force then, which is not
    carried here. ``not in force``: nothing of the kind was in force then. ``date unknown``: the day of
    knowing is not known, and with it which text counts.
    """

    RELIED = "relied on"
    DISABLED = "disabled"
    OLDER_TEXT = "older text"
    NOT_IN_FORCE = "not in force"
    DATE_UNKNOWN = "date unknown"


@dataclass(frozen=True)
class OpenExemption:
    """An exemption that would take the duty away, and the facts that would show it."""

    exemption: Exemption
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Duty:
    """One rule's answer as of a moment.

    ``because``: the facts it rests on. ``missing``: facts that would decide or change it. ``since``: when
    we came to know the situation (None: not known when, or it does not apply). ``readings``: every way to
    read the clock, the earliest (safe) first; empty where none can run, and then ``start_missing`` names
    the fact that is missing (``known``: the date of knowing). ``recipients``: the one who is to be told, or
    every one it may be, while ``recipients_missing`` are not known. ``zone``: in which its
    days are counted.
    """

    rule: Rule
    answer: Answer
    reliance: Reliance
    because: tuple[Fact, ...] = ()
    missing: tuple[str, ...] = ()
    exempted_by: Exemption | None = None
    exempt_if: tuple[OpenExemption, ...] = ()
    since: Moment | None = None
    readings: tuple[Reading, ...] = ()
    start_missing: str | None = None
    recipients: tuple[Recipient, ...] = ()
    recipients_missing: tuple[str, ...] = ()
    substitute_open: bool = False
    remarks: tuple[Remark, ...] = ()
    done: Moment | None = None
    zone: tzinfo | None = None

    @property
    def binds(self) -> bool:
        """Whether the rule applies for certain and can be relied on.

        While the day of knowing is not known, the duty stands where an older text bound too.
        """
        older = self.reliance is Reliance.DATE_UNKNOWN and self.rule.covered_before
        return self.answer is Answer.APPLIES and (self.reliance is Reliance.RELIED or older)

    @property
    def safe(self) -> Reading | None:
        """The earliest reading of the clock: who keeps to it is on time in every reading."""
        return self.readings[0] if self.readings else None

    @property
    def due(self) -> date | None:
        """The last day of the safe reading."""
        return self.safe.due if self.safe else None

    def is_past(self, as_of: datetime) -> bool:
        """Whether the safe reading's last day or instant lies before ``as_of`` and it was not done."""
        if self.safe is None or self.done is not None:
            return False
        if self.safe.due_at is not None:
            return as_of > self.safe.due_at
        return self.safe.due is not None and as_of.astimezone(self.zone).date() > self.safe.due

    @property
    def is_open(self) -> bool:
        """Whether it asks for something that was not done yet."""
        return self.binds and self.rule.kind is not Kind.SITUATION and self.done is None


@dataclass(frozen=True)
class Contradiction:
    """Facts that cannot be true together; both stay, and a person settles it."""

    code: str
    text: Text
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Assessment:
    """Everything the rules say of one diary as of one moment.

    ``duties``: of each place that is concerned, in the order of its file; situations among them.
    ``places_open``: places of which is not known whether their law concerns us. ``places_without_rules``:
    places the facts name and no rule here knows. ``known_elsewhere``: entries of others that we did not
    know by then.
    """

    as_of: datetime
    diary: Diary
    rulebook: Rulebook
    facts: Mapping[str, Fact]
    duties: tuple[Duty, ...]
    places_open: tuple[Place, ...] = ()
    places_without_rules: tuple[str, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    known_elsewhere: tuple[Entry, ...] = ()

    def duty(self, rule_id: str) -> Duty | None:
        """Return the answer of one rule, or None where its place is not concerned."""
        return next((duty for duty in self.duties if duty.rule.id == rule_id), None)

    @property
    def situations(self) -> tuple[Duty, ...]:
        """The situations that hold for certain."""
        return tuple(duty for duty in self.duties if duty.binds and duty.rule.kind is Kind.SITUATION)

    @property
    def binding(self) -> tuple[Duty, ...]:
        """The duties that hold for certain, the first due first, those without a day last."""
        held = [duty for duty in self.duties if duty.binds and duty.rule.kind is not Kind.SITUATION]
        return tuple(sorted(held, key=lambda duty: (duty.due or date.max, duty.rule.id)))
