"""Where everybody stands who is to be told: the closing sum, the waves and their calls, what holds back.

What is decided here (approvals, gates, sending) is sent to ``releasing``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from ashiato.rooms.cases.api import Permission
from ashiato.rooms.notifying.api import (
    Campaign,
    Standing,
    closing_sum,
    find_campaign,
    list_approvers,
    list_doubts,
    standing_of,
)
from ashiato.terms.approvals import APPROVALS_NEEDED
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.console.parts import part_or_unchanged
from ashiato.web.console.releasing import BY_HAND, campaign_here
from ashiato.web.sending import is_sending, last_sending

_MOST_DOUBTS = 50


@in_case(Permission.SEE_NOTICES)
def show_notices(here: CaseRequest) -> HttpResponse:
    """Show the campaign of the case, by codes and counts alone."""
    campaign = find_campaign(here.case.folder)
    told = {"campaign": campaign} | (_told(here, campaign) if campaign else {})
    return render(here.request, "console/notices.html", page_of(here, "notices") | told)


@in_case(Permission.SEE_NOTICES)
def tell_sending(here: CaseRequest) -> HttpResponse:
    """Answer how the sending goes on, as a part of the page that counts no notice."""
    return part_or_unchanged(here.request, _sending(here, campaign_here(here)))


def _told(here: CaseRequest, campaign: Campaign) -> dict[str, Any]:
    standing = standing_of(campaign)
    return _counted(campaign, standing) | _decided(here, campaign, standing)


def _counted(campaign: Campaign, standing: Standing) -> dict[str, Any]:
    closing = closing_sum(campaign)
    ended = {"delivered": closing.delivered, "returned": closing.returned, "published": closing.published}
    return {
        "closing": closing,
        "places": {where: count for where, count in {**ended, **closing.open}.items() if count},
        "excluded": closing.excluded,
        "standing": standing,
        "doubts": list_doubts(campaign, _MOST_DOUBTS),
    }


def _decided(here: CaseRequest, campaign: Campaign, standing: Standing) -> dict[str, Any]:
    approvers = list_approvers(campaign)
    closed = {gate["kind"] for gate in standing.gates}
    return {
        "waves": [_wave(here, wave, approvers) for wave in standing.waves],
        "text_approvers": approvers.get(None, []),
        "needed": APPROVALS_NEEDED,
        "may_release": Permission.RELEASE in here.may,
        "closable": [kind for kind in BY_HAND if kind not in closed],
        "is_sending": is_sending(Path(settings.ASHIATO_HOME), campaign.pk),
        "sending": _sending(here, campaign),
    }


def _sending(here: CaseRequest, campaign: Campaign) -> str:
    home = Path(settings.ASHIATO_HOME)
    # Asked first: of one that ends in between what it wrote last is read.
    goes_on = is_sending(home, campaign.pk)
    told = {"goes_on": goes_on, "said": last_sending(home, campaign.pk)}
    return render_to_string("console/sending_state.html", told, here.request)


def _wave(here: CaseRequest, wave: dict[str, Any], approvers: dict[int | None, list[str]]) -> dict[str, Any]:
    names = approvers.get(wave["number"], [])
    is_open = not wave["is_approved"] and not wave["is_stopped"]
    may = Permission.RELEASE in here.may and here.staff.name not in names
    return wave | {"state": _state(wave), "approvers": names, "may_approve": is_open and may}


def _state(wave: dict[str, Any]) -> str:
    return "stopped" if wave["is_stopped"] else "approved" if wave["is_approved"] else "open"
