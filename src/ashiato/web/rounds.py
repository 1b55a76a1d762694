"""Channels that work beside each other: none waits for another, none ends while another may make work for it.

A notice that failed by one channel may be work for the next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ashiato.rooms.notifying.api import Progress


@dataclass
class Rounds:
    """What the threads of the channels share; ``tell`` hears how far all of them are together."""

    names: Collection[str]
    tell: Callable[[Progress], None]
    _change: threading.Condition = field(default_factory=threading.Condition)
    _done: dict[str, list[Progress]] = field(default_factory=dict)
    _made: int = 0
    _resting: set[str] = field(default_factory=set)
    _gone: set[str] = field(default_factory=set)

    def begin(self, name: str) -> int:
        """Begin a turn of a channel; returns how often work was made before it."""
        with self._change:
            self._done.setdefault(name, []).append(Progress())
            return self._made

    def take_in(self, name: str, part: Progress) -> None:
        """Hear how far a channel is in its turn, and tell how far all of them are."""
        with self._change:
            self._done[name][-1] = part
            self.tell(self.sum())

    def sum(self) -> Progress:
        """Return what was done by all of them; what is left is as each counted last."""
        total = Progress()
        for parts in self._done.values():
            for part in parts:
                total = total.and_then(part)
        last = [parts[-1] for parts in self._done.values()]
        total.left = sum(part.left for part in last)
        total.closed = tuple(sorted({kind for part in last for kind in part.closed}))
        total.trouble = next((part.trouble for part in last if part.trouble), "")
        return total

    def make_work(self) -> None:
        """Say that others may find something to do."""
        with self._change:
            self._made += 1
            self._resting.clear()
            self._change.notify_all()

    def rest(self, name: str, seen: int) -> bool:
        """Wait until work was made after ``seen``; False once nobody is left to make any."""
        with self._change:
            if self._made == seen:
                self._resting.add(name)
                self._change.notify_all()
                self._change.wait_for(lambda: self._made != seen or self._is_over())
            return self._made != seen

    def leave(self, name: str) -> None:
        """End a channel, however it ended: it makes no more work."""
        with self._change:
            self._gone.add(name)
            self._change.notify_all()

    def _is_over(self) -> bool:
        return self._resting | self._gone >= set(self.names)
