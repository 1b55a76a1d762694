"""A pace kept by the clock: so many turns a second over several workers, without bursts after a delay."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Worker = TypeVar("Worker")


def in_turns(
    workers: Sequence[Worker], rate: float, turns: int, act: Callable[[Worker, int], bool | None]
) -> None:
    """Let workers take turns, numbered from 0, ``rate`` a second together; False from one ends its part."""
    numbers, one = iter(range(turns)), threading.Lock()
    interval, begun = len(workers) / rate, time.monotonic()

    def work(place: int) -> None:
        due = begun + place / rate
        while True:
            time.sleep(max(0.0, due - time.monotonic()))
            with one:
                number = next(numbers, None)
            if number is None or act(workers[place], number) is False:
                return
            due = max(due + interval, time.monotonic())

    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(work, range(len(workers))))
