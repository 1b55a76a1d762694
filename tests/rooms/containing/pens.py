"""A site whose sessions stand in a real SQLite file, and what stops them; killed wherever a test says."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from ashiato.outside.controls.control import Control, State, Trial
from ashiato.outside.controls.live_databases import LiveDatabase
from ashiato.outside.controls.sessions_sql import SessionsSql, Statements
from ashiato.outside.controls.targets import Target, checked_target
from ashiato.rooms.containing.api import Means, NamedControl, Policy, Resolver, Wish

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
STATEMENTS = Statements(
    look="SELECT ended FROM sessions WHERE name = :value",
    stop="UPDATE sessions SET ended = 1 WHERE name = :value",
    restore="UPDATE sessions SET ended = :before WHERE name = :value",
    stopped=1,
)
NOBODY = Resolver(names=lambda _: (), addresses=lambda _: ())


class KilledError(BaseException):
    """The process was killed here."""


@dataclass
class Hourglass:
    """A clock that a test turns."""

    at: datetime = NOW

    def now(self) -> datetime:
        """The moment."""
        return self.at

    def steady(self) -> float:
        """Its seconds."""
        return self.at.timestamp()

    def wait(self, seconds: float) -> None:
        """Let them pass."""
        self.at += timedelta(seconds=seconds)


@dataclass
class Pen:
    """The site's file, and the means to stop its sessions; ``before_each`` is asked at each touch of it."""

    path: Path
    clock: Hourglass = field(default_factory=Hourglass)
    policy: Policy = field(default_factory=lambda: Policy(automatic_reach=10))
    before_each: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        """Make the file, with sessions that are open."""
        with closing(sqlite3.connect(self.path)) as made, made:
            made.execute("CREATE TABLE sessions (name TEXT PRIMARY KEY, ended INTEGER)")
            made.executemany("INSERT INTO sessions VALUES (?, 0)", [(name,) for name in "abcdefgh"])

    def means(self, **controls: Control) -> Means:
        """As a process that starts anew finds them."""
        named = {
            name: NamedControl(name, control)
            for name, control in ({"site": self.control()} | controls).items()
        }
        return Means(named, self.policy, self.path.with_name("lock"), self.clock, NOBODY, patience=0.2)

    def control(self) -> Control:
        """The control over the file."""
        return _Watched(SessionsSql(LiveDatabase("sqlite", str(self.path)), STATEMENTS), self)

    def ended(self) -> set[str]:
        """The sessions that the site holds for ended, read by nobody's control."""
        with closing(sqlite3.connect(self.path)) as site:
            return {name for (name,) in site.execute("SELECT name FROM sessions WHERE ended = 1")}

    def write(self, statement: str) -> None:
        """Change the site by hand."""
        with closing(sqlite3.connect(self.path)) as site, site:
            site.execute(statement)


class _Watched(Control):
    """The control, asked before and after each touch; tried by reading what the site itself would."""

    def __init__(self, inner: SessionsSql, pen: Pen) -> None:
        self.inner, self.pen = inner, pen
        self.takes = inner.takes  # type: ignore[misc]
        self.verb = inner.verb  # type: ignore[misc]

    def observe(self, targets: Sequence[Target]) -> list[State]:
        self.pen.before_each()
        return self.inner.observe(targets)

    def wanted(self, target: Target, before: State, until: datetime) -> State:
        return self.inner.wanted(target, before, until)

    def put(self, states: Sequence[tuple[Target, State]], at: datetime) -> None:
        self.pen.before_each()
        self.inner.put(states, at)
        self.pen.before_each()

    def attempt(self, targets: Sequence[Target]) -> list[Trial]:
        self.pen.before_each()
        ended = self.pen.ended()
        return [Trial(target.value in ended, "the site was asked") for target in targets]


def wishes(*names: str, reach: int | None = 1) -> list[Wish]:
    """Sessions to end."""
    return [Wish(checked_target("shop", "session", name), reach) for name in names]


@contextmanager
def dying_at(pen: Pen, number: int) -> Iterator[list[int]]:
    """Kill at the so manieth touch of the outside or write of our own; yields how many there were."""
    seen = [0]

    def tick() -> None:
        seen[0] += 1
        if seen[0] == number:
            raise KilledError

    def before_statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SELECT", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            tick()
        return execute(sql, params, many, context)

    pen.before_each = tick
    try:
        with connection.execute_wrapper(before_statement):
            yield seen
    finally:
        pen.before_each = lambda: None
