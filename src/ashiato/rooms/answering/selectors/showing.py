"""What an agent sees of one contact. Until its caller is verified nothing here comes from any notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.answering.ladder import LIMITS, Rung
from ashiato.rooms.answering.models import AnswerGiven, CallBack, Contact
from ashiato.rooms.answering.services.taking import words_of
from ashiato.rooms.answering.words import Outcome
from ashiato.rooms.notifying.api import list_notices, told_of, wish_kept

_SHOWN = 4


@dataclass(frozen=True)
class Card:
    """A contact as an agent sees it; the same for everybody, whoever they may turn out to be."""

    contact: Contact
    words: Mapping[str, str]
    rung: Rung
    tries_left: int
    answers: list[AnswerGiven]
    flags: list[str]
    owed: CallBack | None


@dataclass(frozen=True)
class Sent:
    """One notice of a person: by what, where it stands, since when."""

    channel: str
    state: str
    at: datetime
    edition: int
    counts: bool


@dataclass(frozen=True)
class Known:
    """A verified person as an agent sees them: own fields with grades, notices, and masked ways.

    ``style``: how they wished their letters to be, empty where they did not. ``excluded`` says why they are
    not told any more, where they are not.
    """

    name: str
    fields: list[Mapping[str, Any]]
    notices: list[Sent]
    language: str
    style: str
    channels: tuple[str, ...]
    ways: Mapping[str, str]
    excluded: str


def card_of(contact: Contact) -> Card:
    """Return a contact's card; who they may be is not looked at."""
    return Card(
        contact=contact,
        words=words_of(contact),
        rung=Rung(contact.rung),
        tries_left=max(0, LIMITS.contact - contact.slips),
        answers=list(contact.answers.select_related("script").order_by("pk")),
        flags=list(contact.flags.order_by("kind").values_list("kind", flat=True)),
        owed=contact.call_backs.filter(outcome=Outcome.OPEN).first(),
    )


@transaction.atomic
def find_known(contact: Contact, staff: Staff, at: datetime) -> Known | None:
    """Return the person a verified caller is, the look noted in the ledger; None before they are verified."""
    person = contact.person
    if person is None or contact.rung < Rung.FACTS:
        return None
    record_entry(staff, "looked at person", str(contact), at=at, subject=person.person_key)
    told = told_of(person)
    notices = [
        Sent(each.channel, each.state, each.moved_at, each.edition, each.is_current)
        for each in list_notices(person)
    ]
    return Known(
        name=told["contact"].get("name", ""),
        fields=told["fields"],
        notices=notices,
        language=person.language,
        style=wish_kept(person).style,
        channels=tuple(filter(None, person.channels.split(","))),
        ways=_masked(told["contact"]),
        excluded=person.excluded,
    )


def _masked(contact: Mapping[str, Any]) -> dict[str, str]:
    """Return enough of each way for the person to know it again, too little to use."""
    address = "".join(contact.get("lines") or ())
    mail, _, host = contact.get("email", "").partition("@")
    said = {
        "letter": _start(address, _SHOWN),
        "email": f"{_start(mail, 2)}@{host}" if host else "",
        "phone": _end(contact.get("phone", ""), _SHOWN),
    }
    return {name: text for name, text in said.items() if text}


def _start(text: str, shown: int) -> str:
    return text[: min(shown, len(text) // 2)] + "…" if text else ""


def _end(text: str, shown: int) -> str:
    return "…" + text[len(text) - min(shown, len(text) // 2) :] if text else ""
