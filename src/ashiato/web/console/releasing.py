"""What lets notices out or holds them back: approvals of text and waves, gates, the worker that sends."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from ashiato.rooms.cases.api import Permission
from ashiato.rooms.notifying import api
from ashiato.terms.approvals import APPROVALS_NEEDED
from ashiato.web.console.doing import done, number_typed, refuse, try_it, typed
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.looking import is_reason
from ashiato.web.console.proving import proven, sent_alone
from ashiato.web.sending import start_sending

#: What a hand closes; the other gates close by rates and calls. Each is opened by hand alone.
BY_HAND = (api.GateKind.HAND, api.GateKind.HOLD)


def campaign_here(here: CaseRequest) -> api.Campaign:
    """Return the campaign of the case; Http404 where nobody is planned to be told."""
    found = api.find_campaign(here.case.folder)
    if found is None:
        raise Http404
    return found


@in_case(Permission.RELEASE)
@proven
def approve_text(here: CaseRequest) -> HttpResponse:
    """Approve the text that was looked at; another one since then is refused."""
    campaign, request = campaign_here(here), here.request
    if typed(request, "digest") != campaign.text_digest:
        refuse(request, "releasing.changed")
    else:
        count = try_it(request, lambda: api.approve_text(campaign, here.staff, here.now))
        if count:
            done(request, "releasing.text_approved", number=count, needed=APPROVALS_NEEDED)
    return redirect("notice_text", here.file.name)


@in_case(Permission.RELEASE)
@proven
def approve_wave(here: CaseRequest) -> HttpResponse:
    """Approve a wave as it was looked at."""
    campaign, request = campaign_here(here), here.request
    wave = campaign.waves.filter(number=number_typed(request, "wave")).first()
    if wave is None:
        raise Http404
    wave.scope_digest = typed(request, "digest")
    count = try_it(request, lambda: api.approve_wave(wave, here.staff, here.now))
    if count:
        done(request, "releasing.wave_approved", wave=wave.number, number=count, needed=APPROVALS_NEEDED)
    return redirect("notices", here.file.name)


@in_case(Permission.RELEASE)
@sent_alone
def set_gate(here: CaseRequest) -> HttpResponseBase:
    """Hold everything back, or let it go on: one person's word is enough to stop, a fresh proof to go on."""
    if typed(here.request, "do") == "close":
        return _set(here, is_closed=True)
    return proven(_go_on)(here)


def _go_on(here: CaseRequest) -> HttpResponse:
    return _set(here, is_closed=False)


def _set(here: CaseRequest, *, is_closed: bool) -> HttpResponse:
    campaign, request = campaign_here(here), here.request
    said, why = typed(request, "kind"), typed(request, "why")
    kind = next((each for each in (BY_HAND if is_closed else api.GateKind) if each == said), None)
    if kind is None:
        raise Http404
    if not is_reason(why):
        refuse(request, "person.no_reason")
    else:
        (api.close_gate if is_closed else api.open_gate)(campaign, kind, here.staff, why, here.now)
        done(request, "releasing.held" if is_closed else "releasing.goes_on")
    return redirect("notices", here.file.name)


@in_case(Permission.RELEASE)
@proven
def send_notices(here: CaseRequest) -> HttpResponse:
    """Let a worker hand over what approved waves hold, by every channel that is set up."""
    campaign = campaign_here(here)
    note = partial(api.note_sending, campaign, here.staff, here.now)
    if start_sending(Path(settings.ASHIATO_HOME), campaign.pk, here.zone, note):
        done(here.request, "releasing.sending")
    else:
        refuse(here.request, "releasing.is_sending")
    return redirect("notices", here.file.name)
