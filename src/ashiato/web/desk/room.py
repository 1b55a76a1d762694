"""What each page of the desk begins with: the case's desk, and what was done told in place."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest

from ashiato.exports.words import Language
from ashiato.rooms.answering import api
from ashiato.rooms.notifying.api import Campaign
from ashiato.web.console.doors import CaseRequest
from ashiato.web.wording import screen_words


def find_desk(here: CaseRequest) -> api.Desk | None:
    """Return the desk of a here's case, or None where none was opened."""
    return api.Desk.objects.filter(campaign__case=here.file).order_by("pk").first()


def get_contact(here: CaseRequest, number: int) -> api.Contact:
    """Return a contact of the case's desk by its number; Http404 where there is none."""
    desk = find_desk(here)
    rows = api.Contact.objects.select_related("desk__campaign", "person__campaign", "notice", "taken_by")
    found = rows.filter(desk=desk, number=number).first() if desk else None
    if found is None:
        raise Http404
    return found


def has_campaign(here: CaseRequest) -> bool:
    """Tell whether anybody is planned to be told of the case."""
    return Campaign.objects.filter(case=here.file).exists()


def tell(request: HttpRequest, key: str, **said: object) -> None:
    """Say on the page what was done."""
    messages.success(request, screen_words().say(f"desk.done.{key}", **said))


def language_typed(request: HttpRequest) -> str:
    """Return a language that was chosen; Japanese where none of ours was."""
    said = request.POST.get("language", "")
    return said if said in set(Language) else str(Language.JA)
