"""Answers to those who asked by their contact, as the operator's file says that mail goes."""

from __future__ import annotations

from collections import Counter
from contextlib import AbstractContextManager, closing
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from ashiato.rooms.notifying.api import Campaign, Composer, MachineClock, open_pool, open_provider
from ashiato.rooms.publishing.api import Mailing, send_answers


def answer_checks(campaign: Campaign, zone: ZoneInfo) -> Counter[str]:
    """Send what is owed; returns how many answers stand where."""
    with _mailing() as mailing:
        return send_answers(campaign, Composer(campaign, zone), mailing, MachineClock().now())


def _mailing() -> AbstractContextManager[Mailing]:
    """What takes mails over: the provider that the file names, else the mail server."""
    said, home = settings.CONFIGURATION.said.get("mail", {}), Path(settings.ASHIATO_HOME)
    return closing(open_provider(said, home)) if "provider" in said else open_pool(said, home)
