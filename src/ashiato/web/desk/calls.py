"""One contact on one screen: who it is, what may be told, what is owed, why they called."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from ashiato.rooms.answering import api
from ashiato.rooms.cases.api import Permission
from ashiato.rooms.notifying.api import STYLES
from ashiato.web.console.doing import try_it
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.desk.deeds import DEEDS, PARTS
from ashiato.web.desk.room import get_contact
from ashiato.web.intake import CHOSEN
from ashiato.web.wording import language, screen_words


@in_case(Permission.ANSWER)
def show_contact(here: CaseRequest, number: int) -> HttpResponseBase:
    """Show a contact; what an agent does with it is sent to the same address."""
    contact = get_contact(here, number)
    if here.request.method == "POST":
        return _act(here, contact)
    return _show(here, contact, {})


def _act(here: CaseRequest, contact: api.Contact) -> HttpResponse:
    """Do what was asked; what is shown once is shown with this answer and nowhere kept."""
    deed = DEEDS.get(here.request.POST.get("do", ""))
    told = try_it(here.request, lambda: deed(here, contact)) if deed else None
    if told:
        return _show(here, get_contact(here, contact.number), told)
    return redirect("desk_contact", here.file.name, contact.number)


def _show(here: CaseRequest, contact: api.Contact, once: dict[str, Any]) -> HttpResponse:
    card = api.card_of(contact)
    scripts = [
        (each.title[language()], each.texts[contact.language], each)
        for each in api.list_scripts(contact.desk)
        if each.needs <= contact.rung
    ]
    told = page_of(here, "desk") | {
        "card": card,
        "contact": contact,
        "known": api.find_known(contact, here.staff, here.now),
        "scripts": scripts,
        "reasons": [(each.code, each.group.within(language()), each.text.within(language()))
                    for each in api.reasons().values()],
        "facts": list(api.FactKind),
        "rungs": list(api.Rung),
        "is_closed": contact.stand == api.Stand.CLOSED,
        "channels": ("letter", "email", "sms"),
        "styles": STYLES,
        "chosen": _chosen(card),
        "parts": PARTS,
    }  # fmt: skip
    return render(here.request, "desk/contact.html", told | once)


def _chosen(card: api.Card) -> list[tuple[str, str]]:
    """Return what was chosen in a form of the public pages, each with its name on the screen."""
    words = screen_words()
    values = words.held["desk"]["choices"]
    given = ((name, card.words[name]) for name in CHOSEN if name in card.words)
    return [(words.say(f"desk.chosen.{name}"), values.get(value, value)) for name, value in given]
