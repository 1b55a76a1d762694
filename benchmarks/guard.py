"""Lines a second that the guard follows, how far it falls behind, and the memory that it takes.

``python -m benchmarks.guard --seconds 60 --rate 20000`` writes an access log at that rate in a process of
its own while the guard follows it: half the requests show nobody, the others mostly somebody's own record.
Beside it a PostgreSQL answers fifty queries a second, where one is installed. Prints the ratio to the goal
(20,000 lines a second, less than two seconds behind, memory flat) and whose the processor time was.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from ashiato.guard.running import Guard, now_us
from ashiato.guard.settings import load_settings
from ashiato.guard.state import State
from range.programs import free_port, give
from range.servers.databases import postgresql, postgresql_owner

GOAL = 20_000
_SLICES = 20
_PARTS = 10
_QUERIES = 50
_DATAMAP = """\
systems:
  shop:
    tables:
      owners: {key: id, person: true, columns: {id: other, mail: contact}}
routes:
  - path: "/owners/{id}"
    role: owner
    statements: ["SELECT * FROM owners WHERE id = {id}"]
"""


def write_log(log: Path, rate: int, seconds: int) -> None:
    """Write lines at a rate, in slices of a twentieth of a second, with the time of their writing."""
    number, begin = 0, time.monotonic()
    with log.open("a", encoding="utf-8") as stream:
        for each in range(seconds * _SLICES):
            stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
            for _ in range(rate // _SLICES):
                number += 1
                stream.write(_line(number, stamp))
            stream.flush()
            time.sleep(max(0, begin + (each + 1) / _SLICES - time.monotonic()))


def _line(number: int, stamp: str) -> str:
    visitor = number * 7919 % 100_003
    path = f"/owners/{visitor}" if number % 2 else f"/products/p{number % 97}.html"
    address = f"10.{visitor >> 16}.{visitor >> 8 & 255}.{visitor & 255}"
    return f'{address} - - [{stamp}] "GET {path} HTTP/1.1" 200 4312 "-" "Mozilla/5.0 (X11)"\n'


@dataclass
class Followed:
    """What came of one run: lines read, the greatest lag in seconds, memory (bytes) as time went on."""

    lines: int
    lag_s: float
    memory: list[int]


def follow(folder: Path, rate: int, seconds: int) -> Followed:
    """Follow a log that is written at a rate, until all of it was read."""
    log = folder / "access.log"
    (folder / "datamap.yaml").write_text(_DATAMAP, encoding="utf-8")
    settings = f"datamap: datamap.yaml\nsources: [{{files: {log}}}]\n"
    (folder / "guard.yaml").write_text(settings, encoding="utf-8")
    log.touch()
    with (
        State(folder) as state,
        closing(Guard(load_settings(folder), state, lambda _alarm: None)) as guard,
    ):
        guard.step()
        writer = multiprocessing.get_context("spawn").Process(target=write_log, args=(log, rate, seconds))
        writer.start()
        said, stopped = Followed(0, 0.0, []), Event()

        def note() -> None:
            (seen,) = guard.seen().values()
            waiting = guard.waiting_bytes()
            if waiting and seen.last_us:
                said.lag_s = max(said.lag_s, (now_us() - seen.last_us) / 1e6)
            if (time.monotonic() - begin) * _PARTS >= seconds * (len(said.memory) + 1):
                said.memory.append(_memory())
            if not waiting and not writer.is_alive():
                said.lines = seen.lines
                stopped.set()

        begin = time.monotonic()
        guard.run(stopped, beat=note)
        writer.join()
        return said


def answer_queries(folder: Path, seconds: int) -> None:
    """Serve a table of people, and ask for one fifty times a second; once a second for part of a name."""
    give(folder)
    port = free_port()
    server = postgresql(folder, "127.0.0.1", port)
    server.start()
    try:
        with postgresql_owner(port, "postgres") as asking:
            asking.execute(
                "CREATE TABLE owners AS SELECT id, 'owner ' || id AS name FROM generate_series(1, 100000) id"
            )
            asking.execute("CREATE UNIQUE INDEX ON owners (id)")
            begin = time.monotonic()
            for number in range(seconds * _QUERIES):
                text = "SELECT * FROM owners WHERE " + (
                    "id = %s" if number % _QUERIES else "name LIKE %s || '7%%'"
                )
                asking.execute(
                    text, (number * 7919 % 100_000 if number % _QUERIES else "owner 99",)
                ).fetchall()
                time.sleep(max(0, begin + (number + 1) / _QUERIES - time.monotonic()))
            late = time.monotonic() - begin - seconds
        print(f"{seconds * _QUERIES:,} queries answered, the last {max(0.0, late):.1f} s late")
    finally:
        server.stop()


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def main() -> None:
    """Run once and print the figures."""
    said = argparse.ArgumentParser()
    said.add_argument("--seconds", type=int, default=60)
    said.add_argument("--rate", type=int, default=GOAL)
    asked = said.parse_args()
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as files:
        beside = multiprocessing.get_context("spawn").Process(
            target=answer_queries, args=(Path(files), asked.seconds)
        )
        give(Path(files))
        beside.start()
        begin = time.monotonic()
        said = follow(Path(name), asked.rate, asked.seconds)
        took = time.monotonic() - begin
        beside.join()
    cpu, others = (
        sum(resource.getrusage(whose)[:2]) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"{said.lines:,} lines in {took:.1f} s: {said.lines / took / GOAL:.2f} of the goal of {GOAL:,}/s")
    print(f"{said.lines / cpu:,.0f} lines for each second of one core, starting included")
    print(f"of one core the guard had {cpu / took:.0%}, writer and database {others / took:.0%}")
    print(f"behind at most {said.lag_s:.1f} s (lines carry whole seconds); asked for {asked.rate:,} a second")
    print("memory (MB): " + " ".join(f"{each / 1e6:.0f}" for each in said.memory))


if __name__ == "__main__":
    main()
