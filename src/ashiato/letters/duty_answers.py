"""What the law's answers give a draft: to whom, by when, on which grounds, which situations hold."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import cached_property

from ashiato.exports.words import Words
from ashiato.law.api import (
    Answer,
    Assessment,
    Duty,
    Every,
    Place,
    Reading,
    See,
    load_vocabulary,
    values_of,
    weigh,
)
from ashiato.letters.document import Ground, Said
from ashiato.letters.grounds import entry_ground
from ashiato.letters.phrases import instant_text, joined, moment_text, phrase, weekday_text


@dataclass(frozen=True)
class DutyAnswers:
    """The duties one kind of draft answers: those named in ``rules`` that concern this incident."""

    assessment: Assessment
    rules: tuple[str, ...]
    words: Words

    @cached_property
    def named(self) -> tuple[Duty, ...]:
        """The duties this draft may answer, in the order the outline names them."""
        found = (self.assessment.duty(rule) for rule in self.rules)
        return tuple(duty for duty in found if duty is not None)

    @cached_property
    def binding(self) -> tuple[Duty, ...]:
        """Those that apply and can be relied on; where none can, those whose text is still to be verified."""
        relied = tuple(duty for duty in self.named if duty.binds)
        return relied or tuple(duty for duty in self.named if duty.answer is Answer.APPLIES)

    @cached_property
    def _places_open(self) -> tuple[Place, ...]:
        """Places of these rules whose law may concern us and may not: nothing is denied for them."""
        held = {self.assessment.rulebook.rules[rule].place for rule in self.rules}
        return tuple(place for place in self.assessment.places_open if place.code in held)

    def flags(self) -> dict[str, bool]:
        """Whether a duty applies, may apply by an unverified text, is still open, or none is seen."""
        relied = any(duty.binds for duty in self.named)
        unknown = any(duty.answer is Answer.NOT_KNOWN for duty in self.named) or bool(self._places_open)
        is_open = not self.binding and unknown
        return {
            "duty.applies": relied,
            "duty.unverified": bool(self.binding) and not relied,
            "duty.open": is_open,
            "duty.none": not self.binding and not is_open,
        }

    def say(self, name: str) -> Said | None:
        """Return the text for a name; None where it is not known."""
        makers: dict[str, Callable[[], Said | None]] = {
            "duty.recipient": self._recipient,
            "duty.due": self._due,
            "duty.basis": self._basis,
            "duty.known": self._known,
            "duty.situations": self._situations,
            "duty.missing": self._missing,
            "duty.course": self._course,
        }
        return makers[name]()

    def _recipient(self) -> Said | None:
        told = (recipient for duty in self.binding for recipient in duty.recipients)
        return self._said((each.title.within(self.words.language) for each in told), self.binding)

    def _due(self) -> Said | None:
        held = [(duty, duty.safe) for duty in self.binding if duty.safe is not None]
        return self._said((self._due_of(duty, safe) for duty, safe in held), [duty for duty, _ in held])

    def _due_of(self, duty: Duty, safe: Reading) -> str:
        language, zone = self.words.language, self.assessment.diary.zone
        title = duty.rule.title.within(language)
        if safe.due_at is not None:
            return phrase("due_of", language, title=title, due=instant_text(safe.due_at, zone, language))
        if safe.due is None:
            return phrase("promptly_of", language, title=title)
        due = weekday_text(safe.due, language)
        if safe.due_from is None:
            return phrase("due_of", language, title=title, due=due)
        return phrase("guide_of", language, title=title, first=weekday_text(safe.due_from, language), due=due)

    def _basis(self) -> Said | None:
        return self._said((basis for duty in self.binding for basis in duty.rule.basis), self.binding)

    def _known(self) -> Said | None:
        """When we came to know: the first moment a situation held; unknown where one of them held before."""
        held = [(duty, duty.since) for duty in self.assessment.situations]
        moments = [since for _, since in held if since is not None]
        if not moments or len(moments) < len(held):
            return None
        first = min(moments, key=lambda moment: moment.at)
        text = moment_text(first, self.assessment.diary.zone, self.words.language)
        return self._said([text], [duty for duty, since in held if since == first])

    def _situations(self) -> Said | None:
        """Those that hold, without the one that only gathers the others."""
        rules = self.assessment.rulebook.rules
        held = [
            duty
            for duty in self.assessment.situations
            if not (isinstance(asked := duty.rule.applies_if, Every) and _sees_one_of(asked, rules))
        ]
        return self._said((duty.rule.title.within(self.words.language) for duty in held), held)

    def _missing(self) -> Said | None:
        open_duties = [duty for duty in self.named if duty.answer is Answer.NOT_KNOWN]
        values = values_of(self.assessment.facts)
        reach = [weigh(each.concerned_if, values, each.conditions).missing for each in self._places_open]
        names = sorted(set().union(*(duty.missing for duty in open_duties), *reach))
        titles = (load_vocabulary().title(name).within(self.words.language) for name in names)
        return self._said(titles, open_duties)

    def _course(self) -> Said | None:
        """The diary's own entries, in the order they became known."""
        entries = [e for e in self.assessment.diary.own_until(self.assessment.as_of) if e.says]
        language, zone = self.words.language, self.assessment.diary.zone
        lines = [
            phrase(
                "course",
                language,
                when=moment_text(entry.known, zone, language) if entry.known else self.words.say("not_known"),
                what=entry.says,
            )
            for entry in entries
        ]
        return Said("\n".join(lines), tuple(entry_ground(e, language) for e in entries)) if lines else None

    def _said(self, texts: Iterable[str], duties: Iterable[Duty]) -> Said | None:
        text = joined(dict.fromkeys(texts), self.words.language)
        grounds = dict.fromkeys(self._ground(duty) for duty in duties)
        return Said(text, tuple(grounds)) if text else None

    def _ground(self, duty: Duty) -> Ground:
        rule = duty.rule
        what = phrase("rule", self.words.language, rule=rule.id, version=rule.version)
        return Ground(what, f"{rule.source.title} {rule.source.section}", rule.source.grade)


def _sees_one_of(asked: Every, rules: Container[str]) -> bool:
    return any(isinstance(part, See) and part.name in rules for part in asked.parts)
