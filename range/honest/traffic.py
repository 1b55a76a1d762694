"""Everybody who is honest at once, at a pace: visits come by chance, and each thinks in its own time."""

from __future__ import annotations

import heapq
import random  # noqa: TID251 - seeded, and passed on
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from range.client import Client, now
from range.honest.customers import visit
from range.honest.hours import Hours, customers_share
from range.honest.staff import at_work
from range.loopback import HEALTH_CHECK, PARTNER
from range.place import Place
from range.truth import Truth

_HANDS = 16


@dataclass(frozen=True)
class Traffic:
    """How much there is, and when: ``visits_per_minute`` are the busiest hour's, by the run's own clock."""

    place: Place
    truth: Truth
    seconds: float
    visits_per_minute: float = 60.0
    staff: int = 5
    hours: Hours = field(default_factory=lambda: Hours(now()))
    seed: int = 1

    def run(self) -> None:
        """Play it, for so many seconds of the clock."""
        chance = random.Random(self.seed)
        actors = [
            *(self._working(number, chance.random()) for number in range(1, self.staff + 1)),
            self._visits(chance), self._health(), self._partner(random.Random(self.seed + 1)),
        ]  # fmt: skip
        _Stage(self.seconds, self.hours.pace).play(actors)

    def _working(self, number: int, seed: float) -> Iterator[float | Iterator[float]]:
        yield from at_work(self.place, self.truth, number, random.Random(seed), self.hours)

    def _visits(self, chance: random.Random) -> Iterator[float | Iterator[float]]:
        while True:
            come = self.visits_per_minute / 60 * customers_share(self.hours.then())
            yield min(chance.expovariate(come), 600.0)
            yield visit(self.place, self.truth, random.Random(chance.random()))

    def _health(self) -> Iterator[float | Iterator[float]]:
        client = Client(self.place.url, HEALTH_CHECK, "health-check/1.0")
        while True:
            self.truth.note(client, client.get("/healthz"))
            yield 30.0

    def _partner(self, chance: random.Random) -> Iterator[float | Iterator[float]]:
        client = self.place.partner(PARTNER, 1)
        while True:
            yield chance.uniform(200, 400)
            asked = sorted(chance.randint(1, self.place.people) for _ in range(chance.randint(1, 20)))
            self.truth.note(client, client.post_json(self.place.site.batch, {"ids": asked}))


class _Stage:
    """Lets actors step when their time comes, on a few threads; an actor may bring in another."""

    def __init__(self, seconds: float, pace: float) -> None:
        self._until, self._pace = time.monotonic() + seconds, pace
        self._due: list[tuple[float, int, Iterator[float | Iterator[float]]]] = []
        self._count, self._one = 0, threading.Condition()

    def play(self, actors: list[Iterator[float | Iterator[float]]]) -> None:
        for actor in actors:
            self._call(actor, 0.0)
        with ThreadPoolExecutor(_HANDS) as pool:
            list(pool.map(lambda _: self._step(), range(_HANDS)))

    def _step(self) -> None:
        while (actor := self._next()) is not None:
            said = next(actor, None)
            if isinstance(said, float):
                self._call(actor, said)
            elif said is not None:
                self._call(said, 0.0)
                self._call(actor, 0.0)

    def _call(self, actor: Iterator[float | Iterator[float]], after: float) -> None:
        with self._one:
            self._count += 1
            heapq.heappush(self._due, (time.monotonic() + after / self._pace, self._count, actor))
            self._one.notify()

    def _next(self) -> Iterator[float | Iterator[float]] | None:
        with self._one:
            while (now := time.monotonic()) < self._until:
                if self._due and self._due[0][0] <= now:
                    return heapq.heappop(self._due)[2]
                due = self._due[0][0] if self._due else self._until
                self._one.wait(min(due, self._until) - now)
        return None
