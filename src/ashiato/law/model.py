"""A rule as data: what triggers it, which clock it starts, who is told what, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from zoneinfo import ZoneInfo

from ashiato.law.conditions import Condition, facts_of
from ashiato.law.texts import Text


class Kind(StrEnum):
    """What a rule asks for; a ``situation`` asks for nothing and is what other rules build on."""

    SITUATION = "situation"
    REPORT = "report"
    NOTICE = "notice"
    TELL_CLIENTS = "tell clients"
    EFFORT = "effort"
    MEASURE = "measure"
    FORM = "form"
    VOLUNTARY = "voluntary"
    GAP = "gap"


class Grade(StrEnum):
    """How near the source was read: P the text itself, Q a note quoting it, S secondary."""

    PRIMARY = "P"
    QUOTED = "Q"
    SECONDARY = "S"
    UNVERIFIED = "unverified"


class ClockUnit(StrEnum):
    """``guide``: a range of days an authority calls its guide value; ``promptly``: no number of days."""

    HOURS = "hours"
    DAYS = "calendar days"
    GUIDE = "guide"
    PROMPTLY = "promptly"


class DayOne(StrEnum):
    """Which day is day 1: that of the start, the next, or ``silent``: the source does not say."""

    START_DAY = "start day"
    NEXT_DAY = "next day"
    SILENT = "silent"


class RollOver(StrEnum):
    """Whether a last day that is no working day moves on: to the next one, not at all, or not said."""

    NEXT_WORKING_DAY = "next working day"
    NONE = "none"
    SILENT = "silent"


@dataclass(frozen=True)
class Source:
    """Where a rule was read: title, address, page or section, how near (grade), and on which day."""

    key: str
    title: str
    url: str | None
    section: str
    grade: Grade
    checked_on: date


@dataclass(frozen=True)
class Window:
    """Days from ``first`` to ``last``, both included; None: no day is carried for that end."""

    first: date | None = None
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether a day is inside."""
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Variant:
    """Another length of a clock, where a condition holds."""

    applies_if: Condition
    length: int


@dataclass(frozen=True)
class Clock:
    """When the time begins and how long it is.

    ``start``: ``knowing`` (any department knew of the situation), else the name of a moment fact.
    ``length``: hours or days; of a guide value its last day, ``least`` its first.
    """

    start: str
    unit: ClockUnit
    length: int | None = None
    least: int | None = None
    day_one: DayOne = DayOne.SILENT
    roll_over: RollOver = RollOver.SILENT
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True)
class Remark:
    """What is said beside a rule; with ``applies_if``, only where that holds."""

    code: str
    text: Text
    applies_if: Condition | None = None


@dataclass(frozen=True)
class Exemption:
    """What takes a duty away once it is shown; while it is not known the duty stands."""

    code: str
    title: Text
    applies_if: Condition
    basis: str
    source: Source
    enabled: bool = True


@dataclass(frozen=True)
class Recipient:
    """Who is to be told, where ``applies_if`` holds; the first that holds is the one."""

    code: str
    title: Text
    applies_if: Condition | None = None
    remark: Text | None = None


@dataclass(frozen=True)
class ContentItem:
    """One item of a report or notice, with the parts an authority names."""

    number: str
    title: Text
    parts: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One rule of one place.

    ``knowing``: the days of knowing for which this text is carried; ``covered_before``: False where it is
    known that nothing of the kind was in force before, True where an older text is not carried here.
    ``done``: the moment fact that says it was done. ``enabled`` False: not relied on, ``disabled`` says why.
    """

    id: str
    version: int
    place: str
    kind: Kind
    title: Text
    says: Text
    in_force: Window
    knowing: Window
    covered_before: bool
    applies_if: Condition
    clock: Clock | None
    recipients: tuple[Recipient, ...]
    content: tuple[ContentItem, ...]
    exemptions: tuple[Exemption, ...]
    substitute: tuple[Text, ...]
    substitute_if: Condition | None
    remarks: tuple[Remark, ...]
    basis: tuple[str, ...]
    source: Source
    done: str | None = None
    enabled: bool = True
    disabled: Text | None = None


@dataclass(frozen=True)
class Place:
    """The rules of one place: its zone and calendar, whom its law concerns, its named conditions.

    ``sha256``: of the file's bytes. ``conditions``: the file's named conditions, and under each rule's id
    that its trigger holds and no exemption of it is shown.
    """

    code: str
    title: Text
    zone: ZoneInfo
    calendar: str | None
    concerned_if: Condition
    conditions: Mapping[str, Condition]
    rules: tuple[Rule, ...]
    file: str
    sha256: str


@dataclass(frozen=True)
class Rulebook:
    """Every place's rules, by code, in the order of their codes."""

    places: Mapping[str, Place]

    @cached_property
    def facts_asked(self) -> frozenset[str]:
        """Every fact that some rule, or the question whether a place is concerned, asks for."""
        return frozenset[str]().union(
            *(
                facts_of(condition, place.conditions)
                for place in self.places.values()
                for condition in (place.concerned_if, *place.conditions.values())
            )
        )

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Every rule by its id."""
        return MappingProxyType({rule.id: rule for place in self.places.values() for rule in place.rules})


@dataclass(frozen=True)
class Reading:
    """One way to read the clock: from when, to when; ``why`` names what this way assumes.

    ``due``: the last day, or ``due_at`` the last instant; ``due_from``: the first day of a guide range.
    """

    start: datetime
    due: date | None
    due_at: datetime | None = None
    due_from: date | None = None
    why: tuple[str, ...] = ()
