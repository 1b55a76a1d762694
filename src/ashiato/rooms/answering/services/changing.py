"""What a person asks for, done by the room that knows their notices; nothing of it before they are known."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.answering.ladder import Rung
from ashiato.rooms.answering.models import Contact, Desk
from ashiato.rooms.answering.words import Stand
from ashiato.rooms.notifying.api import Because, PersonInScope, Wish, grant_wish, send_again, take_returned
from ashiato.terms.errors import ServerError


@transaction.atomic
def change_for(contact: Contact, wish: Wish, staff: Staff, at: datetime) -> bool:
    """Grant what a person wants of their notices; returns whether one not yet sent goes another way now.

    A new address, name or number needs a caller who was called back: else whoever stole the facts could
    have the notice, and every later one, sent to themselves.
    """
    person = _person(contact, Rung.CALLED_BACK if wish.contact else Rung.FACTS)
    turned = grant_wish(person.pk, wish, Because("asked at the desk", staff.name, at))
    changed = ", ".join(
        [*sorted(wish.contact), *filter(None, (wish.language, wish.channel, wish.style and "style"))]
    )
    record_entry(staff, "changed for person", str(contact), at=at, subject=person.person_key, why=changed)
    return turned


@transaction.atomic
def send_again_for(contact: Contact, staff: Staff, at: datetime) -> bool:
    """Have a person's notice sent once more, to where it goes now; False: it is still on its way."""
    person = _person(contact, Rung.FACTS)
    again = send_again(person.pk, Because("asked for again at the desk", staff.name, at))
    record_entry(staff, "asked to send again", str(contact), at=at, subject=person.person_key)
    return again


def take_letter_back(desk: Desk, code: str, staff: Staff, at: datetime) -> bool:
    """Take a letter that came back to the desk, by the code on it; returns whether it is new to us."""
    intake, new = take_returned(desk.campaign, code.strip()[:80].encode(), at)
    if not intake.returned:
        raise ServerError("this is no code of a letter of ours", fix="read the 12 digits once more")
    record_entry(staff, "took letter back", str(desk), at=at)
    return bool(new)


def _person(contact: Contact, needs: Rung) -> PersonInScope:
    contact.refresh_from_db()
    if contact.stand == Stand.CLOSED:
        raise ServerError("the contact is closed, and who it was with no longer proven", fix="take a new one")
    if contact.person is None or contact.rung < needs:
        what = "this needs a caller who was called back at the number on file"
        if needs == Rung.FACTS:
            what = "this needs a caller who gave the code and two right facts"
        raise ServerError(what, fix="climb the ladder first")
    return contact.person
