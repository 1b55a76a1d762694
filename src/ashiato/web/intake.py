"""What people sent from the public pages, into the one list of the desk: each letter once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from ashiato.bundle.intake import Kind
from ashiato.rooms.accounts.api import get_program
from ashiato.rooms.answering import api
from ashiato.rooms.notifying.api import Campaign
from ashiato.rooms.publishing.api import Received, letters_for_the_desk, pass_on
from ashiato.terms.errors import ServerError

#: What was chosen in a form and stands beside the words, in this order.
CHOSEN = (
    "came_by",
    "came_from",
    "came_at",
    "old_contact",
    "new_contact",
    "channel",
    "language",
    "when",
    "code",
)
_REASONS = {Kind.CORRECTION: "change.contact", Kind.CHANNEL: "change.channel"}
_CAME_BY = {
    "call": "harm.call", "email": "harm.mail", "sms": "harm.sms", "letter": "harm.post", "visit": "harm.post",
}  # fmt: skip
#: How to reach them, by whichever of its names a form has.
_CALLER = ("phone", "reply_to", "contact")


@dataclass
class Passed:
    """How many letters came to the desk, and how many wait on because they do not open."""

    passed: int = 0
    unreadable: int = 0


def letters_to_desk(campaign: Campaign, at: datetime) -> Passed:
    """Make a contact of each letter that waits, with its reason where the form says it.

    Its clocks run from when the letter was taken in, not from ``at``. Who asked to be called is owed a call,
    at the number they gave. Without a desk all wait until one is opened. One that does not open costs no
    other, and waits on.
    """
    counted = Passed()
    desk = api.Desk.objects.filter(campaign=campaign).first()
    if desk is None:
        return counted
    for letter, said in letters_for_the_desk(campaign):
        if said is None:
            counted.unreadable += 1
        else:
            counted.passed += _pass(desk, letter, said, at)
    return counted


@transaction.atomic
def _pass(desk: api.Desk, letter: Received, said: Mapping[str, Any], at: datetime) -> bool:
    if not pass_on(letter, at):
        return False
    contact = api.take_contact(desk, arrival_of(Kind(letter.kind), said), letter.taken_at)
    if letter.kind == Kind.CALL_BACK:
        # A number that nobody can call is left to whoever reads it.
        with suppress(ServerError):
            api.promise_call(contact, api.Purpose.ANSWER, get_program(), letter.taken_at)
    return True


def arrival_of(kind: Kind, said: Mapping[str, Any]) -> api.Arrival:
    """Return a letter as the desk takes it."""
    given = {name: str(each) for name, each in said.items() if each}
    reason = _CAME_BY.get(given.get("came_by", "")) if kind == Kind.SUSPICIOUS else _REASONS.get(kind)
    return api.Arrival(
        way=api.Way.WEB,
        language="en" if given.get("voice") == "en" else "ja",
        caller=next((given[name] for name in _CALLER if name in given), ""),
        name=given.get("name", ""),
        text=given.get("text") or given.get("about", ""),
        reason=reason or "",
        chosen={name: given[name] for name in CHOSEN if name in given},
    )
