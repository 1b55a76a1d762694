"""What one actor saw in the last minute, hour and day: different people, never requests.

Windows slide on the events' own time. Each holds at most so many entries; beyond them the oldest go, and
what is told is then still true as *at least*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

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
#: What is kept by window is kept in this order.
WINDOWS = tuple(Window)
_SPANS_US = tuple(SPAN_S[window] * _SECOND_US for window in WINDOWS)
_EACH = tuple(range(len(WINDOWS)))
_NAMES = tuple(window.value for window in WINDOWS)
_DAY = WINDOWS.index(Window.DAY)
MOST_LINES = 10
#: So many empty places among the sights, and as many as sights, are worth closing.
_MOST_EMPTY = 32


class Entry(NamedTuple):
    """One sight as last seen: when, what it costs, how many people at least, and who of a group saw it.

    ``place``: its number in the order in which things were seen.
    """

    place: int
    time_us: int
    cost: int
    least: int
    member: str


class Seen:
    """The different sights within each window, the last seen last.

    All are in one order, of which each window is the end: a hundred thousand actors are held at once, and
    most of them saw one person.
    """

    __slots__ = ("_base", "_entries", "_first", "_held", "_most", "_order", "spent")

    def __init__(self, most: tuple[int, ...]) -> None:
        """``most``: how many entries each window holds."""
        self._entries: dict[int, Entry] = {}
        self._order: list[int | None] = []
        self._base = 0
        self._first = [0] * len(WINDOWS)
        self._held = [0] * len(WINDOWS)
        self._most = most
        #: What the sights in each window cost.
        self.spent = [0] * len(WINDOWS)

    def add(self, what: int, time_us: int, cost: int, least: int, member: str) -> None:
        """Note a sight as of its time; what was seen before counts once, as of the later time."""
        before = self._entries.pop(what, None)
        if before is not None:
            self._leave(before)
            if before.time_us > time_us:
                _, time_us, cost, least, member = before
        self._entries[what] = Entry(self._base + len(self._order), time_us, cost, least, member)
        self._order.append(what)
        for window in _EACH:
            self.spent[window] += cost
            self._held[window] += 1
            self._forget(window, time_us - _SPANS_US[window])
        self._drop()

    def _leave(self, entry: Entry) -> None:
        """Take an entry out of its place in the order."""
        for window in _EACH:
            if entry.place >= self._first[window]:
                self.spent[window] -= entry.cost
                self._held[window] -= 1
        at = entry.place - self._base
        if at == len(self._order) - 1:
            self._order.pop()
        else:
            self._order[at] = None

    def _forget(self, window: int, until_us: int) -> None:
        """Move the begin of a window behind what is too old or too much."""
        at = self._first[window] - self._base
        while True:
            what = self._order[at]
            if what is not None:
                entry = self._entries[what]
                if entry.time_us > until_us and self._held[window] <= self._most[window]:
                    break
                self.spent[window] -= entry.cost
                self._held[window] -= 1
            at += 1
        self._first[window] = at + self._base

    def _drop(self) -> None:
        """Let go of what no window holds, and of empty places where they are many."""
        gone = min(self._first) - self._base
        if gone:
            for what in self._order[:gone]:
                if what is not None:
                    del self._entries[what]
            del self._order[:gone]
            self._base += gone
        if len(self._order) > 2 * len(self._entries) + _MOST_EMPTY:
            self._close_ranks()

    def _close_ranks(self) -> None:
        order = [what for what in self._order if what is not None]
        self._entries = {what: self._entries[what]._replace(place=at) for at, what in enumerate(order)}
        self._order, self._base = list(order), 0
        self._first = [len(order) - held for held in self._held]

    def entries(self, window: int, now_us: int) -> list[tuple[int, Entry]]:
        """Return the entries within the window that ends at a moment."""
        order = self._order[self._first[window] - self._base :]
        held = [(what, self._entries[what]) for what in order if what is not None]
        return [each for each in held if each[1].time_us > now_us - _SPANS_US[window]]


@dataclass(slots=True)
class Counter:
    """All that is kept of one spender: its windows, its steps, its alarms and the peaks of its day.

    ``peaks``: the most that was spent in each window that day.
    """

    seen: Seen
    last_us: int = 0
    step: int | None = None
    stride: int = 0
    steps: int = 0
    list_us: int = 0
    reason_us: int = 0
    told: int = 0
    lines: list[str] = field(default_factory=list)
    day: int = 0
    peaks: list[int] = field(default_factory=lambda: [0] * len(WINDOWS))
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
        self.lines.append(line)
        if len(self.lines) > MOST_LINES:
            del self.lines[0]

    def add(self, sight: Sight, time_us: int, cost: int, member: str) -> None:
        """Note a sight in every window."""
        self.seen.add(sight.what, time_us, cost, sight.least, member)
        self.last_us = max(self.last_us, time_us)

    def note_peaks(self) -> None:
        """Keep the most that was spent in each window today."""
        self.peaks = list(map(max, self.peaks, self.seen.spent))


def fresh_counter(most: tuple[int, ...]) -> Counter:
    """Return a counter of somebody who saw nobody yet; ``most``: how many entries each window holds."""
    return Counter(Seen(most))


def dump_counter(counter: Counter) -> bytes:
    """Return a counter's bytes; the day's window holds what the shorter ones do."""
    entries = [(what, *entry[1:]) for what, entry in counter.seen.entries(_DAY, counter.last_us)]
    peaks = dict(zip(_NAMES, counter.peaks, strict=True))
    walk = (counter.step, counter.stride, counter.steps, counter.list_us)
    told = (counter.told, counter.told_today, counter.lines)
    return orjson.dumps([entries, counter.last_us, walk, counter.reason_us, told, counter.day, peaks])


def load_counter(content: bytes, most: tuple[int, ...]) -> Counter:
    """Return the counter of some bytes, as it was when they were made."""
    entries, last_us, walk, reason_us, told, day, peaks = orjson.loads(content)
    counter = fresh_counter(most)
    for entry in entries:
        counter.seen.add(*entry)
    counter.last_us, counter.reason_us, counter.day = last_us, reason_us, day
    counter.step, counter.stride, counter.steps, counter.list_us = walk
    counter.told, counter.told_today, counter.lines = told
    counter.peaks = [peaks.get(name, 0) for name in _NAMES]
    return counter
