"""Call-backs: when we owe a call, at which number, and what it proves.

The caller is given four digits to keep. Whoever answers the number on file and says them is the one who
called, and can answer that telephone: a caller with stolen facts cannot.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ashiato.engine.api import form_phone
from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.answering.ladder import LIMITS, Rung
from ashiato.rooms.answering.models import CallBack, Contact
from ashiato.rooms.answering.services.opening import hours_of
from ashiato.rooms.answering.services.taking import words_of
from ashiato.rooms.answering.words import CALL_BACK_MINUTES, Outcome, Purpose, Stand
from ashiato.rooms.cases.api import name_by
from ashiato.rooms.notifying.api import case_key_of, told_of
from ashiato.terms.errors import ServerError

#: Calls that nobody answers before we stop calling.
MOST_CALLS = 3


@dataclass(frozen=True)
class Promised:
    """A call we owe, and the digits the caller keeps: shown once, kept nowhere; empty to answer only."""

    call_back: CallBack
    word: str


@transaction.atomic
def promise_call(
    contact: Contact, purpose: Purpose, staff: Staff, at: datetime, wish: datetime | None = None
) -> Promised:
    """Promise a call within business hours, after ``wish`` where the caller named a time.

    Raises: ServerError: one is owed already, the contact is closed, no number is there to call, or it is to
    verify somebody who has not come to that rung.
    """
    contact = Contact.objects.select_for_update().select_related("desk__campaign").get(pk=contact.pk)
    _refuse(contact, purpose)
    hours = hours_of(contact.desk)
    due = hours.after(at, CALL_BACK_MINUTES) if wish is None else hours.after(max(wish, at), 0)
    word = f"{secrets.randbelow(10_000):04}" if purpose == Purpose.VERIFY else ""
    call_back = CallBack.objects.create(
        contact=contact,
        purpose=purpose,
        due_at=due,
        asked_at=at,
        asked_by=staff,
        word=_named(contact, word) if word else "",
    )
    contact.stand = Stand.WAITING
    contact.save(update_fields=["stand"])
    return Promised(call_back, word)


@transaction.atomic
def number_to_call(call_back: CallBack, staff: Staff, at: datetime) -> str:
    """Return the number of a call we owe; the look is an entry of the ledger."""
    _refuse_ended(call_back)
    contact = call_back.contact
    subject = contact.person.person_key if contact.person else ""
    record_entry(staff, f"looked at number to {call_back.purpose}", str(contact), at=at, subject=subject)
    return _number(contact, Purpose(call_back.purpose))


@transaction.atomic
def end_call(call_back: CallBack, outcome: Outcome, staff: Staff, at: datetime, word: str = "") -> CallBack:
    """Note how a call went; reached to verify counts with the right word alone, which may be wrong thrice.

    Nobody there: the call is owed again, three times at most.
    """
    call_back = (
        CallBack.objects.select_for_update().select_related("contact__desk__campaign").get(pk=call_back.pk)
    )
    _refuse_ended(call_back)
    contact = Contact.objects.select_for_update().get(pk=call_back.contact_id)
    call_back.calls += 1
    if outcome == Outcome.NOT_REACHED and call_back.calls < MOST_CALLS:
        call_back.due_at = hours_of(contact.desk).after(at, CALL_BACK_MINUTES)
        call_back.save(update_fields=["calls", "due_at"])
        return call_back
    if outcome == Outcome.REACHED and call_back.purpose == Purpose.VERIFY:
        outcome = _heard(call_back, contact, word)
    if outcome != Outcome.OPEN:
        call_back.outcome, call_back.ended_at, call_back.ended_by = outcome, at, staff
        contact.stand = Stand.OPEN
        contact.save(update_fields=["stand", "rung"])
    call_back.save()
    subject = contact.person.person_key if contact.person else ""
    verb = f"called to {call_back.purpose}"
    record_entry(staff, verb, str(contact), at=at, subject=subject, why=call_back.outcome)
    return call_back


def _heard(call_back: CallBack, contact: Contact, word: str) -> Outcome:
    """Take the word that was said; the right one lifts the caller to the highest rung."""
    said = "".join(char for char in word if char.isdigit())
    if secrets.compare_digest(_named(contact, said), call_back.word):
        contact.rung = Rung.CALLED_BACK
        return Outcome.REACHED
    call_back.wrong_words += 1
    return Outcome.NOT_THEM if call_back.wrong_words >= LIMITS.words else Outcome.OPEN


def _refuse(contact: Contact, purpose: Purpose) -> None:
    if contact.stand != Stand.OPEN:
        raise ServerError("a call is owed already, or the contact is closed", fix="look at the call-backs")
    if purpose == Purpose.VERIFY and contact.rung != Rung.FACTS:
        raise ServerError("a call verifies whoever came as far as code and facts", fix="verify those first")
    if form_phone(_number(contact, purpose)) is None:
        raise ServerError("there is no number to call", fix="ask for one, or answer in writing")


def _refuse_ended(call_back: CallBack) -> None:
    if call_back.outcome != Outcome.OPEN:
        raise ServerError("this call was made", fix="promise another")


def _number(contact: Contact, purpose: Purpose) -> str:
    if purpose == Purpose.ANSWER:
        return words_of(contact)["caller"]
    number: str = told_of(contact.person)["contact"].get("phone", "") if contact.person else ""
    return number


def _named(contact: Contact, word: str) -> str:
    return name_by(case_key_of(contact.desk.campaign), "word", str(contact.pk), word)
