"""What a run's answer gives a draft: how many, which fields, by which way, and what was not seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from ashiato.exports.facts import Bounds, Facts, FieldFact, HoleFact, PathFact
from ashiato.exports.people_facts import PeopleBounds
from ashiato.exports.words import Words
from ashiato.letters.document import Ground, Said
from ashiato.letters.phrases import instant_text, joined, phrase
from ashiato.terms.categories import Category
from ashiato.terms.counts import Bound, Count, Unit
from ashiato.terms.grades import Grade
from ashiato.terms.times import moment_of


@dataclass(frozen=True)
class RunAnswers:
    """The answer of one run in one language. Records stay records, and what overlaps is never added."""

    facts: Facts
    run: str
    words: Words

    def flags(self) -> dict[str, bool]:
        """What a run found, as an outline may ask for it."""
        reached = self.facts.reached
        return {
            "run.present": True,
            "run.confirmed": reached.at_least > 0,
            "run.doubtful": reached.at_most is None or reached.at_most > reached.at_least,
            "run.people": self.facts.people is not None,
            "run.holes": bool(self.facts.holes),
            "run.cleared": any(each.whole_category for each in self.facts.cleared),
            "run.persons": any(self.facts.personas),
        }

    def say(self, name: str) -> Said | None:
        """Return the text for a name; None where the run does not tell it."""
        makers: dict[str, Callable[[], Said | None]] = {
            "run.period": self._period,
            "run.paths": self._paths,
            "run.records": self._records,
            "run.people": self._people,
            "run.personas": self._personas,
            "run.confirmed_fields": lambda: self._fields(Grade.CONFIRMED),
            "run.doubtful_fields": lambda: self._fields(Grade.POSSIBLE),
            "run.field_counts": lambda: self._field_counts(self.facts.fields),
            "run.bank_fields": lambda: self._field_counts(
                [fact for fact in self.facts.fields if fact.category is Category.BANK_ACCOUNT]
            ),
            "run.cleared": self._cleared,
            "run.holes": self._holes,
        }
        return makers[name]()

    def confirmed(self) -> str:
        """How many records are confirmed, as a phrase."""
        count = Count(self.facts.reached.at_least, Unit.RECORDS, Bound.AT_LEAST, self.facts.as_of)
        return self.words.count(count)

    def _period(self) -> Said | None:
        if not self.facts.paths:
            return None
        first = min(path.first_us for path in self.facts.paths)
        last = max(path.last_us for path in self.facts.paths)
        return self._said(self._between(first, last), self._seen)

    def _paths(self) -> Said | None:
        return self._listed([self._path(path) for path in self.facts.paths], self._seen)

    def _path(self, path: PathFact) -> str:
        title = self.words.unnamed_title(path.technique, path.title)
        period = self._between(path.first_us, path.last_us)
        return phrase("path", self.words.language, title=title, period=period)

    def _records(self) -> Said | None:
        if not self.facts.mapped:
            return None
        text = phrase("records", self.words.language, bounds=self._bounds(self.facts.reached))
        return self._said(text, self._range_of_grades())

    def _people(self) -> Said | None:
        people = self.facts.people
        return self._said(self._bounds(people.reached), self._range_of_grades()) if people else None

    def _personas(self) -> Said | None:
        """Each persona's number: of people where records were matched, else of records."""
        people = self.facts.people
        held: Mapping[str, Bounds | PeopleBounds] = people.personas if people else self.facts.personas
        lines = [self._persona(name, bounds) for name, bounds in held.items() if bounds.at_most != 0]
        return self._listed(lines, self._range_of_grades())

    def _persona(self, name: str, bounds: Bounds | PeopleBounds) -> str:
        language = self.words.language
        persona = self.words.code("personas", name) if name else phrase("unknown_persona", language)
        return phrase("persona_counts", language, persona=persona, bounds=self._bounds(bounds))

    def _fields(self, grade: Grade) -> Said | None:
        """Categories of fields that are confirmed, or of those that are only doubtful."""
        sure = {f.category for f in self.facts.fields if f.bounds.at_least > 0}
        held = sure if grade is Grade.CONFIRMED else {f.category for f in self.facts.fields} - sure
        return self._said(self._kinds(held), self.words.grade(grade))

    def _kinds(self, held: Collection[Category]) -> str:
        """Categories in their usual order, names first."""
        titles = (self.words.code("categories", category) for category in Category if category in held)
        return joined(titles, self.words.language)

    def _field_counts(self, fields: Iterable[FieldFact]) -> Said | None:
        language = self.words.language
        lines = [
            phrase("field_counts", language, field=self._field(fact), bounds=self._bounds(fact.bounds))
            for fact in fields
        ]
        return self._listed(lines, self._range_of_grades())

    def _cleared(self) -> Said | None:
        """Kinds of information of which every field is proven not reached."""
        kinds = {each.category for each in self.facts.cleared if each.whole_category}
        return self._said(self._kinds(kinds), self.words.grade(Grade.NOT_REACHED))

    def _holes(self) -> Said | None:
        return self._listed([self._hole(hole) for hole in self.facts.holes], self._seen)

    def _hole(self, hole: HoleFact) -> str:
        language = self.words.language
        if hole.first_us is None or hole.last_us is None:
            period = phrase("unknown_period", language)
        else:
            period = self._between(hole.first_us, hole.last_us)
        reason = self.words.reason("hole_reasons", hole.reason)
        return phrase("hole", language, source=hole.source, period=period, reason=reason)

    def _field(self, fact: FieldFact) -> str:
        return self._named(fact.field, fact.category)

    def _named(self, field: str, category: str) -> str:
        title = self.words.code("categories", category)
        return phrase("field", self.words.language, category=title, field=field)

    def _bounds(self, bounds: Bounds | PeopleBounds) -> str:
        counts = bounds.counts(self.facts.as_of)
        least, most = counts["at_least"], counts["at_most"]
        said = self.words.count(least) if least else ""
        if most is None:
            return phrase("bounds_open", self.words.language, least=said)
        if bounds.at_most == bounds.at_least:
            return self.words.count(replace(most, bound=Bound.EXACT))
        return phrase("bounds", self.words.language, least=said, most=self.words.count(most))

    def _between(self, first_us: int, last_us: int) -> str:
        zone, language = self.facts.zone, self.words.language
        first, last = (instant_text(moment_of(at, zone), zone, language) for at in (first_us, last_us))
        return first if first == last else phrase("from_to", language, first=first, last=last)

    def _range_of_grades(self) -> str:
        return self.words.say(
            "range", at_least=self.words.grade(Grade.POSSIBLE), at_most=self.words.grade(Grade.CONFIRMED)
        )

    @property
    def _seen(self) -> str:
        return phrase("seen", self.words.language)

    def _listed(self, lines: list[str], sure: str) -> Said | None:
        return self._said("\n".join(lines), sure)

    def _said(self, text: str, sure: str) -> Said | None:
        run = phrase("run", self.words.language, run=self.run)
        return Said(text, (Ground(run, "summary.json", sure),)) if text else None
