"""Take contacts in, by whatever way they come; sort, take up and close them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from ashiato.engine.api import form_mail, form_phone
from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.answering.models import Contact, Desk
from ashiato.rooms.answering.reasons import reason_named
from ashiato.rooms.answering.services.flagging import flag_by_reason, flag_by_rules
from ashiato.rooms.answering.services.opening import hours_of
from ashiato.rooms.answering.words import Queue, Stand, Way
from ashiato.rooms.cases.api import Locker, name_by, read_key
from ashiato.rooms.notifying.api import case_key_of
from ashiato.terms.errors import ServerError

_LONGEST = 20_000
_QUEUES = {Way.PHONE: Queue.CALLS}


@dataclass(frozen=True)
class Arrival:
    """What came in. ``caller``: number or address as it showed, empty where it was withheld.

    ``name`` and ``text`` are as given, and so is what they chose in a form, ``chosen``; nothing of it is
    checked, and all of it is locked.
    """

    way: Way
    language: str = "ja"
    caller: str = ""
    name: str = ""
    text: str = ""
    reason: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def take_contact(desk: Desk, arrival: Arrival, at: datetime, staff: Staff | None = None) -> Contact:
    """Write a contact into the one list; ``staff`` where somebody answers it already."""
    desk = Desk.objects.select_for_update().get(pk=desk.pk)
    queue = _QUEUES.get(arrival.way, Queue.WRITING)
    last = desk.contacts.aggregate(last=Max("number"))["last"] or 0
    contact = Contact(
        desk=desk,
        number=last + 1,
        way=arrival.way,
        language=arrival.language,
        at=at,
        due_at=hours_of(desk).after(at, desk.target(queue)),
        stand=Stand.OPEN,
        queue=queue,
        caller=caller_key(desk, arrival.caller),
        taken_by=staff,
    )
    contact.words = _locked(contact, arrival)
    contact.save()
    if arrival.reason:
        sort_contact(contact, arrival.reason, at)
    flag_by_rules(contact, at)
    return contact


@transaction.atomic
def sort_contact(contact: Contact, code: str, at: datetime) -> None:
    """Say why they turned to us, by the tree; some reasons are for a lead."""
    reason, contact.reason = reason_named(code), code
    if reason.queue and reason.queue != contact.queue:
        _requeue(contact, Queue(reason.queue))
    contact.save(update_fields=["reason", "queue", "due_at"])
    flag_by_reason(contact, at)


def take_up(contact: Contact, staff: Staff) -> None:
    """Answer a contact that waits; ServerError where somebody else does already."""
    free = Contact.objects.filter(pk=contact.pk, taken_by=None).exclude(stand=Stand.CLOSED)
    if not free.update(taken_by=staff) and contact.taken_by_id != staff.pk:
        raise ServerError("somebody else answers this contact, or it is closed", fix="take the next one")
    contact.refresh_from_db()


@transaction.atomic
def hand_to_lead(contact: Contact) -> None:
    """Give a contact to whoever leads the desk."""
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    _refuse_closed(contact)
    _requeue(contact, Queue.LEAD)
    contact.taken_by = None
    contact.save(update_fields=["queue", "due_at", "taken_by"])


@transaction.atomic
def close_contact(contact: Contact, at: datetime) -> None:
    """Close a contact; ServerError where nobody said why they turned to us, or a call is still owed."""
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    _refuse_closed(contact)
    if not contact.reason:
        raise ServerError("a contact is closed with its reason", fix="choose one of the tree")
    if contact.stand == Stand.WAITING:
        raise ServerError("a call is still owed", fix="make it, or note how it ended")
    contact.stand, contact.closed_at = Stand.CLOSED, at
    contact.save(update_fields=["stand", "closed_at"])


def words_of(contact: Contact) -> dict[str, str]:
    """Return what a caller gave: number or address, name, text; all empty once it is erased."""
    if not contact.words:
        return dict.fromkeys(("caller", "name", "text"), "")
    locker = Locker(read_key(contact.desk.campaign.key_name))
    said: dict[str, str] = json.loads(locker.unlock(bytes(contact.words), _owner(contact)))
    return said


def caller_key(desk: Desk, written: str) -> str:
    """Name a number or address by the case's key, however it is written; empty where it is none."""
    said = form_phone(written) or form_mail(written) or ""
    return name_by(case_key_of(desk.campaign), "caller", said) if said else ""


def _locked(contact: Contact, arrival: Arrival) -> bytes:
    given = {name: getattr(arrival, name) for name in ("caller", "name", "text")}
    said = {name: text[:_LONGEST] for name, text in {**arrival.chosen, **given}.items()}
    text = json.dumps(said, sort_keys=True).encode()
    return Locker(read_key(contact.desk.campaign.key_name)).lock(text, _owner(contact))


def _owner(contact: Contact) -> str:
    return f"contact {contact.desk_id} {contact.number}"


def _requeue(contact: Contact, queue: Queue) -> None:
    contact.queue = queue
    contact.due_at = hours_of(contact.desk).after(contact.at, contact.desk.target(queue))


def _refuse_closed(contact: Contact) -> None:
    if contact.stand == Stand.CLOSED:
        raise ServerError("the contact is closed", fix="take a new one")
