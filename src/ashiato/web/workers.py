"""Workers as this server runs them: its locks, its mail server, its signals."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

from django.conf import settings

from ashiato.rooms.notifying.api import (
    Campaign,
    Composer,
    MachineClock,
    Progress,
    SendingWorker,
    reconcile,
)
from ashiato.web.channels import Channels


def run_worker(campaign: Campaign, zone: ZoneInfo, tell: Callable[[Progress], None]) -> Progress:
    """Hand over by every channel that is set up, until nothing is left or it is told to stop.

    Returns what was done. A notice that failed by one channel may make work for another: they take turns
    until none of them did anything.
    """
    channels, composer = _channels(), Composer(campaign, zone)
    names, done = channels.named(), Progress()
    with listening() as stopped:
        busy = True
        while busy and not stopped():
            busy = False
            for name in names:
                before = done
                calls = (stopped, lambda part, before=before: tell(before.and_then(part)))
                part = _run_one(campaign, composer, channels, name, calls)
                busy = busy or bool(part.handed + part.failed)
                done = done.and_then(part)
    return done


def _run_one(
    campaign: Campaign,
    composer: Composer,
    channels: Channels,
    name: str,
    calls: tuple[Callable[[], bool], Callable[[Progress], None]],
) -> Progress:
    with channels.open(name, composer) as hands:
        locks = Path(settings.ASHIATO_HOME) / "workers"
        return SendingWorker(campaign, hands, MachineClock(), locks, channels.pace(name), *calls).run()


def ask_outside(campaign: Campaign) -> dict[str, int]:
    """Ask what each channel is handed to, where it can be asked, for what is in doubt."""
    with _channels().asked() as asked:
        return dict(reconcile(campaign, asked, MachineClock()))


def take_in(at: datetime) -> Counter[str]:
    """Take in what came back by mail; returns how many of each kind."""
    return _channels().take_bounces(at)


def _channels() -> Channels:
    return Channels(settings.CONFIGURATION.said, Path(settings.ASHIATO_HOME))


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
