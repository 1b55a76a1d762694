"""Suspicion: marks on contacts that look like somebody after another person's data.

Each rule counts what was typed, never whether it led to anybody: a mark tells nothing of scope either.
"""

from __future__ import annotations

from datetime import datetime

from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.answering.ladder import LIMITS
from ashiato.rooms.answering.models import Contact, Flag, Trial
from ashiato.rooms.answering.reasons import reason_named
from ashiato.rooms.answering.words import Suspicion


def flag_by_rules(contact: Contact, at: datetime) -> None:
    """Mark a contact by what its caller tried within the last day: many codes, or many failed tries."""
    if not contact.caller:
        return
    tried = Trial.objects.filter(
        caller=contact.caller, contact__desk=contact.desk_id, at__gte=at - LIMITS.span
    )
    if tried.values("claim").distinct().count() >= LIMITS.claims:
        _flag(contact, Suspicion.MANY_CLAIMS, at)
    if tried.filter(has_passed=False).count() >= LIMITS.caller:
        _flag(contact, Suspicion.MANY_WRONG, at)


def flag_by_reason(contact: Contact, at: datetime) -> None:
    """Mark a contact whose caller asks about somebody else."""
    if contact.reason and reason_named(contact.reason).is_for_another:
        _flag(contact, Suspicion.FOR_ANOTHER, at)


def flag_by_hand(contact: Contact, staff: Staff, why: str, at: datetime) -> None:
    """Mark a contact because it sounds wrong: pressure, prompting from behind, refusal of a call-back."""
    _flag(contact, Suspicion.BY_HAND, at, staff)
    record_entry(staff, "flagged contact", str(contact), at=at, why=why)


def _flag(contact: Contact, kind: Suspicion, at: datetime, by: Staff | None = None) -> None:
    Flag.objects.get_or_create(contact=contact, kind=kind, defaults={"at": at, "by": by})
