"""People told while everything breaks: workers killed, databases restarted, disks full, clocks set.

``python -m tests.journeys.sending_faults PEOPLE FAULTS sqlite|postgresql [SEED]`` prints the figures. What is
true is what the sink took: nobody lost, nobody twice.
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - seeded, and passed on
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ashiato.outside.messages.outcomes import Accepted, NotAccepted
from tests.journeys.databases import find_program
from tests.journeys.sending_databases import PostgreSql, SqliteFile, children_of
from tests.journeys.sending_worker import SKEW
from tests.sinks.running import ROOT, read_accepted
from tests.sinks.smtp import SmtpSink

_PATIENCE = 3.0
_MOST_SECONDS = 5_400
_JUMPS = (-86_400, -3_600, -20, 20, 3_600, 86_400)


@dataclass
class Figures:
    """What a fault run came to; ``lost`` and ``twice`` by what the sink took."""

    people: int
    faults: Counter[str] = field(default_factory=Counter)
    handed: int = 0
    lost: int = 0
    twice: int = 0
    doubted: int = 0
    in_doubt: int = 0
    sum_holds: bool = False
    strays: int = 0
    seconds: float = 0.0


class Taken:
    """The sink, asked by our references."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_all(self, attempts: Mapping[str, datetime | None]) -> dict[str, Accepted | NotAccepted | None]:
        """Return what the sink wrote down before it answered."""
        taken = {str(mail["reference"]) for mail in read_accepted(self._folder)}
        no = NotAccepted("the sink never took it", permanent=False)
        return {each: Accepted("sink") if each in taken else no for each in attempts}


class FaultRun:
    """A campaign, its workers, its sink, and one fault after another."""

    def __init__(
        self, home: Path, sink: SmtpSink, database: PostgreSql | SqliteFile, chance: random.Random
    ) -> None:
        self.home, self.sink, self.database, self.chance = home, sink, database, chance
        self.workers: list[subprocess.Popen[bytes]] = []
        self.campaign = 0
        self.killed = 0
        self._seen = 0

    def faults(self) -> dict[str, Callable[[], None]]:
        """The kinds of faults; each does one."""
        return {
            "kill -9 of a worker": self._kill,
            "kill -9 of a process that hands over": self._kill_sender,
            "SIGTERM to a worker": self._stop,
            "database restarted or locked": lambda: self.database.break_down(self.chance),
            "disk full": self._fill_disk,
            "clock set": self._set_clock,
            "hung up before taking": lambda: self._provider("dot", "drop"),
            "hung up after taking": lambda: self._provider("taken", "drop"),
            "no answer in time, taken": lambda: self._provider("taken", "wait"),
            "no answer in time, taken late": lambda: self._provider("dot", "wait"),
            "refused for now": lambda: self._provider("rcpt", "reply"),
            "receipts twice": self._receipts,
        }

    def _kill(self) -> None:
        self.chance.choice(self.workers).kill()

    def _kill_sender(self) -> None:
        senders = children_of(self.chance.choice(self.workers).pid)
        if senders:
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(senders), signal.SIGKILL)

    def _stop(self) -> None:
        self.chance.choice(self.workers).send_signal(signal.SIGTERM)

    def _fill_disk(self) -> None:
        pids = self.database.writers([each.pid for each in self.workers])
        for limit in (0, "unlimited"):
            for pid in pids:
                # Whose process it is may do it; one that is gone meanwhile needs it no more.
                words = [find_program("prlimit"), f"--pid={pid}", f"--fsize={limit}:"]
                subprocess.run(words, check=False, capture_output=True, user=self.database.user)
            if not limit:
                time.sleep(self.chance.uniform(0.05, 0.5))

    def _set_clock(self) -> None:
        (self.home / SKEW).write_text(str(self.chance.choice(_JUMPS)))

    def _provider(self, phase: str, act: str) -> None:
        fault: dict[str, Any] = {"phase": phase, "act": act, "times": self.chance.randint(1, 8)}
        fault |= {"code": 450, "text": "4.2.0 later"} if act == "reply" else {}
        fault |= {"seconds": 1.5} if act == "wait" else {}
        self.sink.set_faults(fault)

    def _receipts(self) -> None:
        from ashiato.rooms.notifying.services.receiving import Report, record_receipt  # noqa: PLC0415
        from ashiato.rooms.notifying.states import State  # noqa: PLC0415

        def record(reference: str) -> None:
            now = datetime.fromtimestamp(time.time(), UTC)
            record_receipt(Report(f"r{reference}", reference, State.DELIVERED), now)

        for mail in read_accepted(self.sink.folder)[-20:]:
            for _ in range(2):
                self.insist(partial(record, str(mail["reference"])))

    def insist(self, do: Callable[[], Any]) -> Any:
        """Ask the database until it answers: it is being broken too."""
        from django.db import Error, connection  # noqa: PLC0415

        while True:
            try:
                return do()
            except Error:
                connection.close()
                time.sleep(0.1)

    def keep_working(self, number: int) -> None:
        """Start workers in place of those that ended."""
        self.workers = [each for each in self.workers if each.poll() is None]
        while len(self.workers) < number:
            words = [sys.executable, "-m", "tests.journeys.sending_worker"]
            words += [str(self.home), str(self.campaign), str(self.sink.port)]
            self.workers.append(subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL))

    def taken(self) -> int:
        """How many mails the sink took so far."""
        path = self.sink.folder / "accepted.jsonl"
        return path.stat().st_size // 300 if path.exists() else 0


def run_faults(people: int, faults: int, engine: str, seed: int = 0) -> Figures:
    """Tell so many people under so many faults; the same seed draws the same ones in the same order."""
    chance = random.Random(seed)  # noqa: S311 - which fault comes next is no secret
    figures = Figures(people)
    began = time.monotonic()
    with (
        TemporaryDirectory() as name,
        _database(engine, Path(name)) as database,
        SmtpSink(Path(name) / "sink") as sink,
    ):
        run = FaultRun(Path(name) / "home", sink, database, chance)
        run.campaign = database.prepare(run.home, people)
        try:
            _go_through(run, figures, faults)
        finally:
            for each in run.workers:
                each.kill()
                each.wait()
        run.insist(partial(_judge, run, figures))
    figures.seconds = time.monotonic() - began
    return figures


def _go_through(run: FaultRun, figures: Figures, faults: int) -> None:
    kinds = run.faults()
    order = [run.chance.choice(sorted(kinds)) for _ in range(faults)]
    until = time.monotonic() + _MOST_SECONDS
    while order and time.monotonic() < until:
        run.keep_working(run.database.workers)
        done = sum(figures.faults.values())
        since = time.monotonic()
        # Spread over the whole sending, and no waiting where it does not go on.
        while run.taken() < done * figures.people // faults and time.monotonic() - since < 2:
            time.sleep(0.02)
            run.keep_working(run.database.workers)
        kind = order.pop()
        kinds[kind]()
        figures.faults[kind] += 1
    run.sink.set_faults()
    _finish(run, until)


def _finish(run: FaultRun, until: float) -> None:
    from ashiato.rooms.notifying import api  # noqa: PLC0415

    campaign = run.insist(lambda: api.Campaign.objects.get(pk=run.campaign))
    asked = {"email": Taken(run.sink.folder)}
    waiting = api.Notice.objects.filter(campaign=campaign, state__in=("planned", "claimed", "unknown"))
    while run.insist(waiting.exists) and time.monotonic() < until:
        run.keep_working(run.database.workers)
        run.insist(lambda: api.reconcile(campaign, asked, api.MachineClock(), _PATIENCE))
        time.sleep(0.5)


def _judge(run: FaultRun, figures: Figures) -> None:
    from ashiato.rooms.notifying import api  # noqa: PLC0415
    from ashiato.rooms.notifying.models import NoticeMove  # noqa: PLC0415

    campaign = api.Campaign.objects.get(pk=run.campaign)
    copies = run.sink.copies()
    notices = set(api.Notice.objects.filter(campaign=campaign).values_list("reference", flat=True))
    figures.handed = len(copies)
    figures.lost = len(notices - copies.keys())
    figures.twice = sum(count > 1 for count in copies.values()) + len(copies.keys() - notices)
    figures.doubted = NoticeMove.objects.filter(new="unknown").count()
    figures.in_doubt = api.standing_of(campaign).in_doubt
    figures.sum_holds = api.closing_sum(campaign).holds
    figures.strays = len(api.list_strays(campaign))


@contextmanager
def _database(engine: str, folder: Path) -> Iterator[PostgreSql | SqliteFile]:
    if engine == "sqlite":
        yield SqliteFile(folder / "home" / "server.sqlite3")
        return
    with PostgreSql.running() as served:
        yield served


if __name__ == "__main__":
    print(run_faults(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int((*sys.argv, "0")[4])))  # noqa: T201
