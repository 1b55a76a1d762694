"""Answers to those who asked by their contact, by the mail server that the operator's file names."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from ashiato.rooms.notifying.api import Campaign, Composer, MachineClock, open_pool
from ashiato.rooms.publishing.api import send_answers


def answer_checks(campaign: Campaign, zone: ZoneInfo) -> Counter[str]:
    """Send what is owed; returns how many answers stand where."""
    with open_pool(settings.CONFIGURATION.said.get("mail", {}), Path(settings.ASHIATO_HOME)) as pool:
        return send_answers(campaign, Composer(campaign, zone), pool, MachineClock().now())
