"""Workers as this server runs them: its locks, its mail server, its signals."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from ashiato.rooms.notifying.api import (
    Campaign,
    Channel,
    Composer,
    Handing,
    MachineClock,
    MailHand,
    Pace,
    Progress,
    SendingWorker,
    find_mail_log,
    open_pool,
    reconcile,
)


def run_worker(campaign: Campaign, zone: ZoneInfo, tell: Callable[[Progress], None]) -> Progress:
    """Run one worker until nothing is left or it is told to stop, and return what it did."""
    said, home = _mail_settings()
    with open_pool(said, home) as pool, listening() as stopped:
        worker = SendingWorker(
            campaign,
            Handing({Channel.EMAIL: MailHand(Composer(campaign, zone), pool)}),
            MachineClock(),
            home / "workers",
            _pace(said),
            stopped,
            tell,
        )
        return worker.run()


def _pace(said: dict[str, Any]) -> Pace:
    """A worker may still wait for an answer when its claim is too old to offer more from."""
    usable = Pace().usable
    return Pace(hands=said.get("connections", 4), silent=2 * usable + said.get("dot_timeout", 600))


def ask_outside(campaign: Campaign) -> dict[str, int]:
    """Ask the mail log, where one is named, for what is in doubt."""
    said, home = _mail_settings()
    log = find_mail_log(said, home) if said else None
    return dict(reconcile(campaign, {Channel.EMAIL: log} if log else {}, MachineClock()))


def _mail_settings() -> tuple[dict[str, Any], Path]:
    said: dict[str, Any] = settings.CONFIGURATION.said.get("mail", {})
    return said, Path(settings.ASHIATO_HOME)


@contextmanager
def listening() -> Generator[Callable[[], bool]]:
    """Yield whether a signal asked to stop: the batch at hand is finished first."""
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
