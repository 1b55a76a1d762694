"""Workers as this server runs them: its locks, its channels beside each other."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from ashiato.letters.notices.profile import Profile
from ashiato.rooms.accounts.api import get_program
from ashiato.rooms.answering.api import watch_desk
from ashiato.rooms.notifying.api import (
    Campaign,
    Composer,
    Hands,
    MachineClock,
    Progress,
    Senders,
    SendingWorker,
    expire,
    reconcile,
)
from ashiato.terms.errors import ServerError
from ashiato.web.channels import CALLS, Channels
from ashiato.web.intake import letters_to_desk
from ashiato.web.rounds import Rounds
from ashiato.web.signals import listening

#: While a channel goes on, what failed by it is another's after so many seconds.
_LOOK_EACH = 60.0


def write_calls(campaign: Campaign, zone: ZoneInfo) -> Progress:
    """Write lists of the calls that approved waves hold into the folder that ``server.yaml`` names.

    Raises: ServerError: it names none.
    """
    if CALLS not in settings.CONFIGURATION.said:
        fix = "write `calls: {folder: ..}` into server.yaml; docs/guides/notices.md"
        raise ServerError("there is no folder for lists of calls", fix=fix)
    return _run(campaign, zone, lambda _: None, [CALLS])


def run_worker(campaign: Campaign, zone: ZoneInfo, tell: Callable[[Progress], None]) -> Progress:
    """Hand over by every channel that is set up, until nothing is left or it is told to stop.

    Returns what was done. Each channel works in a thread of its own: one whose outside is away waits alone.
    Letters that wait for the desk are brought to it first. At the end what has been kept long enough is
    erased.
    """
    letters_to_desk(campaign, MachineClock().now())
    return _run(campaign, zone, tell, _channels().named())


def _run(
    campaign: Campaign, zone: ZoneInfo, tell: Callable[[Progress], None], names: Sequence[str]
) -> Progress:
    channels = _channels()
    rounds = Rounds(names, tell)
    with ExitStack() as opened, listening() as stopped, ThreadPoolExecutor(len(names)) as threads:
        # All are opened before anything is sent: a wrong setting is told at once.
        hands = [opened.enter_context(_hands(channels, name, campaign, zone)) for name in names]
        turns = [
            _Turns(campaign, name, hand, rounds, stopped) for name, hand in zip(names, hands, strict=True)
        ]
        running = [threads.submit(each.run, channels) for each in turns]
    for each in running:
        each.result()
    expire(campaign, get_program(), MachineClock().now())
    return rounds.sum()


@dataclass
class _Turns:
    """One channel: it works until nothing is left, and again when another made work for it."""

    campaign: Campaign
    name: str
    hands: Hands
    rounds: Rounds
    stopped: Callable[[], bool]
    _failed: int = 0
    _looked: float = 0.0

    def run(self, channels: Channels) -> None:
        """Take turns until all channels rest."""
        clock = MachineClock()
        locks, pace = Path(settings.ASHIATO_HOME) / "workers", channels.pace(self.name)
        try:
            goes_on = True
            while goes_on:
                seen = self.rounds.begin(self.name)
                self._failed, self._looked = 0, clock.steady()
                watch = partial(watch_desk, self.campaign)
                calls = (self.stopped, lambda part: self._hear(part, clock), watch)
                part = SendingWorker(self.campaign, self.hands, clock, locks, pace, *calls).run()
                self.rounds.take_in(self.name, part)
                if part.failed > self._failed:
                    self.rounds.make_work()
                goes_on = not self.stopped() and self.rounds.rest(self.name, seen)
        finally:
            self.rounds.leave(self.name)
            connection.close()

    def _hear(self, part: Progress, clock: MachineClock) -> None:
        self.rounds.take_in(self.name, part)
        if part.failed > self._failed and clock.steady() - self._looked > _LOOK_EACH:
            self._failed, self._looked = part.failed, clock.steady()
            self.rounds.make_work()


@contextmanager
def _hands(channels: Channels, name: str, campaign: Campaign, zone: ZoneInfo) -> Generator[Hands]:
    """Yield who hands over by a channel: in this process, or in as many as the channel's pace says."""
    pace = channels.pace(name)
    with channels.open(name, Composer(campaign, zone)) as hands:
        if pace.lanes == 1:
            yield hands
            return
    said = (
        str(settings.ASHIATO_HOME),
        str(campaign.pk),
        zone.key,
        str(pace.hands // pace.lanes),
        str(pace.lanes),
    )
    with Senders(hands.channels, (sys.executable, "-m", "ashiato.web.sender", *said)) as senders:
        yield senders


def ask_outside(campaign: Campaign) -> dict[str, int]:
    """Ask what each channel is handed to, where it can be asked, for what is in doubt."""
    with _channels().asked() as asked:
        return dict(reconcile(campaign, asked, MachineClock()))


def printers_profile() -> Profile:
    """Return the measures of the printer that the operator's file names."""
    return _channels().profile()


def take_in(at: datetime) -> Counter[str]:
    """Take in what came back by mail; returns how many of each kind."""
    return _channels().take_bounces(at)


def _channels() -> Channels:
    return Channels(settings.CONFIGURATION.said, Path(settings.ASHIATO_HOME))
