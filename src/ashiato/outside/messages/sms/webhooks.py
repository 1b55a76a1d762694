"""What a gateway reports by itself: a signed event, taken once however often it is sent.

The signature is HMAC-SHA256 over the time, a dot and the body, in hexadecimal digits; an event too old is no
event, so that one that was overheard cannot be played again for ever.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, cast

from ashiato.outside.messages.outcomes import MessageError, shown_cause
from ashiato.outside.messages.references import REFERENCE
from ashiato.outside.messages.secrets import Secret

Status = Literal["delivered", "failed", "underway"]

_MOST_BYTES = 65_536
_TOLERANCE_SECONDS = 300
_STATUSES: dict[str, Status] = {
    "delivered": "delivered", "failed": "failed", "undelivered": "failed", "rejected": "failed",
    "expired": "failed", "queued": "underway", "sent": "underway", "accepted": "underway",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One report of one message. ``key`` is the event's own identity: the same when it is sent again."""

    key: str
    reference: str
    status: Status
    words: str = ""


def signature_of(secret: Secret, at: int, body: bytes) -> str:
    """Return the signature of a body sent at a time (seconds since 1970)."""
    return hmac.new(secret.text.encode("utf-8"), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def read_event(secret: Secret, at: str, signature: str, body: bytes, now: float) -> Event:
    """Return the event of a request; ``at`` and ``signature`` as its headers have them.

    Raises: MessageError: the signature is not the gateway's, the event is old, or it is none.
    """
    if not at.isascii() or not at.isdigit() or len(at) > 15 or len(body) > _MOST_BYTES:
        raise MessageError("the event has no time, or is too large")
    expected = signature_of(secret, int(at), body)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise MessageError("the event's signature is not the gateway's")
    if abs(now - int(at)) > _TOLERANCE_SECONDS:
        raise MessageError("the event is too old, or the clocks differ")
    return _event(body)


def new_events(events: Iterable[Event], known: Iterable[str]) -> Iterator[Event]:
    """Yield the events whose keys are not known yet, each once."""
    seen = set(known)
    for event in events:
        if event.key not in seen:
            seen.add(event.key)
            yield event


def _event(body: bytes) -> Event:
    try:
        found = json.loads(body)
        words = {name: str(found[name]) for name in ("id", "reference", "status")}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise MessageError("the event is not of the form {id, reference, status}") from None
    status = _STATUSES.get(words["status"].lower())
    if status is None or not REFERENCE.fullmatch(words["reference"]):
        raise MessageError("the event names no status or no reference that is known")
    key = hashlib.sha256(
        f"{words['id']}\0{words['reference']}\0{status}".encode("utf-8", "replace")
    ).hexdigest()
    return Event(
        key, words["reference"], status, shown_cause(str(cast("dict[str, object]", found).get("reason", "")))
    )
