"""What an analyst decides: whose lines are the intruder's, and which records are one person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router

from ashiato.engine.api import Outcome, Pin, read_pins
from ashiato.exports.cell import show
from ashiato.rooms.cases.api import Permission
from ashiato.web.api import shapes
from ashiato.web.api.needing import here_of, needing, turned
from ashiato.web.console.answers import answer_open
from ashiato.web.console.doors import CaseRequest
from ashiato.web.console.pins import keep_pin, keep_unpin
from ashiato.web.console.reviews import Review, find_review, find_reviews, keep_verdict, queue_of

router = Router(tags=["decisions"])


@router.get("/pins", **needing(Permission.SEE_EVIDENCE, shapes.Pins), summary="What was said of lines")
def list_pins(request: HttpRequest, case: shapes.Case) -> dict[str, Any]:
    """List what was said of lines of the evidence, and by whom."""
    del case
    return {"pins": list(map(_told_pin, read_pins(here_of(request).case.folder)))}


@router.post("/pins", **needing(Permission.PIN, shapes.Pinned), summary="Say whose lines they are")
def pin(request: HttpRequest, case: shapes.Case, asked: shapes.PinAsked) -> dict[str, Any]:
    """Keep what is said of lines, which the next run follows; 409 where nothing was read there."""
    del case
    return {"events": keep_pin(here_of(request), asked.place, asked.verdict, asked.because)}


@router.post("/pins/take-back", **needing(Permission.PIN, shapes.Kept), summary="Take that back")
def unpin(request: HttpRequest, case: shapes.Case, asked: shapes.UnpinAsked) -> dict[str, Any]:
    """Take back what was said of a place; 409 where nothing was."""
    del case
    keep_unpin(here_of(request), asked.place, asked.because)
    return {}


@router.get("/pairs", **needing(Permission.SEE_PEOPLE, shapes.PairsPage), summary="One person or two?")
def list_pairs(request: HttpRequest, case: shapes.Case, page: shapes.Page = 1) -> dict[str, Any]:
    """List pairs of records that a human has to decide, by keys and codes alone."""
    del case
    with _run_of(here_of(request)) as (here, outcome):
        queue = queue_of(here, outcome)
        names, place = turned(queue.names, page)
        return place | {"open": queue.waiting, "pairs": list(map(_told, find_reviews(outcome, queue, names)))}


@router.post("/pairs", **needing(Permission.DECIDE_PAIRS, shapes.Kept), summary="Decide a pair")
def decide_pair(request: HttpRequest, case: shapes.Case, asked: shapes.PairDecided) -> dict[str, Any]:
    """Keep what is said of a pair, which the next run follows; 404 for a pair that the run does not have."""
    del case
    with _run_of(here_of(request)) as (here, outcome):
        if find_review(here, outcome, asked.pair) is None:
            raise Http404
        keep_verdict(here, outcome, asked.pair, (asked.verdict, asked.because))
    return {}


@contextmanager
def _run_of(here: CaseRequest) -> Iterator[tuple[CaseRequest, Outcome]]:
    """Open the newest run of a case; Http404 where none is finished."""
    with answer_open(here.case) as outcome:
        if outcome is None:
            raise Http404
        yield here, outcome


def _told_pin(pin: Pin) -> dict[str, Any]:
    words = {name: show(getattr(pin, name)) for name in ("place", "file", "verdict", "because", "analyst")}
    return words | {"line_first": pin.line_first, "line_last": pin.line_last}


def _told(review: Review) -> dict[str, Any]:
    told = {
        name: getattr(review, name) for name in ("pair", "score", "agree", "conflict", "said", "is_put_off")
    }
    return told | {"names": tuple(map(show, review.names))}
