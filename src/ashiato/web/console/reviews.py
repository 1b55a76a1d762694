"""Pairs of records that may be one person: the queue, and a human's word, which the next run follows."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from ashiato.engine.api import Outcome, Row, decide_pair, list_verdicts
from ashiato.rooms.accounts.api import entries_about, record_entry
from ashiato.rooms.cases.api import Permission
from ashiato.web.console.answers import answer_open
from ashiato.web.console.doing import done, refuse, try_it, typed
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.looking import code_of, is_reason
from ashiato.web.console.pages import page_of
from ashiato.web.console.proving import sent_alone

VERDICTS, LATER = ("same", "different"), "later"
_ROWS = 50
_PUT_OFF = "put off pair"
_QUEUE = """
SELECT pair, system, table_name, record_key, other_system, other_table_name, other_record_key,
    score, agree, conflict, decision
FROM match_reviews
"""


@dataclass(frozen=True)
class Review:
    """A pair that the run could not decide: its two records, what speaks for and against, what was said."""

    pair: str
    one: tuple[str, str, str]
    other: tuple[str, str, str]
    score: int
    agree: tuple[str, ...]
    conflict: tuple[str, ...]
    said: str = ""
    is_put_off: bool = False

    @property
    def names(self) -> tuple[str, str]:
        """Both records by system, table and key."""
        return "/".join(self.one), "/".join(self.other)


def find_review(here: CaseRequest, outcome: Outcome, pair: str) -> Review | None:
    """Return a pair of the newest run by its name; None where it has none."""
    rows = outcome.store.rows(f"{_QUEUE} WHERE pair = ?", [pair])
    return _review(rows[0], list_verdicts(here.case), _put_off(here), here) if rows else None


def queue_of(here: CaseRequest, outcome: Outcome) -> list[Review]:
    """Return all pairs: what nobody decided first, of it what was put off last, the surest first."""
    said, put_off = list_verdicts(here.case), _put_off(here)
    rows = outcome.store.rows(f"{_QUEUE} ORDER BY score DESC, pair")
    held = [_review(row, said, put_off, here) for row in rows]
    return sorted(held, key=lambda each: (bool(each.said), each.is_put_off))


def _review(row: Row, said: dict[str, str], put_off: set[str], here: CaseRequest) -> Review:
    pair, *records, score, agree, conflict, decision = row
    speaks, speaks_against = (tuple(filter(None, (codes or "").split(";"))) for codes in (agree, conflict))
    told = said.get(pair) or decision or ""
    is_put_off = bool(put_off) and code_of(here, pair) in put_off
    one, other = (records[0], records[1], records[2]), (records[3], records[4], records[5])
    return Review(pair, one, other, score, speaks, speaks_against, told, is_put_off)


def _put_off(here: CaseRequest) -> set[str]:
    return set(entries_about(here.file.name).filter(verb=_PUT_OFF).values_list("subject", flat=True))


@in_case(Permission.SEE_PEOPLE)
def list_reviews(here: CaseRequest) -> HttpResponse:
    """Show the queue, by keys and codes alone."""
    with answer_open(here.case) as outcome:
        held = queue_of(here, outcome) if outcome is not None else []
    told = page_of(here, "reviews") | {
        "reviews": Paginator(held, _ROWS).get_page(here.request.GET.get("page")),
        "open": sum(not each.said for each in held),
    }
    return render(here.request, "console/reviews.html", told)


@in_case(Permission.DECIDE_PAIRS)
@sent_alone
def decide_review(here: CaseRequest) -> HttpResponse:
    """Note what somebody says of a pair and why, and go on to the next that nobody decided."""
    request = here.request
    pair, verdict, because = (typed(request, name) for name in ("pair", "verdict", "because"))
    with answer_open(here.case) as outcome:
        review = find_review(here, outcome, pair) if outcome is not None else None
        if outcome is None or review is None or verdict not in (*VERDICTS, LATER):
            raise Http404
        if not is_reason(because):
            refuse(request, "person.no_reason")
            return redirect(address_of(here, pair))
        if verdict == LATER:
            _record(here, pair, _PUT_OFF, because)
            done(request, "reviews.done_later")
            return redirect(_next(here, outcome, pair))
        kept = try_it(
            request,
            lambda: decide_pair(here.case, outcome.store, pair, verdict, by=here.staff.name, because=because),
        )
        if kept is None:
            return redirect(address_of(here, pair))
        _record(here, pair, f"decided pair {verdict}", because)
        done(request, f"reviews.done_{verdict}")
        return redirect(_next(here, outcome, pair))


def address_of(here: CaseRequest, pair: str) -> str:
    """Return where a pair is shown."""
    return f"{reverse('pair', args=[here.file.name])}?{urlencode({'id': pair})}"


def _record(here: CaseRequest, pair: str, verb: str, why: str) -> None:
    record_entry(here.staff, verb, here.file.name, at=here.now, why=why, subject=code_of(here, pair))


def _next(here: CaseRequest, outcome: Outcome, pair: str) -> str:
    waiting = (each for each in queue_of(here, outcome) if not each.said and each.pair != pair)
    first = next(waiting, None)
    return address_of(here, first.pair) if first else reverse("reviews", args=[here.file.name])
