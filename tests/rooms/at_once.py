"""The same thing done by several at the same moment, each with a connection of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

_AT_ONCE = 6


def together(act: Callable[[int], bool]) -> int:
    """Do it in so many threads at the same moment; returns how many of them succeeded."""
    ready = Barrier(_AT_ONCE)

    def one(number: int) -> bool:
        try:
            connection.ensure_connection()
            ready.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return sum(threads.map(one, range(_AT_ONCE)))
