"""The worker's third part: tells staff of alarms, as the operator's file says."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from ashiato.outside.messages.alarms.heartbeat import show_life
from ashiato.outside.messages.outcomes import MessageError, always
from ashiato.outside.messages.secrets import read_secret
from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.living import Clock
from ashiato.rooms.watching.api import HANDS, Composer, Policy, Silences, Teller, Ways, policy_of
from ashiato.terms.errors import ServerError
from ashiato.web.beside import go_round

_SECONDS_OF_LIFE = 60
_LOG = logging.getLogger(__name__)
#: What is under way when the worker is told to stop has so long to end.
_SECONDS_TO_FINISH = 20.0


def policy_here() -> Policy:
    """Return what the operator's file says of alarms; ServerError where a step tells nobody."""
    said = settings.CONFIGURATION.said
    return policy_of(said.get("alarms", {}), said.get("zone", "UTC"), settings.SITE.origin)


def ways_here() -> Ways:
    """Return the ways that the operator's file names."""
    return Ways(settings.CONFIGURATION.said.get("alarms", {}), Path(settings.ASHIATO_HOME))


def tell_until(is_over: Callable[[float], bool], clock: Clock, lock_file: str) -> None:
    """Tell what is due until it is over; ``is_over`` waits so many seconds for that."""
    with ThreadPoolExecutor(HANDS + 1) as threads:
        policy = policy_here()
        silences, life = Silences(policy, clock), Life(clock, threads)
        teller = Teller(policy, ways_here(), clock, lock_file, threads)

        def take_round() -> None:
            silences.take_round()
            teller.take_round()
            if silences.is_guarded:
                life.take_round()

        go_round(take_round, is_over, "staff cannot be told of alarms")
        teller.finish(_SECONDS_TO_FINISH)


@dataclass
class Life:
    """Shows a watch outside the house that this one lives: its silence tells of a host that is gone whole.

    Withheld while a guard is silent: whoever is told by us of that may be out of our reach as well.
    """

    clock: Clock
    threads: ThreadPoolExecutor
    _due: float = 0.0
    _under_way: Future[str] | None = None
    _trouble: str = ""

    def take_round(self) -> None:
        """Show it when its time has come; one that is still under way is waited for."""
        said = settings.CONFIGURATION.said.get("alarms", {}).get("life")
        if said is None or (self._under_way is not None and not self._under_way.done()):
            return
        if self._under_way is not None:
            self._take_in(self._under_way.result())
        self._under_way = None
        if self.clock.steady() >= self._due:
            self._due = self.clock.steady() + said.get("each_seconds", _SECONDS_OF_LIFE)
            file = Path(settings.ASHIATO_HOME) / said["url_file"]
            self._under_way = self.threads.submit(_show, file)

    def _take_in(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            _LOG.warning("the watch outside does not take our sign of life: %s", trouble)
        self._trouble = trouble


def _show(file: Path) -> str:
    try:
        return show_life(read_secret(file))
    except MessageError as refused:
        return str(refused)


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a trial by one way of a receiver."""

    receiver: str
    way: str
    outcome: str
    words: str


def try_ways(staff: Staff, now: datetime) -> Iterator[Tried]:
    """Send a trial by every way, an entry of the ledger; yields what each came to.

    Raises: ServerError: nobody is to be told of alarms.
    """
    policy, ways = policy_here(), ways_here()
    if not policy.receivers:
        fix = "write `alarms:` into server.yaml; docs/guides/alarms.md"
        raise ServerError("nobody is to be told of alarms", fix=fix)
    record_entry(staff, "alarms tried", "alarms", at=now)
    composer = Composer(policy)
    for receiver in policy.receivers.values():
        for way in receiver.ways:
            text = composer.trial(f"trial-{secrets.token_hex(8)}", receiver.language, staff.name, now)
            outcome, words = ways.offer(way, text, always)
            yield Tried(receiver.name, way.name, outcome.value, words)
