"""The list of people who may have been reached: searched by key, narrowed by grade, relation and field."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from ashiato.rooms.cases.api import Permission
from ashiato.terms.grades import Grade
from ashiato.web.console.answers import answer_open, find_answer
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.console.people_found import Asked, find_people, list_fields

#: Grades a person of the list can have.
GRADES = (Grade.CONFIRMED, Grade.PROBABLE, Grade.POSSIBLE)
_LONGEST = 200


@in_case(Permission.SEE_PEOPLE)
def list_people(here: CaseRequest) -> HttpResponse:
    """Show one page of them; what is asked for stands in the address, so that it can be kept."""
    answer = find_answer(here.case)
    asked = asked_by(here.request.GET)
    told = page_of(here, "people") | {"answer": answer, "asked": asked, "grades": GRADES}
    with answer_open(here.case) as outcome:
        if outcome is not None and answer is not None:
            told |= {
                "found": find_people(outcome.store, asked),
                "fields": list_fields(outcome.store),
                "personas": [name for name in answer.facts.personas if name],
                "kept": _kept(asked),
            }
    return render(here.request, "console/people.html", told)


def asked_by(given: QueryDict) -> Asked:
    """Read what is asked for; what is none of the choices narrows nothing."""
    words = {grade.word: grade for grade in GRADES}
    number = given.get("page", "1")
    return Asked(
        search=given.get("search", "").strip()[:_LONGEST],
        grade=words.get(given.get("grade", "")),
        persona=given.get("persona", "")[:_LONGEST],
        field=given.get("field", "")[:_LONGEST],
        number=int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 1,
    )


def _kept(asked: Asked) -> str:
    """Return the part of an address that asks for the same, on another page."""
    grade = asked.grade.word if asked.grade else ""
    held = {"search": asked.search, "grade": grade, "persona": asked.persona, "field": asked.field}
    return urlencode({name: value for name, value in held.items() if value})
