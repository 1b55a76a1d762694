"""What people are told, word by word: the text to approve, as a made-up person would read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from ashiato.exports.words import Language
from ashiato.letters.notices.matter import Channel, NoticeMatter, Style
from ashiato.letters.notices.message import Message
from ashiato.rooms.cases.api import Permission
from ashiato.rooms.notifying import api
from ashiato.terms.approvals import APPROVALS_NEEDED
from ashiato.terms.errors import AshiatoError
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.console.releasing import campaign_here
from ashiato.web.wording import language, refusal

_Form = tuple[Channel, Language, Style]


@dataclass(frozen=True)
class Sample:
    """A message to a made-up person; ``refused``: why there is none."""

    house: str
    way: Channel
    language: Language
    style: Style
    message: Message | None
    refused: str = ""


@in_case(Permission.SEE_NOTICES)
def show_text(here: CaseRequest) -> HttpResponse:
    """Show what all notices say alike, by sender, way and language, and who approved it."""
    campaign = campaign_here(here)
    approvers = api.list_approvers(campaign).get(None, [])
    told = page_of(here, "notices") | {
        "campaign": campaign,
        "samples": list(_samples(here, campaign)) if campaign.matter else [],
        "approvers": approvers,
        "is_approved": len(approvers) >= APPROVALS_NEEDED,
        "may_approve": Permission.RELEASE in here.may and here.staff.name not in approvers,
    }
    return render(here.request, "console/notice_text.html", told)


def _samples(here: CaseRequest, campaign: api.Campaign) -> Iterator[Sample]:
    composer = api.Composer(campaign, here.zone)
    first = language()
    languages = sorted(Language, key=lambda each: each != first)
    for name in api.list_houses(campaign.matter):
        house = composer.house(name)
        matter = api.sample_of(house, here.now.astimezone(here.zone).date())
        easy = [(Channel.LETTER, Language.JA, Style.EASY)] if house.incident.easy else []
        usual = [(way, spoken, Style.ORDINARY) for way in Channel for spoken in languages]
        for form in (*usual, *easy):
            yield _sample(matter, house, name, form)


def _sample(matter: NoticeMatter, house: api.House, name: str, form: _Form) -> Sample:
    way, spoken, style = form
    try:
        return Sample(name, way, spoken, style, api.message_of(matter, house, spoken, style, way))
    except AshiatoError as refused:
        return Sample(name, way, spoken, style, None, refusal(refused.what))
