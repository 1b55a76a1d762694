"""Is it over? What the intruder could use, each closed with its proof or not, and what lacks."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from ashiato.exports.told_times import tell_times
from ashiato.rooms.cases.api import Permission
from ashiato.rooms.ending.api import find_times, standing_of
from ashiato.rooms.watching import api
from ashiato.web.console.answers import answer_open
from ashiato.web.console.doing import done, refuse, try_it, typed
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.looking import is_reason
from ashiato.web.console.pages import page_of
from ashiato.web.console.proving import proven
from ashiato.web.wording import fact_words


@in_case(Permission.SEE_EVIDENCE)
def show_over(here: CaseRequest) -> HttpResponse:
    """Show whether it is over by the newest run, and the list to be checked off."""
    shown = _footholds(here)
    told = page_of(here, "over") | {"may_close": Permission.CLOSE_WAYS in here.may, "shown": shown}
    if shown is not None:
        standing = standing_of(here.file, shown)
        points = [(point, _named(point.foothold)) for point in standing.points]
        told |= {"standing": standing, "points": points, "why": f"over.why_{standing.lacking}"}
    times = find_times(here.file)
    told["times"] = tell_times(times, fact_words()) if times is not None else ()
    return render(here.request, "console/over.html", told)


@in_case(Permission.CLOSE_WAYS)
@proven
def close_way(here: CaseRequest) -> HttpResponse:
    """Keep that something is closed, since when and on what proof; proven anew that it is they."""
    request, shown = here.request, _footholds(here)
    if shown is None:
        raise Http404
    try:
        closed_at = _moment(here)
    except ValueError:
        refuse(request, "over.no_moment")
        return redirect("over", here.file.name)
    proof = api.Proof(closed_at, typed(request, "proof"), here.staff)
    close = partial(api.close_foothold, here.file, shown, typed(request, "key"), proof, here.now)
    if try_it(request, lambda: [close()]):
        done(request, "over.done_closed")
    return redirect("over", here.file.name)


@in_case(Permission.CLOSE_WAYS)
@proven
def reopen_way(here: CaseRequest) -> HttpResponse:
    """Take back that something is closed."""
    key, why = typed(here.request, "key"), typed(here.request, "because")
    if not is_reason(why):
        refuse(here.request, "person.no_reason")
    elif api.reopen_foothold(here.file, key, why, here.staff, here.now):
        done(here.request, "over.done_reopened")
    return redirect("over", here.file.name)


def _footholds(here: CaseRequest) -> api.Footholds | None:
    with answer_open(here.case) as outcome:
        return None if outcome is None else api.list_footholds(outcome)


def _moment(here: CaseRequest) -> datetime:
    """Return the moment that was typed in the case's zone, or now; ValueError for what is none."""
    said = typed(here.request, "closed_at")
    if not said:
        return here.now
    moment = datetime.fromisoformat(said)
    return moment.replace(tzinfo=here.zone) if moment.tzinfo is None else moment


def _named(foothold: api.Foothold) -> str:
    is_path = foothold.kind is api.FootholdKind.WAY_IN
    return fact_words().title("", foothold.shown) if is_path else foothold.shown
