"""An analyst's word on lines of the evidence: the intruder's, or not; the next run follows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from ashiato.engine.api import HONEST, HOSTILE, Outcome, pin_lines, read_pins, take_back
from ashiato.exports.sheets.intrusion import INTRUSION_SHEET
from ashiato.rooms.accounts.api import record_entry
from ashiato.rooms.cases.api import Permission
from ashiato.web.console.answers import answer_open
from ashiato.web.console.doing import done, refuse, try_it, typed
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.looking import is_reason, why_of
from ashiato.web.console.pages import page_of
from ashiato.web.console.people import asked_by
from ashiato.web.console.proving import sent_alone

_ROWS = 50
_LONGEST = 1_000
_COUNT = "SELECT count(*) FROM intrusion JOIN witnesses USING (event_id)"


@dataclass(frozen=True)
class HostileLine:
    """A line of the evidence that tells of a hostile event, as ``intrusion.csv`` has it."""

    file: str
    line: str
    time_us: int
    intruder: str
    path: str
    confidence: float
    why: str

    @property
    def place(self) -> str:
        """How it is named when it is pinned."""
        return f"{self.file}:{self.line}"


@in_case(Permission.SEE_EVIDENCE)
def show_pins(here: CaseRequest) -> HttpResponse:
    """Show what was said, whether a run has followed it, and the lines that are held hostile."""
    told = page_of(here, "pins") | {
        "pins": read_pins(here.case.folder),
        "place": here.request.GET.get("place", "")[:_LONGEST],
        "may_pin": Permission.PIN in here.may,
        "may_run": Permission.RUN in here.may,
        "verdicts": (HOSTILE, HONEST),
    }
    with answer_open(here.case) as outcome:
        if outcome is not None:
            told |= _lines(outcome, asked_by(here.request.GET).number) | {"is_stale": outcome.is_stale}
        return render(here.request, "console/pins.html", told)


def _lines(outcome: Outcome, number: int) -> dict[str, object]:
    ((total,),) = outcome.store.rows(_COUNT)
    last = max(1, -(-total // _ROWS))
    number = min(number, last) or 1
    rows = outcome.store.rows(f"{INTRUSION_SHEET.sql} LIMIT {_ROWS} OFFSET {(number - 1) * _ROWS}")
    return {"lines": [HostileLine(*row) for row in rows], "number": number, "last": last, "total": total}


@in_case(Permission.PIN)
@sent_alone
def pin(here: CaseRequest) -> HttpResponse:
    """Keep what is said of the lines at a place, and why."""
    request = here.request
    place, verdict, because = _place(here), typed(request, "verdict"), typed(request, "because")
    if verdict not in (HOSTILE, HONEST):
        raise Http404
    if not is_reason(because):
        refuse(request, "person.no_reason")
        return redirect("pins", here.file.name)
    events = try_it(request, lambda: keep_pin(here, place, verdict, because))
    if events is not None:
        done(request, f"pins.done_{verdict}", number=events)
    return redirect("pins", here.file.name)


@in_case(Permission.PIN)
@sent_alone
def unpin(here: CaseRequest) -> HttpResponse:
    """Take back what was said of a place, and say why."""
    request, place, because = here.request, _place(here), typed(here.request, "because")
    if not is_reason(because):
        refuse(request, "person.no_reason")
    elif try_it(request, lambda: keep_unpin(here, place, because)):
        done(request, "pins.done_back")
    return redirect("pins", here.file.name)


def _place(here: CaseRequest) -> str:
    return here.request.POST.get("place", "")[:_LONGEST].strip()


def keep_pin(here: CaseRequest, place: str, verdict: str, because: str) -> int:
    """Keep what somebody says of lines, in both ledgers; returns of how many events they tell."""
    events = pin_lines(here.case, place, verdict, because, here.staff.name)
    _record(here, "pin", because)
    return events


def keep_unpin(here: CaseRequest, place: str, because: str) -> str:
    """Take back what was said of a place, in both ledgers; returns the case's entry."""
    entry = take_back(here.case, place, because, here.staff.name)
    _record(here, "unpin", because)
    return entry


def _record(here: CaseRequest, verb: str, why: str) -> None:
    record_entry(here.staff, verb, here.file.name, at=here.now, why=why_of(here, why))
