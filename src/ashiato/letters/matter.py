"""What a draft can say: the diary's facts, the run's answer and the law's, each with its ground."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ashiato.exports.facts import Facts
from ashiato.exports.words import Language, Words, words_in
from ashiato.law.api import (
    Assessment,
    Condition,
    FactValue,
    Moment,
    Number,
    load_vocabulary,
    values_of,
    weigh,
)
from ashiato.letters.document import Ground, Said
from ashiato.letters.duty_answers import DutyAnswers
from ashiato.letters.grounds import entry_ground
from ashiato.letters.phrases import moment_text, number_text, phrase
from ashiato.letters.response_answers import ResponseAnswers
from ashiato.letters.responses import Response
from ashiato.letters.run_answers import RunAnswers

_CONFIRMED = "leak_confirmed"


@dataclass(frozen=True)
class Matter:
    """One incident as of a moment, for texts in one language.

    ``facts``: of the run whose answer was known by then; None where there was none. ``rules`` and
    ``withheld``: those of the outline that is filled. ``response``: what was done by then to tell people.
    """

    assessment: Assessment
    facts: Facts | None
    run: str
    language: Language
    rules: tuple[str, ...] = ()
    withheld: frozenset[str] = frozenset()
    response: Response | None = None

    @property
    def words(self) -> Words:
        """The language's words."""
        return words_in(self.language)

    @cached_property
    def _answers(self) -> Mapping[str, FactValue]:
        held = {**values_of(self.assessment.facts), **self._duty.flags()}
        return {**held, **self._run.flags()} if self._run else {**held, "run.present": False}

    @cached_property
    def _run(self) -> RunAnswers | None:
        facts = None if "run" in self.withheld else self.facts
        return RunAnswers(facts, self.run, self.words) if facts else None

    @cached_property
    def _duty(self) -> DutyAnswers:
        return DutyAnswers(self.assessment, self.rules, self.words)

    @cached_property
    def _told_people(self) -> ResponseAnswers | None:
        zone = self.assessment.diary.zone
        return ResponseAnswers(self.response, zone, self.words) if self.response else None

    def weigh(self, condition: Condition | None) -> tuple[Ground, ...] | None:
        """Return the grounds on which a condition holds for certain; None where it does not."""
        if condition is None:
            return ()
        found = weigh(condition, self._answers, {})
        if found.truth is not True:
            return None
        facts = (self.assessment.facts.get(name) for name in sorted(found.because))
        return tuple(entry_ground(fact.entry, self.language) for fact in facts if fact)

    def doubts(self) -> tuple[str, ...]:
        """What a person has to settle first: facts that cannot be true together."""
        told = [each.text.within(self.language) for each in self.assessment.contradictions]
        return (*told, *self._disagreements())

    def _disagreements(self) -> Iterator[str]:
        """Where the diary and the run say different things of whether data was reached."""
        state, run = self._answers.get("leak"), self._run
        if run is None or not isinstance(state, str):
            return
        title = load_vocabulary().words[state].within(self.language)
        if run.flags()["run.confirmed"] and state != _CONFIRMED:
            yield phrase("doubt_run_is_surer", self.language, bounds=run.confirmed(), state=title)
        if not run.flags()["run.confirmed"] and state == _CONFIRMED:
            yield phrase("doubt_diary_is_surer", self.language, state=title)

    def say(self, name: str) -> Said | None:
        """Return what stands for a name in a text, None where it is not known; KeyError for no such name."""
        if name in self.withheld:
            return None
        if name.startswith("run."):
            return self._run.say(name) if self._run else None
        if name.startswith("duty."):
            return self._duty.say(name)
        if name.startswith("notices."):
            return self._told_people.say(name) if self._told_people else None
        fact = self.assessment.facts.get(name)
        return Said(self._told(fact.value), (entry_ground(fact.entry, self.language),)) if fact else None

    def _told(self, value: FactValue) -> str:
        match value:
            case bool():
                return phrase("yes" if value else "no", self.language)
            case Number():
                return number_text(value, self.words)
            case Moment():
                return moment_text(value, self.assessment.diary.zone, self.language)
            case _:
                return self._word(value)

    def _word(self, value: str) -> str:
        found = load_vocabulary().words.get(value)
        return found.within(self.language) if found else value
