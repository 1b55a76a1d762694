"""The worker's third part: tells staff of alarms, as the operator's file says."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings

from ashiato.rooms.living import Clock
from ashiato.rooms.watching.api import HANDS, Policy, Teller, Ways, policy_of
from ashiato.web.beside import go_round

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
    with ThreadPoolExecutor(HANDS) as threads:
        teller = Teller(policy_here(), ways_here(), clock, lock_file, threads)
        go_round(teller.take_round, is_over, "staff cannot be told of alarms")
        teller.finish(_SECONDS_TO_FINISH)
