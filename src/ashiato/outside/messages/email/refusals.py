"""What a mail server's refusal means: of whom it speaks, and whether it is for good.

A refusal of the connection, the sign-in or the sender is everybody's matter: it never makes one person's
notice bounce. Source: RFC 5321 4.2, RFC 3463, RFC 7372 (read 2026-11-22).
"""

from __future__ import annotations

import re
from typing import Literal

from ashiato.outside.messages.outcomes import About, NotAccepted, shown_cause

Phase = Literal["mail", "rcpt", "data", "dot"]

_CODE = re.compile(r"\b[45]\.([0-9]{1,3})\.([0-9]{1,3})\b")
#: Enhanced codes by (subject, detail): the sender's address and domain; the message's form or policy.
_SENDERS = {(1, 7), (1, 8), (1, 9)}
_TEXTS = {(7, 0), (7, 1)}


def refusal(phase: Phase, code: int, answer: bytes) -> NotAccepted:
    """Return what a 4xx or 5xx says: for good only where it speaks of this recipient or this mail."""
    words = shown_cause(answer)
    about = _about(phase, code, words)
    permanent = code // 100 == 5 and about != "service"
    return NotAccepted(f"{phase} {code} {words}".rstrip(), permanent=permanent, about=about)


def _about(phase: Phase, code: int, words: str) -> About:
    if phase == "mail" or code in {421, 530, 534, 535, 538}:
        return "service"
    found = _CODE.search(words)
    if found:
        subject, detail = int(found[1]), int(found[2])
        if (subject, detail) in _SENDERS or subject in {3, 4, 5}:
            return "service"
        if subject in {1, 2}:
            return "recipient"
        if subject == 7:
            return "message" if phase == "dot" and (subject, detail) in _TEXTS else "service"
    unsaid: dict[Phase, About] = {"rcpt": "recipient", "dot": "message"}
    return unsaid.get(phase, "service")
