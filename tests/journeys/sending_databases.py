"""Databases of the fault run, each with its own way to break down and come back."""

from __future__ import annotations

import random  # noqa: TID251 - seeded, and passed on
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ashiato.rooms.private_files import write_private
from range.servers.databases import postgresql_files
from tests.journeys.databases import _await, find_program, free_port, temporary_folder

_MATTER = Path(__file__).resolve().parents[2] / "examples" / "pet-insurer" / "notices.yaml"
_SERVER = """database: team
databases:
  team: {{engine: postgresql, host: 127.0.0.1, port: {port}, name: postgres, user: site}}
"""


class SqliteFile:
    """SQLite in the data folder: one worker; breaking down is somebody else who holds it."""

    workers = 1
    user: int | None = None

    def __init__(self, path: Path) -> None:
        self._path = path

    def prepare(self, home: Path, people: int) -> int:
        """Plan and approve; returns the campaign."""
        return _prepare(home, people)

    def break_down(self, chance: random.Random) -> None:
        """Hold the database for a moment."""
        with sqlite3.connect(self._path, timeout=30, isolation_level=None) as held:
            held.execute("BEGIN EXCLUSIVE")
            time.sleep(chance.uniform(0.1, 0.5))
            held.execute("ROLLBACK")
        held.close()

    def writers(self, workers: Sequence[int]) -> Sequence[int]:
        """Who writes its files: the workers themselves."""
        return workers


class PostgreSql:
    """A PostgreSQL with four workers; breaking down is an end at once, and a start."""

    workers = 4

    def __init__(self, folder: Path, user: int | None) -> None:
        self._folder, self.user, self.port = folder, user, free_port()
        find_program("initdb")
        self._command = postgresql_files(folder, "site")
        self._start()

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[PostgreSql]:
        """Give one that is gone afterwards."""
        with temporary_folder() as (folder, user):
            served = cls(folder, user)
            try:
                yield served
            finally:
                served._stop()

    def prepare(self, home: Path, people: int) -> int:
        """Plan and approve; returns the campaign."""
        home.mkdir(parents=True)
        write_private(home / "server.yaml", _SERVER.format(port=self.port).encode())
        return _prepare(home, people)

    def break_down(self, chance: random.Random) -> None:
        """End it as a crash does, and start it again."""
        self._stop()
        time.sleep(chance.uniform(0, 0.3))
        self._start()

    def writers(self, workers: Sequence[int]) -> Sequence[int]:  # noqa: ARG002 - the same as SQLite's
        """Who writes its files: the server's processes for clients, and those that write for them."""
        return children_of(self._server.pid)

    def _start(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [*self._command, *words]
        self._server = subprocess.Popen(
            command, cwd=self._folder, user=self.user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _await(self._connect)

    def _connect(self) -> Any:
        import pg8000.dbapi  # noqa: PLC0415 - only with a server

        return pg8000.dbapi.connect("site", host="127.0.0.1", port=self.port, database="postgres", timeout=5)

    def _stop(self) -> None:
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait()


def children_of(process: int) -> list[int]:
    """Return the processes that one started."""
    listed = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False)
    return [int(each) for each in listed.stdout.split()]


def _prepare(home: Path, people: int) -> int:
    from tests.rooms import server  # noqa: PLC0415 - starts Django, once per process

    server.home()
    server.use_home(home)
    from ashiato.rooms.accounts.api import add_staff  # noqa: PLC0415
    from ashiato.rooms.notifying import api  # noqa: PLC0415
    from tests.rooms.notifying.scenes import person  # noqa: PLC0415

    at = datetime.fromtimestamp(time.time(), UTC)
    campaign = api.open_campaign(home, "tell-people", at)
    # What the faults put in doubt is to be settled, not to end the run.
    campaign.gates.update(most_permille=None)
    api.set_matter(campaign, api.read_matter(_MATTER))
    found = (
        replace(person(f"p{number}", "email"), contact=_contact(number), fields=_FIELDS)
        for number in range(people)
    )
    api.Planner(campaign, 1, at).take(found)
    staff = [add_staff("aoi"), add_staff("ben")]
    for each in staff:
        api.approve_text(campaign, each, at)
    for wave in api.draft_waves(campaign, api.Desk(agents=100_000), at):
        for each in staff:
            api.approve_wave(wave, each, at)
    return campaign.pk


_FIELDS = ({"ja": "生年月日", "en": "Date of birth", "category": "birth", "grade": 4},)


def _contact(number: int) -> dict[str, Any]:
    said = {"name": "山田 花子", "kana": "", "post_code": "", "lines": [], "email": f"p{number}@example.jp"}
    return {**said, "phone": "", "guardian": False, "guardian_name": "", "company": False}
