"""An alarm handed to a server as a guard does it."""

from __future__ import annotations

from ashiato.terms.alarms import Alarm
from ashiato.web.guarding import ServerLink


def hand_on(link: ServerLink, alarm: Alarm) -> bool:
    """Let the server take an alarm and answer it; return whether it did."""
    return link.take(alarm) and link.answer(alarm)
