"""Facts, clocks and names of duties in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ashiato.exports.words import Words
from ashiato.law.api import Duty, Fact, FactValue, Moment, Number, Reading, Text, load_vocabulary


@dataclass(frozen=True)
class DutyWords:
    """The words of one language, and the zone in which moments are told."""

    words: Words
    zone: tzinfo

    def say(self, key: str, **params: object) -> str:
        """Return a text of the group ``duties``."""
        return self.words.say(f"duties.{key}", **params)

    def text(self, text: Text) -> str:
        """Return a text of the rules in this language."""
        return text.within(self.words.language)

    def name(self, fact: str) -> str:
        """Return the title of a fact; ``known`` is the date of knowing."""
        if fact == "known":
            return self.say("date_of_knowing")
        return self.text(load_vocabulary().title(fact))

    def names(self, facts: Iterable[str]) -> str:
        """Return the titles of facts, each with its name as the diary writes it."""
        comma = self.words.say("explain.comma")
        return comma.join(f"{self.name(fact)} [{fact}]" for fact in facts)

    def moment(self, moment: datetime) -> str:
        """Return a time in the case's zone, seconds only where there are any."""
        local = moment.astimezone(self.zone)
        return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")

    def known(self, moment: Moment | None) -> str:
        """Return when something became known: a time, a day, or that it is not known when."""
        if moment is None:
            return self.say("unknown_day")
        return str(moment) if moment.whole_day else self.moment(moment.at)

    def value(self, value: FactValue | None) -> str:
        """Return a fact's value: yes or no, a word, typed counts, a time."""
        if value is None:
            return self.say("unknown_value")
        if isinstance(value, bool):
            return self.say("is_so" if value else "is_not")
        if isinstance(value, Number):
            return " / ".join(self.words.count(count) for count in value.counts(""))
        if isinstance(value, Moment):
            return self.known(value)
        found = load_vocabulary().words.get(value)
        return self.text(found) if found else value

    def fact(self, fact: Fact) -> str:
        """Return a fact with its value, when it became known, and its line in the diary."""
        return self.say(
            "fact_from",
            title=self.name(fact.name),
            value=self.value(fact.value),
            known=self.known(fact.entry.known),
            line=fact.entry.where.line,
        )

    def facts(self, facts: Iterable[Fact]) -> str:
        """Return several facts on one line."""
        return self.words.say("explain.comma").join(map(self.fact, facts))

    def due(self, reading: Reading) -> str:
        """Return the end of one reading of a clock."""
        if reading.due_at is not None:
            return self.say("due_at", moment=reading.due_at.strftime("%Y-%m-%d %H:%M %Z"))
        if reading.due is None:
            return self.say("due_promptly")
        if reading.due_from is not None:
            return self.say("due_guide", first=reading.due_from, day=reading.due)
        return self.say("due_by", day=reading.due)

    def why(self, reading: Reading) -> str:
        """Return what a reading assumes."""
        comma = self.words.say("explain.comma")
        return comma.join(self.words.code("duty_readings", code) for code in reading.why)

    def end_of(self, duty: Duty, as_of: datetime) -> str:
        """Return a duty's safe end, whether it has passed, or why none can be counted."""
        if duty.done is not None:
            return self.say("done", moment=self.known(duty.done))
        if duty.start_missing is not None:
            return self.say("due_unknown", fact=self.name(duty.start_missing))
        if duty.safe is None:
            return self.say("due_none")
        said = self.due(duty.safe)
        return self.say("due_past", due=said) if duty.is_past(as_of) else said
