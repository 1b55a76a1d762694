"""Where everybody stands who is to be told: the closing sum, the waves and their calls, what holds back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from ashiato.rooms.cases.api import Permission
from ashiato.rooms.notifying.api import Campaign, closing_sum, find_campaign, list_doubts, standing_of
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of

_MOST_DOUBTS = 50


@in_case(Permission.SEE_NOTICES)
def show_notices(here: CaseRequest) -> HttpResponse:
    """Show the campaign of the case, by codes and counts alone."""
    campaign = find_campaign(here.case.folder)
    told = {"campaign": campaign} | (_told(campaign) if campaign else {})
    return render(here.request, "console/notices.html", page_of(here, "notices") | told)


def _told(campaign: Campaign) -> dict[str, Any]:
    closing, standing = closing_sum(campaign), standing_of(campaign)
    ended = {"delivered": closing.delivered, "returned": closing.returned, "published": closing.published}
    return {
        "closing": closing,
        "places": {where: count for where, count in {**ended, **closing.open}.items() if count},
        "excluded": closing.excluded,
        "standing": standing,
        "waves": [wave | {"state": _state(wave)} for wave in standing.waves],
        "doubts": list_doubts(campaign, _MOST_DOUBTS),
    }


def _state(wave: dict[str, Any]) -> str:
    return "stopped" if wave["is_stopped"] else "approved" if wave["is_approved"] else "open"
