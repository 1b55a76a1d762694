"""Files for others: counts by reason as CSV, and contacts as Zammad's interface takes them. Nothing is sent.

Zammad (docs.zammad.org, REST API, *Ticket*): each line is the body of one POST to ``/api/v1/tickets``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from ashiato.exports.cell import shield
from ashiato.exports.words import Language
from ashiato.rooms.answering.models import Contact
from ashiato.rooms.answering.reasons import reasons
from ashiato.rooms.answering.selectors.counting import ReasonCount
from ashiato.rooms.answering.words import Purpose, Queue, Stand, Way

COLUMNS = ("reason", "group", "text", "contacts", *map(str, Way), "people_verified", "sign_of_damage")
_TYPES = {Way.PHONE: "phone", Way.WEB: "web", Way.MAIL: "email", Way.LETTER: "note"}
_STATES = {Stand.OPEN: "open", Stand.WAITING: "pending reminder", Stand.CLOSED: "closed"}


def write_counts(counts: Iterable[ReasonCount], language: Language) -> bytes:
    """Return counts as CSV (RFC 4180, UTF-8 with BOM); contacts are contacts, people are people."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for each in counts:
        said = (each.code, each.group.within(language), each.text.within(language))
        numbers = (each.contacts, *(each.by_way[way] for way in Way), each.people)
        rows.writerow([*map(shield, said), *numbers, "yes" if each.is_sign_of_damage else ""])
    return text.getvalue().encode("utf-8-sig")


def zammad_tickets(contacts: Iterable[Contact], group: str, language: Language) -> Iterator[bytes]:
    """Yield a line of JSON per contact: what was asked and answered, by number, without any word of a caller.

    The customer is a name of our own under ``.invalid``: nobody can be written to by it, or known by it.
    """
    for contact in contacts:
        ticket = _ticket(contact, group, language)
        yield json.dumps(ticket, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _ticket(contact: Contact, group: str, language: Language) -> dict[str, Any]:
    ticket = {
        "title": f"{contact.number}: {_reason(contact, language)}",
        "group": group,
        "customer_id": f"guess:contact-{contact.desk_id}-{contact.number}@desk.invalid",
        "state": _STATES[Stand(contact.stand)],
        "priority": "3 high" if contact.queue == Queue.LEAD else "2 normal",
        "tags": ",".join(filter(None, (contact.way, contact.queue, contact.reason))),
        "article": {
            "subject": f"{contact.way} {contact.at.isoformat()}",
            "body": _body(contact, language),
            "type": _TYPES[Way(contact.way)],
            "sender": "Customer",
            "internal": True,
            "content_type": "text/plain",
        },
    }
    owed = contact.call_backs.filter(outcome="open").first()
    return ticket | ({"pending_time": owed.due_at.isoformat()} if owed else {})


def _reason(contact: Contact, language: Language) -> str:
    found = reasons().get(contact.reason)
    return found.text.within(language) if found else "-"


def _body(contact: Contact, language: Language) -> str:
    given = contact.answers.select_related("script").order_by("pk")
    calls = contact.call_backs.filter(purpose=Purpose.ANSWER).count()
    lines = [
        f"{_reason(contact, language)} ({contact.reason or '-'})",
        *(f"{each.at.isoformat()} {each.script} ({each.language})" for each in given),
        *([f"call-backs: {calls}"] if calls else []),
    ]
    return "\n".join(lines)
