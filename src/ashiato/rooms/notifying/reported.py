"""What a provider reports by itself of a mail, taken as a receipt: in any order, and once however often."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ashiato.outside.messages.outcomes import shown_cause
from ashiato.rooms.notifying.providing import REFERENCE
from ashiato.rooms.notifying.services.receiving import Report, record_receipt
from ashiato.rooms.notifying.states import State
from ashiato.terms.ids import sha256_text

#: By anymail's words. One who opens a mail, or complains of it, has it.
_STATES = {
    "queued": State.HANDED, "sent": State.HANDED, "deferred": State.HANDED,
    "delivered": State.DELIVERED, "opened": State.DELIVERED, "clicked": State.DELIVERED,
    "complained": State.DELIVERED, "unsubscribed": State.DELIVERED,
    "bounced": State.BOUNCED, "rejected": State.BOUNCED, "failed": State.BOUNCED,
}  # fmt: skip
#: Of a mailbox that is not there or refuses for good; what is late passes, and what a filter blocks is ours.
_OF_THE_ADDRESS = {"invalid", "bounced"}


class TrackingEvent(Protocol):
    """What anymail makes of a provider's report."""

    event_type: str
    event_id: str | None
    message_id: str | None
    timestamp: datetime | None
    metadata: dict[str, str]
    reject_reason: str | None
    mta_response: str | None


def take_event(event: TrackingEvent, at: datetime) -> bool:
    """Take a report; returns whether it is new, of a notice of ours, and says where that stands."""
    reference, new = str(event.metadata.get(REFERENCE, "")), _STATES.get(event.event_type)
    if new is None or not reference:
        return False
    own = event.event_id or f"{event.message_id} {event.timestamp}"
    said = " ".join(filter(None, (event.event_type, event.reject_reason, event.mta_response)))
    key = sha256_text("provider", reference, event.event_type, own)
    return record_receipt(Report(key, reference, new, shown_cause(said), _left(event)), at)


def _left(event: TrackingEvent) -> str:
    """Why nothing more is sent to the address; nothing where it may be."""
    if event.event_type == "complained":
        return "complaint"
    is_dead = _STATES[event.event_type] is State.BOUNCED and event.reject_reason in _OF_THE_ADDRESS
    return str(event.reject_reason) if is_dead else ""
