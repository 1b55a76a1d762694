"""One person's own message, as it would be sent now; every look is in the ledger."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from ashiato.engine.api import record_look
from ashiato.exports.words import Language
from ashiato.letters.notices.matter import Channel, Style
from ashiato.letters.notices.message import Message
from ashiato.rooms.cases.api import Permission
from ashiato.rooms.notifying import api
from ashiato.terms.errors import AshiatoError
from ashiato.web.console.doing import typed
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.looking import is_reason, keep_look
from ashiato.web.console.pages import page_of
from ashiato.web.console.releasing import campaign_here
from ashiato.web.wording import refusal


@in_case(Permission.SEE_PEOPLE)
def show_message(here: CaseRequest) -> HttpResponse:
    """Show one person's message with a made-up name, address and code; the look is kept."""
    person = here.request.GET.get("id", "")
    notice = _notice(here, person)
    keep_look(here, person, "saw masked", "")
    return _render(here, notice, person)


@in_case(Permission.UNMASK)
def unmask_message(here: CaseRequest) -> HttpResponse:
    """Show it as it would be sent now, once, to who gives a reason; both ledgers keep it first."""
    person, reason = here.request.POST.get("id", "").strip(), typed(here.request, "reason")
    notice = _notice(here, person)
    if not is_reason(reason):
        keep_look(here, person, "saw masked", "")
        return _render(here, notice, person, is_refused=True)
    record_look(here.case, person, f"preview of a notice: {reason}")
    keep_look(here, person, "saw unmasked", reason)
    return _render(here, notice, person, reason=reason)


def message_address(here: CaseRequest, person: str) -> str:
    """Return where a person's message is shown; empty where none is planned, or not for these eyes."""
    campaign = api.find_campaign(here.case.folder)
    if campaign is None or not {Permission.SEE_NOTICES, Permission.SEE_PEOPLE} <= here.may:
        return ""
    try:
        api.find_notice(campaign, person)
    except AshiatoError:
        return ""
    return f"{reverse('message', args=[here.file.name])}?{urlencode({'id': person})}"


def _notice(here: CaseRequest, person: str) -> api.Notice:
    campaign = campaign_here(here)
    try:
        return api.find_notice(campaign, person)
    except AshiatoError as nobody:
        raise Http404 from nobody


def _render(
    here: CaseRequest, notice: api.Notice, person: str, *, reason: str = "", is_refused: bool = False
) -> HttpResponse:
    told = page_of(here, "notices") | {
        "person": person,
        "notice": notice,
        "reason": reason,
        "is_refused": is_refused,
        "may_unmask": Permission.UNMASK in here.may,
    }
    if notice.channel in set(Channel):
        try:
            told["message"] = _message(here, notice, is_whole=bool(reason))
        except AshiatoError as refused:
            told["refused"] = refusal(refused.what)
    status = 400 if is_refused else 200
    return render(here.request, "console/message.html", told, status=status)


def _message(here: CaseRequest, notice: api.Notice, *, is_whole: bool) -> Message:
    composer = api.Composer(notice.campaign, here.zone)
    if is_whole:
        return composer.message(notice, here.now)
    house = composer.house(composer.house_name(notice))
    told = api.as_nobody(composer.matter(notice, here.now), house)
    # The ordinary style: that somebody wished for another tells of them.
    spoken, way = Language(notice.person.language), Channel(notice.channel)
    return api.message_of(told, house, spoken, Style.ORDINARY, way)
