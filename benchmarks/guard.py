"""Lines a second that the guard follows, how far it falls behind, and the memory that it takes.

``python -m benchmarks.guard --seconds 60 --rate 20000`` writes an access log at that rate in a process of
its own while the guard follows it: half the requests show nobody, the others mostly somebody's own record.
Prints the ratio to the goal (20,000 lines a second, less than two seconds behind, memory flat).
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from contextlib import closing
from pathlib import Path

from ashiato.guard.running import Guard, now_us
from ashiato.guard.settings import load_settings
from ashiato.guard.state import State

GOAL = 20_000
_SLICES = 20
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


def follow(folder: Path, rate: int, seconds: int) -> tuple[int, float, list[int]]:
    """Return the lines read, the greatest lag in seconds, and the memory (bytes) as time went on."""
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
        lag, memory, until = 0.0, [], time.monotonic() + seconds / 10
        while guard.step() or writer.is_alive():
            (seen,) = guard.seen().values()
            waiting = guard.waiting_bytes()
            lag = max(lag, (now_us() - seen.last_us) / 1e6) if waiting and seen.last_us else lag
            if time.monotonic() >= until:
                until += seconds / 10
                memory.append(_memory())
        return seen.lines, lag, memory


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def main() -> None:
    """Run once and print the figures."""
    said = argparse.ArgumentParser()
    said.add_argument("--seconds", type=int, default=60)
    said.add_argument("--rate", type=int, default=GOAL)
    asked = said.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        begin = time.monotonic()
        lines, lag, memory = follow(Path(folder), asked.rate, asked.seconds)
        took = time.monotonic() - begin
    cpu = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    print(f"{lines:,} lines in {took:.1f} s: {lines / took / GOAL:.2f} of the goal of {GOAL:,} a second")
    print(f"{lines / cpu:,.0f} lines for each second of one core, starting included")
    print(f"behind at most {lag:.1f} s (lines carry whole seconds); asked for {asked.rate:,} a second")
    print("memory (MB): " + " ".join(f"{each / 1e6:.0f}" for each in memory))


if __name__ == "__main__":
    main()
