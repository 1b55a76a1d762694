"""Two records side by side, that may be one person: masked, until somebody says why they look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render

from ashiato.engine.api import Outcome, record_look
from ashiato.exports.explaining.own_values import read_own_row
from ashiato.rooms.cases.api import Permission
from ashiato.web.console.answers import answer_open
from ashiato.web.console.doing import typed
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.looking import is_reason, keep_look
from ashiato.web.console.pages import page_of
from ashiato.web.console.reviews import LATER, VERDICTS, Review, find_review

_MASK = "■■■"


@dataclass(frozen=True)
class Side:
    """One record of a pair, and its values by column, masked or whole."""

    name: str
    fields: tuple[tuple[str, str], ...]


@in_case(Permission.SEE_PEOPLE)
def show_pair(here: CaseRequest) -> HttpResponse:
    """Show both records, masked; that somebody looked is an entry of the ledger."""
    pair = here.request.GET.get("id", "")
    with _asked(here, pair) as (outcome, review):
        keep_look(here, pair, "saw masked", "")
        return _render(here, outcome, review)


@in_case(Permission.UNMASK)
def unmask_pair(here: CaseRequest) -> HttpResponse:
    """Show both whole, once, to who gives a reason; case and server keep it before anything shows."""
    pair, reason = typed(here.request, "id"), typed(here.request, "reason")
    with _asked(here, pair) as (outcome, review):
        if not is_reason(reason):
            keep_look(here, pair, "saw masked", "")
            return _render(here, outcome, review, is_refused=True)
        for record in review.names:
            record_look(here.case, record, reason)
        keep_look(here, pair, "saw unmasked", reason)
        return _render(here, outcome, review, reason=reason)


@contextmanager
def _asked(here: CaseRequest, pair: str) -> Iterator[tuple[Outcome, Review]]:
    with answer_open(here.case) as outcome:
        review = find_review(here, outcome, pair) if outcome is not None else None
        if outcome is None or review is None:
            raise Http404
        yield outcome, review


def _render(
    here: CaseRequest, outcome: Outcome, review: Review, *, reason: str = "", is_refused: bool = False
) -> HttpResponse:
    records = zip(review.names, (review.one, review.other), strict=True)
    told = page_of(here, "reviews") | {
        "review": review,
        "sides": [_side(outcome, name, record, is_whole=bool(reason)) for name, record in records],
        "reason": reason,
        "is_refused": is_refused,
        "may_unmask": Permission.UNMASK in here.may,
        "may_decide": Permission.DECIDE_PAIRS in here.may,
        "verdicts": (*VERDICTS, LATER),
    }
    return render(here.request, "console/pair.html", told, status=400 if is_refused else 200)


def _side(outcome: Outcome, name: str, record: tuple[str, str, str], *, is_whole: bool) -> Side:
    row = read_own_row(outcome, *record)
    key = outcome.datamap.systems[record[0]].tables[record[1]].key if row else ()
    shown = {
        column: value if is_whole or column in key or not value else _MASK for column, value in row.items()
    }
    return Side(name, tuple(shown.items()))
