"""Alarms, clocks and receivers that several tests of the watch share."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ashiato.rooms.living import held_lock
from ashiato.rooms.watching.api import Policy, Teller, Ways, policy_of
from ashiato.terms.alarms import Actor, ActorKind, Alarm, AlarmCode

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ALARM = Alarm(
    key="budget:1",
    code=AlarmCode.PEOPLE_BUDGET,
    rule="people a minute",
    first_us=1_795_402_800_000_000,
    last_us=1_795_402_860_000_000,
    decided_us=1_795_402_861_000_000,
    actors=(Actor("clinic", ActorKind.ADDRESS, "203.0.113.7"),),
    people=80,
    people_expected=20,
    window_s=60,
    lines=("web/access.log:812", "web/access.log:813"),
)


def alarm(number: int, address: str = "203.0.113.7", **changed: Any) -> Alarm:
    """An alarm with a key of its own."""
    actors = (Actor("clinic", ActorKind.ADDRESS, address),)
    return replace(ALARM, **({"key": f"budget:{number}", "actors": actors} | changed))


@dataclass
class Hands:
    """A clock that goes when told."""

    moment: datetime = AT

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment

    def steady(self) -> float:
        """Return the moment as seconds."""
        return self.moment.timestamp()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)


def policy(said: dict[str, Any]) -> Policy:
    """The policy of a section, in Tokyo."""
    return policy_of(said, "Asia/Tokyo", "https://console.example.jp")


@contextmanager
def teller(said: dict[str, Any], home: Path, clock: Hands) -> Iterator[Teller]:
    """A worker's part in this process, over the ways of a section."""
    lock = home / "workers" / "one.lock"
    with held_lock(lock), ThreadPoolExecutor(8) as threads:
        yield Teller(policy(said), Ways(said, home), clock, str(lock), threads)


def tell_all(one: Teller) -> int:
    """Take rounds until nothing more is written down; returns how many tries there were."""
    tried = 0
    while True:
        one.take_round()
        done = one.finish(20.0)
        if not done:
            return tried
        tried += done
