"""Weigh every rule against a diary as of a moment: pure, the same answer for the same input."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from ashiato.law.assessment import Answer, Assessment, Contradiction, Duty, OpenExemption, Reliance
from ashiato.law.clock_runs import ClockRun, run_clock
from ashiato.law.condition_forms import ConditionReader
from ashiato.law.conditions import Condition, Scales, See, Verdict, weigh
from ashiato.law.diary import Diary, Entry, Fact, Party, values_of
from ashiato.law.history import Held, History
from ashiato.law.model import Exemption, Place, Recipient, Remark, Rule, Rulebook
from ashiato.law.texts import Text
from ashiato.law.values import FactValue, Moment, Number
from ashiato.law.vocabulary import load_vocabulary
from ashiato.written.parsing import Written

_ANSWERS = {True: Answer.APPLIES, False: Answer.DOES_NOT, None: Answer.NOT_KNOWN}
_PLACED = ("residents.", "law.")


def assess(diary: Diary, rulebook: Rulebook, as_of: datetime) -> Assessment:
    """Return what the rules say of what we knew at ``as_of`` (aware)."""
    facts = diary.standing(as_of)
    values = values_of(facts)
    concerned = {
        code: weigh(place.concerned_if, values, place.conditions) for code, place in rulebook.places.items()
    }
    history = History.of(diary, as_of)
    duties = [
        duty
        for code, place in rulebook.places.items()
        if concerned[code].truth
        for duty in _Weighing(place, history, facts, Scales(history.now, place.conditions)).duties()
    ]
    return Assessment(
        as_of=as_of,
        diary=diary,
        rulebook=rulebook,
        facts=MappingProxyType(facts),
        duties=tuple(duties),
        places_open=tuple(place for code, place in rulebook.places.items() if concerned[code].truth is None),
        places_without_rules=_places_without_rules(values, rulebook),
        contradictions=tuple(_contradictions(facts)),
        known_elsewhere=_known_elsewhere(diary, as_of),
    )


@dataclass(frozen=True)
class _Weighing:
    """The rules of one place against one history."""

    place: Place
    history: History
    facts: Mapping[str, Fact]
    scales: Scales

    def duties(self) -> Iterator[Duty]:
        """Yield each rule's answer, in the order of the file."""
        for rule in self.place.rules:
            yield self._duty(rule)

    def _duty(self, rule: Rule) -> Duty:
        trigger = self._weigh(rule.applies_if)
        if trigger.truth is not True:
            return self._silent(rule, _ANSWERS[trigger.truth], trigger)
        for exemption in rule.exemptions:
            shown = self._weigh(exemption.applies_if)
            if exemption.enabled and shown.truth:
                grounds = Verdict(truth=False, because=trigger.because | shown.because)
                return self._silent(rule, Answer.DOES_NOT, grounds, exemption)
        return self._applying(rule, trigger)

    def _silent(
        self, rule: Rule, answer: Answer, found: Verdict, exempted_by: Exemption | None = None
    ) -> Duty:
        return Duty(
            rule,
            answer,
            Reliance.RELIED if rule.enabled else Reliance.DISABLED,
            because=self._facts(found.because),
            missing=tuple(sorted(found.missing)),
            exempted_by=exempted_by,
            remarks=self._remarks(rule) if answer is Answer.NOT_KNOWN else (),
            done=self._done(rule),
            zone=self.place.zone,
        )

    def _applying(self, rule: Rule, trigger: Verdict) -> Duty:
        held = self.history.held(See(rule.id), self.place.conditions) or Held(None, None)
        reliance = _reliance(rule, self.place, held.first, self.history.now.get("event.began"))
        runs = reliance in (Reliance.RELIED, Reliance.DISABLED, Reliance.DATE_UNKNOWN)
        run = run_clock(rule, self.place, self.history, held) if runs else ClockRun()
        recipients, unknown = self._recipients(rule)
        return Duty(
            rule,
            Answer.DOES_NOT if reliance is Reliance.NOT_IN_FORCE else Answer.APPLIES,
            reliance,
            because=self._facts(trigger.because),
            missing=run.missing,
            exempt_if=tuple(self._exempt_if(rule)),
            since=held.first,
            readings=run.readings,
            start_missing=run.start_missing,
            recipients=recipients,
            recipients_missing=unknown,
            substitute_open=rule.substitute_if is not None and self._holds(rule.substitute_if),
            remarks=self._remarks(rule),
            done=self._done(rule),
            zone=self.place.zone,
        )

    def _remarks(self, rule: Rule) -> tuple[Remark, ...]:
        return tuple(r for r in rule.remarks if r.applies_if is None or self._holds(r.applies_if))

    def _holds(self, condition: Condition) -> bool:
        return self._weigh(condition).truth is True

    def _weigh(self, condition: Condition) -> Verdict:
        return self.scales.weigh(condition)

    def _facts(self, names: frozenset[str]) -> tuple[Fact, ...]:
        return tuple(self.facts[name] for name in sorted(names) if name in self.facts)

    def _done(self, rule: Rule) -> Moment | None:
        value = self.history.now.get(rule.done) if rule.done else None
        return value if isinstance(value, Moment) else None

    def _exempt_if(self, rule: Rule) -> Iterator[OpenExemption]:
        for exemption in rule.exemptions:
            found = self._weigh(exemption.applies_if)
            if found.truth is (None if exemption.enabled else True):
                yield OpenExemption(exemption, tuple(sorted(found.missing)))

    def _recipients(self, rule: Rule) -> tuple[tuple[Recipient, ...], tuple[str, ...]]:
        """Return the first recipient that holds, after those of which it is not known."""
        found: list[Recipient] = []
        missing: frozenset[str] = frozenset()
        for recipient in rule.recipients:
            verdict = self._weigh(recipient.applies_if) if recipient.applies_if else Verdict(truth=True)
            if verdict.truth is not False:
                found.append(recipient)
                missing |= verdict.missing
            if verdict.truth:
                break
        return tuple(found), tuple(sorted(missing))


def _reliance(rule: Rule, place: Place, since: Moment | None, began: FactValue | None) -> Reliance:
    """Tell whether this text of the rule is the one for the day of knowing.

    Where that day is not known, it is not before the day on which the event began.
    """
    if not rule.enabled:
        return Reliance.DISABLED
    window = rule.knowing
    if since is None:
        earliest = began.day_in(place.zone) if isinstance(began, Moment) else date.min
        settled = window.last is None and (window.first is None or earliest >= window.first)
        return Reliance.RELIED if settled else Reliance.DATE_UNKNOWN
    day = since.day_in(place.zone)
    if window.holds(day):
        return Reliance.RELIED
    before = window.first is not None and day < window.first
    return Reliance.OLDER_TEXT if before and rule.covered_before else Reliance.NOT_IN_FORCE


def _places_without_rules(values: Mapping[str, FactValue], rulebook: Rulebook) -> tuple[str, ...]:
    """Return places that the facts name for certain and no rule asks for."""
    named = {name for name, value in values.items() if name.startswith(_PLACED) and _says_yes(value)}
    known = {name.partition(".")[2] for name in rulebook.facts_asked if name.startswith(_PLACED)}
    return tuple(sorted({name.partition(".")[2] for name in named} - known))


def _says_yes(value: FactValue) -> bool:
    return value.may_reach(1) is not False if isinstance(value, Number) else value is True


def _contradictions(facts: Mapping[str, Fact]) -> Iterator[Contradiction]:
    values = values_of(facts)
    for code, text, condition in _forbidden():
        found = weigh(condition, values, {})
        if found.truth:
            yield Contradiction(code, text, tuple(facts[name] for name in sorted(found.because)))
    began, ended = values.get("event.began"), values.get("event.ended")
    if isinstance(began, Moment) and isinstance(ended, Moment) and ended.is_before(began):
        text = Text("事案の終わりが始まりより前になっている。", "The event ends before it begins.")
        yield Contradiction("ended-before-it-began", text, (facts["event.began"], facts["event.ended"]))


@functools.cache
def _forbidden() -> tuple[tuple[str, Text, Condition], ...]:
    """Return what cannot be true together, as the vocabulary lists it."""
    vocabulary = load_vocabulary()
    written = Written("vocabulary.yaml")
    reader = ConditionReader(written, vocabulary, ())
    return tuple(
        (fields["code"], Text.of(fields), reader.read((), fields["if"]))
        for fields in vocabulary.contradictions
    )


def _known_elsewhere(diary: Diary, as_of: datetime) -> tuple[Entry, ...]:
    """Return entries of others, known to them by ``as_of``, whose facts none of our entries sets yet."""
    ours = {name for entry in diary.own_until(as_of) for name in entry.sets}
    return tuple(
        entry
        for entry in diary.entries
        if entry.party is not Party.OWN
        and (entry.known is None or entry.known.at <= as_of)
        and not set(entry.sets) <= ours
    )
