"""The logs of a source, each followed and read: lines become records, and the place moves with them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ashiato.engine.api import Arrived, ArrivingLog, ArrivingLogs
from ashiato.guard.following.files import FileFollower, Piece, place_at_end
from ashiato.guard.following.generations import logs_among
from ashiato.guard.following.places import Place
from ashiato.guard.settings import FileSource
from ashiato.guard.state import State

_SAMPLE_BYTES = 65_536
_WILD = re.compile(r"[*?\[]")
#: So long a record of several lines is waited for.
_WAIT_S = 2.0
#: After so long a log's format is looked at anew: a time without a year is the last one before now.
_LEARNED_US = 3_600_000_000


@dataclass
class Seen:
    """What was read of one log since the guard began with it, as status tells it."""

    lines: int = 0
    unread: int = 0
    records: int = 0
    odd_times: int = 0
    last_us: int = 0
    arrived_us: int = 0
    silent_told_us: int = 0
    gaps: int = 0
    long_lines: int = 0


@dataclass(frozen=True)
class Opened:
    """The engine's parsers, and the clock that gives the moment at which lines arrive (µs since 1970 UTC)."""

    logs: ArrivingLogs
    clock: Callable[[], int]


class FollowedLog:
    """One log file: its follower, the engine's parsers for it, and what was seen of it."""

    def __init__(self, path: Path, source: FileSource, place: Place, seen: Seen, opened: Opened) -> None:
        """Follow the log at ``path`` from ``place`` on."""
        self._clock = opened.clock
        self.path = path
        self.source = source
        self.seen = seen
        self.follower = FileFollower(path, place)
        self._logs = opened.logs
        self._log: ArrivingLog = opened.logs.open(str(path))
        self._read_from: Path | None = None
        self._inode = 0
        self._learned_us = 0
        self._waiting: tuple[int, float] | None = None

    @property
    def source_format(self) -> str | None:
        """The format of the lines, None while none is known."""
        return self._log.source_format

    def read(self) -> Arrived | None:
        """Return what the next lines say, None when there are none; the place moves behind them."""
        piece = self.follower.read()
        if piece is None:
            return None
        self._learn()
        is_late = self._is_late(piece)
        arrived = self._log.read(piece.content, piece.number, ended=piece.ended or is_late)
        self.follower.take(arrived.taken_lines, arrived.taken_bytes)
        self._note(arrived)
        return arrived if arrived.taken_lines else None

    def _learn(self) -> None:
        """Tell the format by how the file begins; another file may have another one."""
        inode, now_us = self.follower.place.inode, self._clock()
        is_another = inode != self._inode
        if is_another:
            self._inode = inode
            self._log = self._logs.open(str(self.path))
        if is_another or not 0 <= now_us - self._learned_us < _LEARNED_US:
            self._learned_us = now_us
            self._log.learn(self.follower.first_bytes(_SAMPLE_BYTES), now_us)

    def _is_late(self, piece: Piece) -> bool:
        """Tell whether these lines were waited for long enough to be a whole record."""
        mark = len(piece.content)
        if self._waiting is None or self._waiting[0] != mark:
            self._waiting = (mark, time.monotonic())
        return time.monotonic() - self._waiting[1] >= _WAIT_S

    def _note(self, arrived: Arrived) -> None:
        if arrived.taken_lines:
            self._waiting = None
        seen = self.seen
        seen.lines += arrived.taken_lines
        seen.unread += arrived.unread
        seen.records += arrived.records.num_rows if arrived.records is not None else 0
        seen.gaps += self.follower.take_gaps()
        seen.long_lines += self.follower.take_long_lines()


class Logs:
    """All logs of all sources; new files that a pattern names are found while the guard runs."""

    def __init__(self, sources: tuple[FileSource, ...], state: State, opened: Opened) -> None:
        """``opened``: by what each log is read."""
        self._sources = sources
        self._state = state
        self._opened = opened
        self.followed: dict[Path, FollowedLog] = {}

    def look_for_new(self) -> Iterator[FollowedLog]:
        """Begin with the logs that were not there before; yield each."""
        told: Mapping[str, dict[str, int]] = self._state.told().get("logs", {})
        for source in self._sources:
            for path in _logs_of(source):
                if path not in self.followed:
                    seen = Seen(
                        **{k: v for k, v in told.get(str(path), {}).items() if k in Seen.__annotations__}
                    )
                    self.followed[path] = FollowedLog(
                        path, source, self._place(path, source), seen, self._opened
                    )
                    yield self.followed[path]

    def _place(self, path: Path, source: FileSource) -> Place:
        kept = self._state.place_of(str(path))
        if kept is not None:
            return kept
        if source.is_received:
            return Place()
        began = self._state.place_of("") is not None
        return Place(read_ns=_newest(path)) if began or source.from_beginning else place_at_end(path)


def _logs_of(source: FileSource) -> list[Path]:
    """The files that a source names: of a plain path this one, be it there or not."""
    if not _WILD.search(source.files):
        return [Path(source.files)]
    return logs_among(Path(source.files).parent.glob(Path(source.files).name))


def _newest(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return time.time_ns()
