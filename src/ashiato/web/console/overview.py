"""The page a case opens with: how many, who, what next; gaps and unread lines before anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from ashiato.exports.facts import Facts, FieldFact
from ashiato.exports.people_facts import PeopleBounds
from ashiato.rooms.cases.api import Permission
from ashiato.terms.categories import Category
from ashiato.terms.grades import Grade
from ashiato.web.console.answers import Answer, find_answer
from ashiato.web.console.clocks import clocks_of, find_assessment
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.gaps import gaps_of
from ashiato.web.console.pages import page_of
from ashiato.web.console.steps import next_steps
from ashiato.web.wording import fact_words

#: What harms most when it is known, the gravest first; of the rest only how many fields there are.
_GRAVEST = (
    Category.MEDICAL, Category.BANK_ACCOUNT, Category.CARD, Category.CREDENTIAL, Category.GOVERNMENT_NUMBER,
    Category.CONTACT, Category.BIRTH, Category.IDENTITY,
)  # fmt: skip
_MOST_KINDS = 4


@in_case(Permission.SEE_CASE)
def show_overview(here: CaseRequest) -> HttpResponse:
    """Show the case at once."""
    answer = find_answer(here.case)
    assessment = find_assessment(here.case, here.now)
    clocks = None if assessment is None else clocks_of(assessment, fact_words())
    steps = next_steps(here, answer, clocks)
    told = page_of(here, "overview") | {
        "answer": answer,
        "steps": steps,
        "clocks": clocks or [],
        "has_diary": clocks is not None,
    }
    if answer is not None:
        told |= _counts(answer)
    return render(here.request, "console/overview.html", told)


@dataclass(frozen=True)
class Share:
    """One grade's part of everything counted: from where to where, in thousandths."""

    grade: str
    key: str
    least: int
    most: int
    start: float
    width: float


def shares_of(counted: dict[str, PeopleBounds]) -> list[Share]:
    """Lay grades side by side, by their upper bounds."""
    whole = sum(bounds.at_most for bounds in counted.values()) or 1
    shares, start = [], 0.0
    for grade, bounds in counted.items():
        width = 1000 * bounds.at_most / whole
        key = grade.replace(" ", "-")
        shares.append(Share(grade, key, bounds.at_least, bounds.at_most, round(start, 2), round(width, 2)))
        start += width
    return shares


@dataclass(frozen=True)
class Kind:
    """A kind of field, and of how many records a field of it came into reach."""

    category: str
    fields: int
    least: int
    most: int | None


def kinds_of(fields: tuple[FieldFact, ...]) -> list[Kind]:
    """Gather fields by kind, the gravest kinds alone; a kind reaches as far as its widest field."""
    held = {kind: [fact for fact in fields if fact.category is kind] for kind in _GRAVEST}
    return [_kind(kind, facts) for kind, facts in held.items() if facts][:_MOST_KINDS]


def _kind(kind: Category, facts: list[FieldFact]) -> Kind:
    most = [fact.bounds.at_most for fact in facts]
    known = [each for each in most if each is not None]
    widest = max(known) if len(known) == len(most) else None
    return Kind(str(kind), len(facts), max(fact.bounds.at_least for fact in facts), widest)


def _counts(answer: Answer) -> dict[str, Any]:
    """Count people; where no records were matched to people, records."""
    facts = answer.facts
    people, told = facts.people, facts.told
    return {
        "facts": facts,
        "unit": "people" if people else "records",
        "reached": people.reached if people else facts.reached,
        "shares": shares_of(grades_of(facts)),
        "personas": people.personas if people else facts.personas,
        "kinds": kinds_of(facts.fields),
        "grave": told.levels.get(3) if told else None,
        "unreachable": told.unreachable if told else None,
        "gaps": gaps_of(answer),
        "outside": facts.outside,
    }


def grades_of(facts: Facts) -> dict[str, PeopleBounds]:
    """Count people by grade; where no records were matched to people, records."""
    if facts.people and facts.told:
        return dict(facts.told.grades)
    told = (Grade.CONFIRMED, Grade.PROBABLE, Grade.POSSIBLE)
    return {grade.word: PeopleBounds(facts.by_grade[grade], facts.by_grade[grade]) for grade in told}
