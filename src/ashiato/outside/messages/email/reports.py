"""What comes in at the address for bounces: delivery reports, complaints, machines' answers, people's.

A report names its notice by the address it was sent to (its envelope sender carries the reference) and by the
Message-ID of the mail it returns; where the two disagree it names none. Everything here is hostile: it is cut
at a size, never raises, and what it is not understood to be is ``letter``, which somebody reads.
Source: RFC 3464 (delivery status), RFC 5965 (ARF), RFC 3834 (automatic answers) (read 2026-11-22).
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from typing import Literal

from flufl.bounce import all_failures

from ashiato.outside.messages.email.causes import Cause, cause_of, status_in
from ashiato.outside.messages.email.envelope import Envelope
from ashiato.outside.messages.outcomes import shown_cause

# What its detectors stumble over is a message's fault and no news; a traceback of it belongs in no log.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

Kind = Literal["failed", "delayed", "delivered", "complaint", "answer", "loop", "letter"]

_MOST_BYTES = 256 * 1024
_MOST_PARTS = 60
_MOST_WORDS = 2000
_MOST_HOPS = 60
_MOST_DEPTH = 40
_ANSWER_SUBJECT = re.compile(
    r"(?i)^(?:re: *|fwd: *)*(?:自動(?:返信|応答)|不在|out of (?:the )?office|auto(?:matic)?[ -]?reply)"
)
#: Not feedback against a mail: the reader says that it is none (RFC 5965 7.3).
_NO_COMPLAINT = {"not-spam"}
#: Faults that a broken message can cause in the parsers; anything else is a fault of ours.
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)


@dataclass(frozen=True, slots=True)
class Report:
    """One message that came in. ``key`` is the same for the same report however often it comes."""

    kind: Kind
    reference: str | None
    key: str
    status: str = ""
    cause: Cause = Cause.UNCLEAR
    words: str = ""


def read_report(message: bytes, envelope: Envelope, to: str = "") -> Report:
    """Return what a message says that came in for ``to``, an address of ours as the envelope had it."""
    cut = message[:_MOST_BYTES]
    key = hashlib.sha256(to.encode("utf-8", "replace") + b"\0" + cut).hexdigest()
    try:
        return _read(cut, envelope, to, key)
    except _BROKEN:
        return Report("letter", envelope.reference_in(to), key)


def _read(cut: bytes, envelope: Envelope, to: str, key: str) -> Report:
    if cut.count(b"multipart/") > _MOST_DEPTH or cut.count(b"message/rfc822") > _MOST_DEPTH:
        return Report("letter", envelope.reference_in(to), key)
    found = message_from_bytes(cut)
    parts = [part for part, _ in zip(found.walk(), range(_MOST_PARTS), strict=False)]
    reference = _reference(parts, envelope, to)
    kind, text = _kind(found, parts, envelope)
    if kind not in {"failed", "delayed", "delivered"}:
        return Report(kind, reference, key, words=shown_cause(text))
    status = _named(text, "Status")
    words = (_named(text, "Diagnostic-Code") or text)[:_MOST_WORDS]
    return Report(kind, reference, key, status_in(status), cause_of(status, words), shown_cause(words))


def _reference(parts: list[Message], envelope: Envelope, to: str) -> str | None:
    told = envelope.reference_in(to)
    returned = {envelope.reference_in(_first(part, "Message-ID")) for part in parts[1:]}
    returned |= {envelope.reference_in(line) for part in parts for line in _returned_ids(part)}
    returned.discard(None)
    if told is None:
        return returned.pop() if len(returned) == 1 else None
    return told if not returned or returned == {told} else None


def _returned_ids(part: Message) -> Iterator[str]:
    """Message-IDs in parts that hold the headers of what is returned as mere text."""
    if part.get_content_type() in {"text/rfc822-headers", "text/rfc822"}:
        yield _first(message_from_bytes(_content(part)), "Message-ID")


def _kind(found: Message, parts: list[Message], envelope: Envelope) -> tuple[Kind, str]:
    """What a message is, and the text that says why."""
    if _is_loop(found, envelope):
        return "loop", ""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/feedback-report":
            text = _fields(part)
            is_complaint = _named(text, "Feedback-Type").lower() not in _NO_COMPLAINT
            return ("complaint" if is_complaint else "answer"), text
        if kind in {"message/delivery-status", "message/global-delivery-status"}:
            return _of_status(part)
    kind, text = _of_words(found, parts)
    return ("answer", "") if kind == "letter" and _is_answer(found) else (kind, text)


def _is_loop(found: Message, envelope: Envelope) -> bool:
    """Whether a mail of ours came back to us as it is, or has been going round."""
    own = envelope.reference_in(_first(found, "Message-ID")) is not None
    return own or len(found.get_all("Received", [])) > _MOST_HOPS


def _is_answer(found: Message) -> bool:
    told = _first(found, "Auto-Submitted").lower()
    if (
        told.startswith(("auto-replied", "auto-notified"))
        or found.get("X-Autoreply")
        or found.get("X-Autorespond")
    ):
        return True
    if _first(found, "Precedence").strip().lower() == "auto_reply":
        return True
    return (
        found.get_content_type() == "multipart/report"
        and str(found.get_param("report-type")).lower() == "disposition-notification"
    ) or _ANSWER_SUBJECT.match(_subject(found)) is not None


def _of_status(part: Message) -> tuple[Kind, str]:
    """The recipients' groups of a delivery status: one failed one is what counts."""
    groups = re.split(r"\n[ \t]*\n", _fields(part).replace("\r", ""))
    kinds: dict[str, Kind] = {
        "failed": "failed",
        "delivered": "delivered",
        "relayed": "delayed",
        "delayed": "delayed",
    }
    for action, kind in kinds.items():
        for group in groups:
            if _named(group, "Action").split(" ")[0].split("(")[0].strip().lower() == action:
                return kind, group
    return "letter", ""


def _of_words(found: Message, parts: list[Message]) -> tuple[Kind, str]:
    """A bounce in words alone, as older servers write it: recognised by flufl.bounce."""
    passing, lasting = all_failures(found)
    if not passing and not lasting:
        return "letter", ""
    texts = [
        _content(part).decode("utf-8", "replace") for part in parts if part.get_content_maintype() == "text"
    ]
    return ("failed" if lasting else "delayed"), "\n".join(texts)[:_MOST_WORDS]


def _fields(part: Message) -> str:
    """The fields of a machine's part as text, whether or not the parser took it apart."""
    inner = part.get_payload()
    if isinstance(inner, list):
        groups = [each.raw_items() for each in inner if isinstance(each, Message)]
        return "\n\n".join("\n".join(f"{name}: {value}" for name, value in group) for group in groups)
    return _content(part).decode("utf-8", "replace")


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _named(text: str, name: str) -> str:
    found = re.search(rf"(?im)^{name}[ \t]*:[ \t]*((?:.|\n[ \t])*)", text)
    return " ".join(found[1].split()) if found else ""


def _first(part: Message, name: str) -> str:
    """The first header of a name; bytes that no header may hold are read as UTF-8, as they are meant."""
    for named, value in part.raw_items():
        if named.lower() == name.lower():
            return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return ""


def _subject(found: Message) -> str:
    return str(make_header(decode_header(_first(found, "Subject"))))
