"""Notices planned from the page: a text is taken, people are counted and planned, waves made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from ashiato.exports.words import Language
from ashiato.rooms.cases.api import Permission
from ashiato.rooms.notifying import api
from ashiato.terms.errors import ServerError
from ashiato.web.console.answers import find_answer
from ashiato.web.console.doing import done, refuse, try_it, typed, whole_number_typed
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.console.parts import part_or_unchanged
from ashiato.web.console.proving import sent_alone
from ashiato.web.planning import Job, Wanted, is_planning, last_planning, start_planning

#: What a text may hold at most; the example has 2 kB.
_LARGEST_BYTES = 1 << 18
#: Ways to tell people, in the order in which they are offered; publication is for whom none is left.
_CHANNELS = (api.Channel.EMAIL, api.Channel.LETTER, api.Channel.SMS, api.Channel.CALL)


#: What the ledger calls it.
_VERBS = {Job.COUNT: "counted notices", Job.PLAN: "planned notices", Job.WAVES: "made waves"}
#: When a wave begins on its day: nobody is written to at midnight.
_MORNING = time(9)


@dataclass(frozen=True)
class _Asked:
    """A number that is asked of a desk: what is usual (None: nothing is), and at most."""

    usual: int | None
    most: int


_DESK = {
    "agents": _Asked(None, 100_000),
    "minutes_each": _Asked(8, 240),
    "hours": _Asked(8, 24),
    "calls_permille": _Asked(50, 1_000),
}


@in_case(Permission.SEE_NOTICES)
def show_planning(here: CaseRequest) -> HttpResponse:
    """Show what is there to plan from, what the last planner did, and what may be asked for next."""
    campaign = api.find_campaign(here.case.folder)
    told = page_of(here, "notices") | {
        "campaign": campaign,
        "is_text_approved": campaign is not None and api.is_text_approved(campaign),
        "answer": find_answer(here.case),
        "may_release": Permission.RELEASE in here.may,
        "is_planning": is_planning(_home(), here.file.pk),
        "planning": _planning(here),
        "channels": _CHANNELS,
        "languages": list(Language),
        "language": campaign.language if campaign else Language.JA,
        "desk": _DESK,
    }
    return render(here.request, "console/planning.html", told)


@in_case(Permission.SEE_NOTICES)
def tell_planning(here: CaseRequest) -> HttpResponse:
    """Answer how the planner goes on, as a part of the page."""
    return part_or_unchanged(here.request, _planning(here))


@in_case(Permission.RELEASE)
@sent_alone
def take_text(here: CaseRequest) -> HttpResponse:
    """Take the text that all notices say alike from a file; another one has to be approved anew."""
    matter = try_it(here.request, lambda: _matter_sent(here.request), with_place=True)
    if matter is not None:
        campaign = api.open_campaign(here.case.folder, api.USUAL_DUTY, here.now)
        is_new = api.set_matter(campaign, matter)
        api.note_planning(campaign.case, here.staff, "took a text", here.now)
        done(here.request, "planning.text_taken" if is_new else "planning.text_same")
    return redirect("planning", here.file.name)


@in_case(Permission.RELEASE)
@sent_alone
def plan_notices(here: CaseRequest) -> HttpResponse:
    """Let a planner count who would be told, or plan their notices."""
    job = Job.PLAN if typed(here.request, "do") == Job.PLAN else Job.COUNT
    wanted = try_it(here.request, lambda: _people_wanted(here.request, job))
    return _started(here, wanted)


@in_case(Permission.RELEASE)
@sent_alone
def make_waves(here: CaseRequest) -> HttpResponse:
    """Let a planner put everybody who waits into waves that the desk can answer."""
    return _started(here, try_it(here.request, lambda: _waves_wanted(here)))


def _started(here: CaseRequest, wanted: Wanted | None) -> HttpResponse:
    if wanted is not None:
        note = partial(api.note_planning, here.file, here.staff, _VERBS[wanted.job], here.now)
        if start_planning(_home(), here.file.pk, wanted, note):
            done(here.request, "planning.begun")
        else:
            refuse(here.request, "planning.is_planning")
    return redirect("planning", here.file.name)


def _matter_sent(request: HttpRequest) -> dict[str, object]:
    """Return what the file that was sent says; it can name no other file."""
    sent = request.FILES.get("matter")
    if sent is None:
        raise ServerError("no file came", fix="choose one, written as docs/guides/notices.md shows")
    content = sent.read(_LARGEST_BYTES + 1)
    if len(content) > _LARGEST_BYTES:
        raise ServerError(f"it is longer than {_LARGEST_BYTES:,} bytes")
    return api.parse_matter(content, Path(sent.name or "file").name, None)


def _people_wanted(request: HttpRequest, job: Job) -> Wanted:
    used = [each for each in _CHANNELS if each in request.POST.getlist("channel")]
    if not used:
        raise ServerError("no channel was chosen", fix="choose one at least")
    first = typed(request, "first")
    ordered = sorted(used, key=lambda each: each != first)
    language = Language.EN if typed(request, "language") == Language.EN else Language.JA
    return Wanted(job, str(language), tuple(map(str, ordered)))


def _waves_wanted(here: CaseRequest) -> Wanted:
    desk = {name: _number_of(here.request, name, asked) for name, asked in _DESK.items()}
    named = {name: typed(here.request, name) for name in ("region", "client")}
    chosen = {name: value for name, value in named.items() if value}
    return Wanted(Job.WAVES, desk=desk, begins=_day_typed(here), chosen=chosen)


def _number_of(request: HttpRequest, name: str, asked: _Asked) -> int:
    said = whole_number_typed(request, name)
    number = asked.usual if said is None else said
    if number is None or not 1 <= number <= asked.most:
        what = f"`{name}` is not said, or out of its bounds"
        raise ServerError(what, fix=f"write a number from 1 to {asked.most:,}")
    return number


def _day_typed(here: CaseRequest) -> str:
    """Return nine in the morning of a day in the case's zone, when somebody answers; empty where none is."""
    said = typed(here.request, "begins")
    if not said:
        return ""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        raise ServerError(f"`{said[:20]}` is no day", fix="write it as 2026-12-01") from None
    return datetime.combine(day, _MORNING, here.zone).isoformat()


def _planning(here: CaseRequest) -> str:
    # Asked first: of one that ends in between what it wrote last is read.
    goes_on = is_planning(_home(), here.file.pk)
    told = {"goes_on": goes_on, "said": last_planning(_home(), here.file.pk), "case": here.file}
    return render_to_string("console/planning_state.html", told, here.request)


def _home() -> Path:
    return Path(settings.ASHIATO_HOME)
