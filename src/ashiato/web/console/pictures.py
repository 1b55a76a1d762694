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
from ashiato.web.console.doors import Visit, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.console.picture_facts import DRAWN, Picture, Span, span_asked
from ashiato.web.wording import screen_words


@in_case(Permission.SEE_CASE)
def show_pictures(visit: Visit) -> HttpResponse:
    """Show every picture; ``from`` and ``to`` narrow the timeline."""
    span, pictures = _span(visit), list[Picture]()
    with _answered(visit) as answered:
        if answered is not None:
            pictures = [draw(*answered, span) for draw in DRAWN.values()]
    told = page_of(visit, "pictures") | {
        "pictures": pictures,
        "chart_words": screen_words().section("pictures"),
        "first": visit.request.GET.get("from", ""),
        "last": visit.request.GET.get("to", ""),
    }
    return render(visit.request, "console/pictures.html", told)


@in_case(Permission.SEE_CASE)
def tell_picture(visit: Visit, name: str) -> HttpResponse:
    """Answer one picture's figures anew, for the stretch of time that is asked for."""
    return JsonResponse(_drawn(visit, name).figures)


@in_case(Permission.SEE_CASE)
def download_picture(visit: Visit, name: str) -> HttpResponse:
    """Answer one picture's figures as CSV; cells that a spreadsheet would run are shielded."""
    picture = _drawn(visit, name)
    lines = [picture.columns, *picture.rows]
    text = "".join(",".join(_quoted(str(cell)) for cell in line) + "\r\n" for line in lines)
    answer = HttpResponse(b"\xef\xbb\xbf" + text.encode(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{visit.file.name}-{name}.csv"'
    return answer


def _quoted(cell: str) -> str:
    return '"' + shield(cell).replace('"', '""') + '"'


def _drawn(visit: Visit, name: str) -> Picture:
    with _answered(visit) as answered:
        if name not in DRAWN or answered is None:
            raise Http404
        return DRAWN[name](*answered, _span(visit))


@contextmanager
def _answered(visit: Visit) -> Iterator[tuple[Outcome, Facts] | None]:
    answer = find_answer(visit.case)
    with answer_open(visit.case) as outcome:
        yield None if outcome is None or answer is None else (outcome, answer.facts)


def _span(visit: Visit) -> Span:
    given = visit.request.GET
    return span_asked(given.get("from", ""), given.get("to", ""), visit.zone)
