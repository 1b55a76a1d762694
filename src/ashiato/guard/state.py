"""What the guard must not forget: places, counters, what was learned, and alarms; one SQLite file.

A micro-batch is one transaction: the places move with the counters that the lines changed and the alarms
they raised. A guard that is killed goes on from there, reads the same lines again and raises the same
alarms by the same keys, so none is lost and none is told twice.

A batch's counters are appended to ``fresh``, one after another on the disk; where they belong in ``counters``
is a place of its own for each, so they are brought there many at a time.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import orjson

from ashiato.guard.following.places import Place, place_from
from ashiato.terms.alarms import Actor, ActorKind, Alarm, AlarmCode
from ashiato.terms.errors import GuardError
from ashiato.terms.errors import Place as ErrorPlace

STATE_FILE = "guard.sqlite3"
_LOCK_FILE = "guard.lock"
_MOST_ASKED = 500
#: So many fresh counters are worth bringing to their places.
MOST_FRESH = 100_000
_DAY_US = 86_400_000_000
#: What was usual so long ago says nothing any more.
_DAYS_LEARNED = 30
_SCHEMA = """
CREATE TABLE IF NOT EXISTS places (log TEXT PRIMARY KEY, place BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS told (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, last_us INTEGER NOT NULL, content BLOB NOT NULL)
    WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS counters_by_age ON counters (last_us);
CREATE TABLE IF NOT EXISTS fresh (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, last_us INTEGER NOT NULL, content BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS sessions (
    session TEXT PRIMARY KEY, account TEXT NOT NULL, last_us INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_by_age ON sessions (last_us);
CREATE TABLE IF NOT EXISTS peaks (
    role TEXT, spender TEXT, span TEXT, day INTEGER, peak INTEGER, counters INTEGER NOT NULL,
    PRIMARY KEY (role, spender, span, day, peak)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alarms (
    number INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, alarm BLOB NOT NULL,
    is_told INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS alarms_to_tell ON alarms (number) WHERE is_told = 0;
"""

#: In the order of the names, in which they lie: each page of the disk is then written once.
_SETTLE = """
BEGIN IMMEDIATE;
INSERT INTO counters SELECT name, last_us, content
    FROM (SELECT max(number), name, last_us, content FROM fresh GROUP BY name ORDER BY name) WHERE true
    ON CONFLICT (name) DO UPDATE SET last_us = excluded.last_us, content = excluded.content;
DELETE FROM fresh;
COMMIT;
"""


class Held:
    """The guard's folder held for writing, so that a second guard started by mistake changes nothing."""

    def __init__(self, folder: Path, lock: str = _LOCK_FILE) -> None:
        """Take hold of a folder, by the file that is locked. Raises: GuardError: another guard has it."""
        self._descriptor = os.open(folder / lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            what = "another guard works on this folder."
            fix = "stop it first, or give this one a folder of its own."
            raise GuardError(what, where=ErrorPlace(str(folder)), fix=fix) from error

    def close(self) -> None:
        """Let go."""
        os.close(self._descriptor)


class State:
    """The guard's file, open for asking; whoever writes holds the folder."""

    def __init__(self, folder: Path) -> None:
        """Open the file in a folder, made when it is not there."""
        descriptor = os.open(folder / STATE_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.close(descriptor)
        self._database = sqlite3.connect(folder / STATE_FILE, isolation_level=None, timeout=30)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.executescript(_SCHEMA)
        self._fresh = int(self._database.execute("SELECT count(*) FROM fresh").fetchone()[0])

    def __enter__(self) -> Self:
        """Return the state itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._database.close()

    @staticmethod
    def of_former_run(folder: Path) -> State:
        """Open the file for telling of it. Raises: GuardError: no guard ran on this folder yet.

        Whoever asks must not be the one who makes the file: it would be theirs, and closed to the guard.
        """
        if not (folder / STATE_FILE).exists():
            fix = "start it with `ashiato guard run`."
            raise GuardError("no guard ran here yet.", where=ErrorPlace(str(folder)), fix=fix)
        return State(folder)

    def place_of(self, log: str) -> Place | None:
        """Return where a log was read to, None for one that was never read."""
        row = self._database.execute("SELECT place FROM places WHERE log = ?", (log,)).fetchone()
        return place_from(orjson.loads(row[0])) if row else None

    def counters(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the kept counters among these names, as they were last brought to their places."""
        return self._many("SELECT name, content FROM counters WHERE name IN ({})", names)

    def newest_counters(self, most: int) -> list[tuple[str, bytes]]:
        """Return the counters that were last spent from."""
        newest: dict[str, tuple[int, bytes]] = {}
        for order in (
            "counters ORDER BY last_us DESC LIMIT ?",
            "(SELECT * FROM fresh ORDER BY number) LIMIT ?",
        ):
            rows = self._database.execute(f"SELECT name, last_us, content FROM {order}", (most,))
            newest.update({name: (last_us, content) for name, last_us, content in rows})
        ranked = sorted(newest.items(), key=lambda item: -item[1][0])
        return [(name, content) for name, (_, content) in ranked[:most]]

    def accounts_of(self, sessions: Iterable[str]) -> dict[str, str]:
        """Return whose the sessions are, of those that were seen signing in."""
        return self._many("SELECT session, account FROM sessions WHERE session IN ({})", sessions)

    def _many(self, text: str, names: Iterable[str]) -> dict[str, Any]:
        asked = list(names)
        found: dict[str, Any] = {}
        for start in range(0, len(asked), _MOST_ASKED):
            part = asked[start : start + _MOST_ASKED]
            found.update(self._database.execute(text.format(",".join("?" * len(part))), part))
        return found

    def peaks(self) -> list[tuple[str, str, str, int, int, int]]:
        """Return what was learned: role, spender, window, day, peak, and how many had that peak."""
        return list(self._database.execute("SELECT role, spender, span, day, peak, counters FROM peaks"))

    def told(self) -> dict[str, Any]:
        """Return what the guard last said of itself, by name."""
        rows = self._database.execute("SELECT name, value FROM told")
        return {name: orjson.loads(value) for name, value in rows}

    def alarms(self, most: int) -> list[Alarm]:
        """Return the newest alarms, the newest first."""
        rows = self._database.execute("SELECT alarm FROM alarms ORDER BY number DESC LIMIT ?", (most,))
        return [_alarm_of(content) for (content,) in rows]

    def count_alarms(self) -> int:
        """Return how many alarms were ever raised."""
        (count,) = self._database.execute("SELECT count(*) FROM alarms").fetchone()
        return int(count)

    def alarms_to_tell(self) -> list[Alarm]:
        """Return the alarms that were not handed on yet, in the order in which they were raised."""
        rows = self._database.execute("SELECT alarm FROM alarms WHERE is_told = 0 ORDER BY number")
        return [_alarm_of(content) for (content,) in rows]

    def mark_told(self, key: str) -> None:
        """Keep that an alarm was handed on."""
        self._database.execute("UPDATE alarms SET is_told = 1 WHERE key = ?", (key,))

    def commit(self, batch: Batch) -> None:
        """Keep a micro-batch: all of it or nothing."""
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            _write(database, batch)
        except BaseException:
            # A disk without room has taken it back already.
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")
        self._fresh += len(batch.counters)

    def is_full(self) -> bool:
        """Tell whether there are so many fresh counters that they should be brought to their places."""
        return self._fresh >= MOST_FRESH

    def settle(self) -> None:
        """Bring the fresh counters to their places, each as it is now."""
        self._database.executescript(_SETTLE)
        self._fresh = 0


class Batch:
    """All that one micro-batch changed."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.places: dict[str, Place] = {}
        self.told: dict[str, Any] = {}
        self.counters: dict[str, tuple[int, bytes]] = {}
        self.sessions: dict[str, tuple[str, int]] = {}
        self.peaks: dict[tuple[str, str, str, int, int], int] = {}
        self.alarms: list[Alarm] = []
        self.forget_before_us: int | None = None
        self.changed: set[str] = set()


def _write(database: sqlite3.Connection, batch: Batch) -> None:
    database.executemany(
        "INSERT INTO places VALUES (?, ?) ON CONFLICT (log) DO UPDATE SET place = excluded.place",
        [(log, orjson.dumps(asdict(place))) for log, place in batch.places.items()],
    )
    database.executemany(
        "INSERT INTO told VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [(name, orjson.dumps(value)) for name, value in batch.told.items()],
    )
    database.executemany(
        "INSERT INTO fresh (name, last_us, content) VALUES (?, ?, ?)",
        [(name, last_us, content) for name, (last_us, content) in batch.counters.items()],
    )
    database.executemany(
        "INSERT INTO sessions VALUES (?, ?, ?) ON CONFLICT (session) DO UPDATE SET"
        " account = excluded.account, last_us = excluded.last_us",
        [(session, account, last_us) for session, (account, last_us) in batch.sessions.items()],
    )
    database.executemany(
        "INSERT INTO peaks VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " counters = counters + excluded.counters",
        [(*key, count) for key, count in batch.peaks.items()],
    )
    database.executemany(
        "INSERT INTO alarms (key, alarm) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(alarm.key, orjson.dumps(alarm)) for alarm in batch.alarms],
    )
    if batch.forget_before_us is not None:
        _forget(database, batch.forget_before_us)


def _forget(database: sqlite3.Connection, before_us: int) -> None:
    for table in ("counters", "fresh", "sessions"):
        database.execute(f"DELETE FROM {table} WHERE last_us < ?", (before_us,))
    database.execute("DELETE FROM peaks WHERE day < ?", (before_us // _DAY_US - _DAYS_LEARNED,))


def _alarm_of(content: bytes) -> Alarm:
    said: Mapping[str, Any] = orjson.loads(content)
    actors = tuple(Actor(a["system"], ActorKind(a["kind"]), a["value"]) for a in said["actors"])
    return Alarm(**{**said, "code": AlarmCode(said["code"]), "actors": actors, "lines": tuple(said["lines"])})
