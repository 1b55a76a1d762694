"""Pictures of the newest answer; below each its figures as a table, which can be taken away as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render

from ashiato.engine.api import Outcome
from ashiato.exports.cell import shield
from ashiato.exports.facts import Facts
from ashiato.rooms.cases.api import Permission
from ashiato.web.console.answers import answer_open, find_answer
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.console.picture_facts import DRAWN, Picture, Span, span_asked
from ashiato.web.wording import screen_words


@in_case(Permission.SEE_CASE)
def show_pictures(here: CaseRequest) -> HttpResponse:
    """Show every picture; ``from`` and ``to`` narrow the timeline."""
    span, pictures = _span(here), list[Picture]()
    with _answered(here) as answered:
        if answered is not None:
            pictures = [draw(*answered, span) for draw in DRAWN.values()]
    told = page_of(here, "pictures") | {
        "pictures": pictures,
        "chart_words": screen_words().section("pictures"),
        "first": here.request.GET.get("from", ""),
        "last": here.request.GET.get("to", ""),
    }
    return render(here.request, "console/pictures.html", told)


@in_case(Permission.SEE_CASE)
def tell_picture(here: CaseRequest, name: str) -> HttpResponse:
    """Answer one picture's figures anew, for the stretch of time that is asked for."""
    return JsonResponse(_drawn(here, name).figures)


@in_case(Permission.SEE_CASE)
def download_picture(here: CaseRequest, name: str) -> HttpResponse:
    """Answer one picture's figures as CSV; cells that a spreadsheet would run are shielded."""
    return as_csv(here, _drawn(here, name))


def as_csv(here: CaseRequest, picture: Picture) -> HttpResponse:
    """Answer a picture's table as a file of the case's and its own name."""
    lines = [picture.columns, *picture.rows]
    text = "".join(",".join(_quoted(str(cell)) for cell in line) + "\r\n" for line in lines)
    answer = HttpResponse(b"\xef\xbb\xbf" + text.encode(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{here.file.name}-{picture.name}.csv"'
    return answer


def _quoted(cell: str) -> str:
    return '"' + shield(cell).replace('"', '""') + '"'


def _drawn(here: CaseRequest, name: str) -> Picture:
    with _answered(here) as answered:
        if name not in DRAWN or answered is None:
            raise Http404
        return DRAWN[name](*answered, _span(here))


@contextmanager
def _answered(here: CaseRequest) -> Iterator[tuple[Outcome, Facts] | None]:
    answer = find_answer(here.case)
    with answer_open(here.case) as outcome:
        yield None if outcome is None or answer is None else (outcome, answer.facts)


def _span(here: CaseRequest) -> Span:
    given = here.request.GET
    return span_asked(given.get("from", ""), given.get("to", ""), here.zone)
