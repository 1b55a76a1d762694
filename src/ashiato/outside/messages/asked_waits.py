"""How long a server asks to be left alone: ``Retry-After`` (RFC 9110, section 10.2.3, read 2026-11-23)."""

from __future__ import annotations

import time
from datetime import UTC
from email.utils import parsedate_to_datetime

#: What asks for longer asks for no more than this.
_MOST_S = 86_400
_MOST_DIGITS = 9


def asked_wait(said: str | None) -> int:
    """Return the seconds that a header asks for, a day at most; 0 for none, or for what cannot be read."""
    text = (said or "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text.lstrip("0")[:_MOST_DIGITS] or "0"), _MOST_S)
    try:
        until = parsedate_to_datetime(text)
        moment = until.replace(tzinfo=UTC) if until.tzinfo is None else until
        return min(max(0, round(moment.timestamp() - time.time())), _MOST_S)
    except (ValueError, OverflowError):
        return 0
