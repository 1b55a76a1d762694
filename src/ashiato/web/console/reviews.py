"""Pairs of records that may be one person: the queue, and a human's word, which the next run follows."""

from __future__ import annotations

from collections.abc import Sequence
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
from ashiato.web.console.looking import code_of, is_reason, namer_of, why_of
from ashiato.web.console.pages import page_of
from ashiato.web.console.proving import sent_alone

VERDICTS, LATER = ("same", "different"), "later"
_ROWS = 50
_PUT_OFF = "put off pair"
_PAIRS = """
SELECT pair, system, table_name, record_key, other_system, other_table_name, other_record_key,
    score, agree, conflict
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


@dataclass(frozen=True)
class Queue:
    """The pairs of a run by name alone, in the order in which they are to be decided."""

    names: tuple[str, ...]
    said: dict[str, str]
    put_off: frozenset[str]

    @property
    def waiting(self) -> int:
        """How many nobody decided."""
        return len(self.names) - len(self.said)

    def after(self, pair: str) -> str | None:
        """Return the first that nobody decided and is not this one."""
        return next((each for each in self.names if each not in self.said and each != pair), None)


def queue_of(here: CaseRequest, outcome: Outcome) -> Queue:
    """Order all pairs: what nobody decided first, of it what was put off last, the surest first."""
    rows = outcome.store.rows("SELECT pair, decision FROM match_reviews ORDER BY score DESC, pair")
    told = list_verdicts(here.case)
    said = {pair: verdict for pair, decision in rows if (verdict := told.get(pair) or decision)}
    codes = _codes_put_off(here)
    names = [pair for pair, _ in rows]
    name = namer_of(here)
    put_off = frozenset(pair for pair in names if codes and name(pair) in codes)
    return Queue(tuple(sorted(names, key=lambda pair: (pair in said, pair in put_off))), said, put_off)


def find_reviews(outcome: Outcome, queue: Queue, pairs: Sequence[str]) -> list[Review]:
    """Return pairs of the run by their names, in that order; those it does not have are left out."""
    asked = ", ".join("?" for _ in pairs) or "NULL"
    rows = {row[0]: row for row in outcome.store.rows(f"{_PAIRS} WHERE pair IN ({asked})", list(pairs))}
    return [_review(rows[pair], queue) for pair in pairs if pair in rows]


def find_review(here: CaseRequest, outcome: Outcome, pair: str) -> Review | None:
    """Return a pair of the newest run by its name; None where it has none."""
    rows = outcome.store.rows("SELECT decision FROM match_reviews WHERE pair = ?", [pair])
    told = list_verdicts(here.case).get(pair) or (rows[0][0] if rows else None)
    put_off = frozenset({pair} if code_of(here, pair) in _codes_put_off(here) else ())
    alone = Queue((pair,), {pair: told} if told else {}, put_off)
    return next(iter(find_reviews(outcome, alone, [pair])), None)


def _codes_put_off(here: CaseRequest) -> set[str]:
    return set(entries_about(here.file.name).filter(verb=_PUT_OFF).values_list("subject", flat=True))


def _review(row: Row, queue: Queue) -> Review:
    pair, *records, score, agree, conflict = row
    speaks, speaks_against = (tuple(filter(None, (codes or "").split(";"))) for codes in (agree, conflict))
    one, other = (records[0], records[1], records[2]), (records[3], records[4], records[5])
    told = queue.said.get(pair, "")
    return Review(pair, one, other, score, speaks, speaks_against, told, pair in queue.put_off)


@in_case(Permission.SEE_PEOPLE)
def list_reviews(here: CaseRequest) -> HttpResponse:
    """Show the queue, by keys and codes alone."""
    told = page_of(here, "reviews")
    with answer_open(here.case) as outcome:
        if outcome is not None:
            queue = queue_of(here, outcome)
            page = Paginator(queue.names, _ROWS).get_page(here.request.GET.get("page"))
            reviews = find_reviews(outcome, queue, list(page))
            told |= {"page_of_pairs": page, "reviews": reviews, "open": queue.waiting}
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
        if try_it(request, lambda: keep_verdict(here, outcome, pair, (verdict, because))) is None:
            return redirect(address_of(here, pair))
        done(request, f"reviews.done_{verdict}")
        return redirect(_next(here, outcome, pair))


def keep_verdict(here: CaseRequest, outcome: Outcome, pair: str, said: tuple[str, str]) -> str:
    """Keep what somebody says of a pair (verdict and reason), in both ledgers; returns the case's entry."""
    verdict, because = said
    entry = decide_pair(here.case, outcome.store, pair, verdict, by=here.staff.name, because=because)
    _record(here, pair, f"decided pair {verdict}", because)
    return entry


def address_of(here: CaseRequest, pair: str) -> str:
    """Return where a pair is shown."""
    return f"{reverse('pair', args=[here.file.name])}?{urlencode({'id': pair})}"


def _record(here: CaseRequest, pair: str, verb: str, why: str) -> None:
    record_entry(
        here.staff, verb, here.file.name, at=here.now, why=why_of(here, why), subject=code_of(here, pair)
    )


def _next(here: CaseRequest, outcome: Outcome, pair: str) -> str:
    following = queue_of(here, outcome).after(pair)
    return address_of(here, following) if following else reverse("reviews", args=[here.file.name])
