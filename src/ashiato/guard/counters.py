"""What one actor saw in the last minute, hour and day: different people, never requests.

Windows slide on the events' own time. Each holds at most so many entries; beyond them the oldest go, and
what is told is then still true as *at least*.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import orjson

from ashiato.guard.settings import SPAN_S, Window
from ashiato.guard.sights import Sight

_SECOND_US = 1_000_000
#: So many equal steps in a row are a walk, and what follows costs double: records by their keys, and the
#: pages of a list, which people do leaf through.
_STEPS = 4
_PAGE_STEPS = 10
#: Sooner after a list the next one was asked for by a program: a person reads at least some of it.
_READ_US = 2_000_000
WALK_COSTS = 2
WINDOWS = tuple(Window)
MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """One sight as last seen: when, what it costs, how many people at least, and who of a group saw it."""

    time_us: int
    cost: int
    least: int
    member: str


class Seen:
    """The different sights within one length of time, the last seen last."""

    __slots__ = ("_entries", "_most", "_span_us", "cost")

    def __init__(self, window: Window, most: int) -> None:
        """``most``: how many entries are held."""
        self._entries: OrderedDict[int, Entry] = OrderedDict()
        self._span_us = SPAN_S[window] * _SECOND_US
        self._most = most
        self.cost = 0

    def add(self, what: int, entry: Entry) -> None:
        """Note a sight as of its time; what was seen before counts once, as of the later time."""
        before = self._entries.pop(what, None)
        if before is not None:
            self.cost -= before.cost
            entry = entry if entry.time_us >= before.time_us else before
        self._entries[what] = entry
        self.cost += entry.cost
        self._forget(entry.time_us)

    def _forget(self, now_us: int) -> None:
        while self._entries:
            what, first = next(iter(self._entries.items()))
            if first.time_us > now_us - self._span_us and len(self._entries) <= self._most:
                return
            del self._entries[what]
            self.cost -= first.cost

    def entries(self, now_us: int) -> list[tuple[int, Entry]]:
        """Return the entries within the window that ends at a moment."""
        return [each for each in self._entries.items() if each[1].time_us > now_us - self._span_us]


@dataclass
class Counter:
    """All that is kept of one spender: its windows, its steps, its alarms and the peaks of its day."""

    seen: dict[Window, Seen]
    last_us: int = 0
    step: int | None = None
    stride: int = 0
    steps: int = 0
    list_us: int = 0
    reason_us: int = 0
    told: int = 0
    lines: list[str] = field(default_factory=list)
    day: int = 0
    peaks: dict[Window, int] = field(default_factory=dict)
    told_today: bool = False

    def price(self, sight: Sight, time_us: int) -> int:
        """Return what a sight costs for each person: more for what nobody reads, or takes in equal steps."""
        return WALK_COSTS if self._is_rushed(sight, time_us) | self._is_walk(sight) else 1

    def _is_rushed(self, sight: Sight, time_us: int) -> bool:
        """Tell whether a list is asked for before anybody could have read the one before it."""
        if sight.person is not None or sight.weight == 1:
            return False
        before, self.list_us = self.list_us, time_us
        return 0 <= time_us - before < _READ_US

    def _is_walk(self, sight: Sight) -> bool:
        """Note the number asked for; tell whether it goes on in the equal steps of those before it."""
        if sight.step is None:
            return False
        stride = 0 if self.step is None else sight.step - self.step
        if stride:
            self.steps = self.steps + 1 if stride == self.stride else 1
            self.stride = stride
        self.step = sight.step
        return self.steps >= (_STEPS if sight.person else _PAGE_STEPS)

    def note_line(self, line: str) -> None:
        """Keep the last lines, as ``file:line``."""
        self.lines = [*self.lines, line][-MOST_LINES:]

    def add(self, sight: Sight, time_us: int, cost: int, member: str) -> None:
        """Note a sight in every window."""
        entry = Entry(time_us, cost, sight.least, member)
        for seen in self.seen.values():
            seen.add(sight.what, entry)
        self.last_us = max(self.last_us, time_us)

    def note_peaks(self) -> None:
        """Keep the most that was spent in each window today."""
        for window, seen in self.seen.items():
            self.peaks[window] = max(self.peaks.get(window, 0), seen.cost)


def fresh_counter(most: dict[Window, int]) -> Counter:
    """Return a counter of somebody who saw nobody yet; ``most``: how many entries each window holds."""
    return Counter({window: Seen(window, most[window]) for window in WINDOWS})


def dump_counter(counter: Counter) -> bytes:
    """Return a counter's bytes; the day's window holds what the shorter ones do."""
    entries = [
        (what, entry.time_us, entry.cost, entry.least, entry.member)
        for what, entry in counter.seen[Window.DAY].entries(counter.last_us)
    ]
    peaks = {window.value: most for window, most in counter.peaks.items()}
    walk = (counter.step, counter.stride, counter.steps, counter.list_us)
    told = (counter.told, counter.told_today, counter.lines)
    return orjson.dumps([entries, counter.last_us, walk, counter.reason_us, told, counter.day, peaks])


def load_counter(content: bytes, most: dict[Window, int]) -> Counter:
    """Return the counter of some bytes, as it was when they were made."""
    entries, last_us, walk, reason_us, told, day, peaks = orjson.loads(content)
    counter = fresh_counter(most)
    for what, time_us, cost, least, member in entries:
        for window, seen in counter.seen.items():
            if time_us > last_us - SPAN_S[window] * _SECOND_US:
                seen.add(what, Entry(time_us, cost, least, member))
    counter.last_us, counter.reason_us, counter.day = last_us, reason_us, day
    counter.step, counter.stride, counter.steps, counter.list_us = walk
    counter.told, counter.told_today, counter.lines = told
    counter.peaks = {Window(window): peak for window, peak in peaks.items()}
    return counter
