"""Mail that came in at the address for bounces, taken as receipts: read, recorded, and only then moved."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

from ashiato.outside.messages.email import reports
from ashiato.outside.messages.email.envelope import Envelope
from ashiato.outside.messages.email.maildir import (
    Incoming,
    leave_to_the_desk,
    mark_read,
    read_incoming,
)
from ashiato.outside.messages.email.suppression import consequence_of
from ashiato.rooms.notifying.models import Receipt
from ashiato.rooms.notifying.services.receiving import Report, record_receipt
from ashiato.rooms.notifying.states import State


def take_bounces(maildir: Path, envelope: Envelope, at: datetime) -> Counter[str]:
    """Take what came in; returns how many of each kind, ``for the desk`` among them.

    A mail whose report names no notice, or one nobody knows, goes to the desk as a letter does: none is lost.
    """
    counts: Counter[str] = Counter()
    for incoming in read_incoming(maildir):
        counts[_take(incoming, envelope, at)] += 1
    return counts


def _take(incoming: Incoming, envelope: Envelope, at: datetime) -> str:
    found = reports.read_report(incoming.content, envelope, incoming.to)
    follows = consequence_of(found)
    if follows.state is not None:
        left = str(found.cause or found.kind) if follows.suppresses else ""
        return _record(incoming, found, (State(follows.state), left), at)
    if follows.for_the_desk:
        return _leave(incoming)
    mark_read(incoming)
    return found.kind


def _record(incoming: Incoming, found: reports.Report, follows: tuple[State, str], at: datetime) -> str:
    if found.reference is None:
        return _leave(incoming)
    cause = " ".join(filter(None, (found.cause, found.status, found.words)))
    new, left = follows
    report = Report(found.key, found.reference, new, cause, left)
    if not record_receipt(report, at) and not Receipt.objects.filter(key=found.key).exists():
        return _leave(incoming)
    mark_read(incoming)
    return found.kind


def _leave(incoming: Incoming) -> str:
    leave_to_the_desk(incoming)
    return "for the desk"
