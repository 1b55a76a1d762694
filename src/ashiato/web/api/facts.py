"""What a case's newest answer says: counts, people, exposures, pictures."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Path, Query, Router
from ninja.errors import HttpError

from ashiato.exports.cell import show
from ashiato.rooms.cases.api import Permission
from ashiato.terms.grades import Grade
from ashiato.web.api import shapes
from ashiato.web.api.needing import ROWS, here_of, needing
from ashiato.web.console.answers import answer_open, find_answer
from ashiato.web.console.clocks import clocks_of, find_assessment
from ashiato.web.console.gaps import gaps_of
from ashiato.web.console.overview import grades_of
from ashiato.web.console.people import GRADES
from ashiato.web.console.people_found import Asked, find_people
from ashiato.web.console.person_told import RecordTold, tell_masked, tell_whole
from ashiato.web.console.picture_facts import DRAWN, span_asked
from ashiato.web.console.steps import next_steps
from ashiato.web.wording import fact_words

router = Router(tags=["facts"])


@router.get("", **needing(Permission.SEE_CASE, shapes.Overview), summary="How many, what next")
def tell_overview(request: HttpRequest, case: shapes.Case) -> dict[str, Any]:
    """Count by grade, both bounds; what the evidence is silent on; what to do next, the pressing first."""
    del case
    here = here_of(request)
    answer, assessment = find_answer(here.case), find_assessment(here.case, here.now)
    clocks = None if assessment is None else clocks_of(assessment, fact_words())
    facts = answer.facts if answer else None
    gaps = gaps_of(answer) if answer else None
    return {
        "name": here.file.name,
        "zone": here.zone.key,
        "run": answer.run if answer else None,
        "is_stale": bool(answer and answer.is_stale),
        "unit": ("people" if facts.people else "records") if facts else None,
        "reached": _bounds(facts.people.reached if facts.people else facts.reached) if facts else None,
        "grades": {name: _bounds(each) for name, each in grades_of(facts).items()} if facts else {},
        "personas": _personas(facts) if facts else {},
        "unread_lines": gaps.unread_lines if gaps else None,
        "holes": gaps.holes_in_all if gaps else None,
        "steps": [
            {"key": step.key, "number": step.number, "name": show(step.name), "is_urgent": step.is_urgent}
            for step in next_steps(here, answer, clocks)
        ],
    }


def _bounds(bounds: Any) -> dict[str, int | None]:  # noqa: ANN401 - of people, or of records
    return {"at_least": bounds.at_least, "at_most": bounds.at_most}


def _personas(facts: Any) -> dict[str, dict[str, int | None]]:  # noqa: ANN401 - as above
    counted = facts.people.personas if facts.people else facts.personas
    return {show(name): _bounds(each) for name, each in counted.items()}


@router.get("/people", **needing(Permission.SEE_PEOPLE, shapes.PeoplePage), summary="Who")
def list_people(request: HttpRequest, case: shapes.Case, asked: Query[shapes.PeopleAsked]) -> dict[str, Any]:
    """List people of whom a record is possible at least; keys and codes, never a value."""
    del case
    words = {each.word: each for each in GRADES}
    if asked.grade and asked.grade not in words:
        raise HttpError(422, f"grade: one of {', '.join(words)}")
    with answer_open(here_of(request).case) as outcome:
        if outcome is None:
            raise Http404
        grade = words.get(asked.grade)
        narrowed = Asked(asked.search, grade, asked.persona, asked.field, asked.page)
        found = find_people(outcome.store, narrowed)
    people = [
        {**vars(each), "grade": each.grade.word, "personas": each.personas, "states": each.states}
        for each in found.rows
    ]
    return {"page": found.number, "last": found.last, "total": found.total, "people": people}


@router.get("/person", **needing(Permission.SEE_PEOPLE, shapes.PersonTold), summary="Why this grade")
def tell_person(request: HttpRequest, case: shapes.Case, id: shapes.Word) -> dict[str, Any]:  # noqa: A002 - as on the page
    """Tell one person's records, paths and lines, values masked; the look is an entry of the ledger."""
    del case
    return _person(id, tell_masked(here_of(request), id), is_masked=True)


@router.post("/person", **needing(Permission.UNMASK, shapes.PersonTold), summary="The same unmasked")
def unmask_person(request: HttpRequest, case: shapes.Case, asked: shapes.ReasonForLook) -> dict[str, Any]:
    """Tell the same as it is; the reason is kept in the ledgers of case and server first."""
    del case
    whole = tell_whole(here_of(request), asked.id, asked.reason)
    if whole is None:
        raise HttpError(422, "reason: 5 to 400 characters")
    return _person(asked.id, whole, is_masked=False)


def _person(person: str, records: list[RecordTold], *, is_masked: bool) -> dict[str, Any]:
    return {"person_id": person, "is_masked": is_masked, "records": [_record(each) for each in records]}


def _record(told: RecordTold) -> dict[str, Any]:
    paths = [
        {
            "path": path.path,
            "title": path.title,
            "left_out": path.left_out,
            "fields": [{**vars(each), "grade": each.grade.word} for each in path.fields],
            "events": [
                {**vars(event), "lines": [vars(line) for line in event.lines]} for event in path.events
            ],
        }
        for path in told.paths
    ]
    reasons = [reason.code for reason in told.reasons]
    return {
        "record": told.record.name,
        "grade": told.record.grade.word,
        "reasons": reasons,
        "paths": paths,
    }


_COLUMNS = ("system", "table", "key", "path", "field", "grade", "rung", "reasons")
_EXPOSURES = f"""
    FROM exposures WHERE (? = '' OR field = ?) AND (? = '' OR path = ?) AND grade >= {int(Grade.POSSIBLE)}
"""
_ROWS = f"""
    SELECT system, table_name, record_key, path, field, grade, rung, coalesce(reasons, '') {_EXPOSURES}
    ORDER BY system, table_name, record_key, path, field LIMIT {ROWS} OFFSET ?
"""


@router.get("/exposures", **needing(Permission.SEE_PEOPLE, shapes.ExposurePage), summary="What, how far")
def list_exposures(
    request: HttpRequest,
    case: shapes.Case,
    field: shapes.Word = "",
    path: shapes.Word = "",
    page: shapes.Page = 1,
) -> dict[str, Any]:
    """List every field of every record by access path that is possible at least."""
    del case
    given = [field, field, path, path]
    with answer_open(here_of(request).case) as outcome:
        if outcome is None:
            raise Http404
        ((total,),) = outcome.store.rows(f"SELECT count(*) {_EXPOSURES}", given)
        last = max(1, -(-total // ROWS))
        number = min(page, last)
        rows = outcome.store.rows(_ROWS, [*given, (number - 1) * ROWS])
    told = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    exposures = [each | {"grade": Grade(each["grade"]).word} for each in told]
    return {"page": number, "last": last, "total": total, "exposures": exposures}


@router.get("/pictures/{name}", **needing(Permission.SEE_CASE, shapes.PictureShape), summary="Figures")
def tell_picture(
    request: HttpRequest,
    case: shapes.Case,
    name: Path[shapes.Word],
    first: shapes.Word = "",
    last: shapes.Word = "",
) -> dict[str, object]:
    """Tell the figures of a picture: timeline (of a stretch, if one is said), growth, fields, ways."""
    del case
    here, answer = here_of(request), find_answer(here_of(request).case)
    with answer_open(here.case) as outcome:
        if name not in DRAWN or answer is None or outcome is None:
            raise Http404
        return DRAWN[name](outcome, answer.facts, span_asked(first, last, here.zone)).figures
