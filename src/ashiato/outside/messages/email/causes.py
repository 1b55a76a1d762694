"""Why a mail did not arrive, in a few classes that decide what follows.

Source: RFC 3463 and its registry at IANA (read 2026-11-22).
"""

from __future__ import annotations

import re
from enum import StrEnum


class Cause(StrEnum):
    """The classes: the first three are the address's own and stay; the others pass, or are ours."""

    UNKNOWN_ADDRESS = "unknown-address"
    UNKNOWN_DOMAIN = "unknown-domain"
    CLOSED = "closed"
    FULL = "full"
    TOO_LARGE = "too-large"
    REFUSED = "refused"
    EXPIRED = "expired"
    UNCLEAR = "unclear"


#: Causes after which an address is not written to again, by any campaign.
OF_THE_ADDRESS = frozenset({Cause.UNKNOWN_ADDRESS, Cause.UNKNOWN_DOMAIN, Cause.CLOSED})

_STATUS = re.compile(r"\b([245])\.([0-9]{1,3})\.([0-9]{1,3})\b")
_BY_CODE = {
    (1, 0): Cause.UNKNOWN_ADDRESS, (1, 1): Cause.UNKNOWN_ADDRESS, (1, 2): Cause.UNKNOWN_DOMAIN,
    (1, 3): Cause.UNKNOWN_ADDRESS, (1, 6): Cause.UNKNOWN_ADDRESS, (1, 10): Cause.UNKNOWN_DOMAIN,
    (2, 1): Cause.CLOSED, (2, 2): Cause.FULL, (2, 3): Cause.TOO_LARGE, (3, 4): Cause.TOO_LARGE,
    (4, 1): Cause.EXPIRED, (4, 2): Cause.EXPIRED, (4, 4): Cause.UNKNOWN_DOMAIN, (4, 7): Cause.EXPIRED,
}  # fmt: skip
#: What servers say whose code is missing or says nothing (5.0.0, 5.2.0).
_BY_WORDS = (
    (Cause.FULL, re.compile(r"(?i)(?:mailbox|quota|inbox).{0,30}(?:full|exceed|over)|over ?quota")),
    (Cause.CLOSED, re.compile(r"(?i)(?:account|mailbox|user).{0,30}(?:disabled|suspended|inactive|closed)")),
    (
        Cause.UNKNOWN_ADDRESS,
        re.compile(
            r"(?i)(?:user|recipient|mailbox|address|account).{0,40}(?:unknown|not found|does(?:n't| not) "
            r"exist|invalid|unavailable)|(?:unknown|no such|invalid) (?:user|recipient|mailbox|address|local)"
        ),
    ),
    (Cause.UNKNOWN_DOMAIN, re.compile(r"(?i)(?:host|domain).{0,20}(?:not found|unknown|does not exist)")),
    (Cause.REFUSED, re.compile(r"(?i)spam|blocked|black ?list|policy|denied|reputation|dmarc|dkim|\bspf\b")),
)


def status_in(text: str) -> str:
    """Return the first enhanced status code in a text (``5.1.1``), else nothing."""
    found = _STATUS.search(text)
    return found[0] if found else ""


def cause_of(status: str, words: str) -> Cause:
    """Return the class of a status code and the words beside it."""
    found = _STATUS.search(status) or _STATUS.search(words)
    if found:
        code = (int(found[2]), int(found[3]))
        if code[0] == 7:
            return Cause.REFUSED
        if code in _BY_CODE:
            return _BY_CODE[code]
    return next((cause for cause, pattern in _BY_WORDS if pattern.search(words)), Cause.UNCLEAR)
