"""One sorted timeline of the logs of two servers, whatever their size in a bounded memory.

``python benchmarks/timeline.py [EVENTS]`` (1,000,000 unless said; half in each log, their times running
beside each other). Reading and events are the program's own stages; beside them GNU sort puts the same lines
in order by their time, without knowing what any of them says.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from access_log import write_access_log
from reading import Taken, measure

from ashiato.datamap.model import DataMap
from ashiato.engine import events, evidence, reading
from ashiato.engine.case import create_case
from ashiato.engine.evidence.sealing import add_evidence
from ashiato.engine.store import Store
from ashiato.engine.workspace import Workspace

_EVENTS = 1_000_000
_BOUND_MB = 2_000


def build(logs: Path, folder: Path) -> None:
    """Seal, read and number the events of all logs, and check that they stand in order by time."""
    case = create_case(folder / "case", "UTC", lambda: 1_780_000_000_000_000)
    add_evidence(case, [logs])
    with Store(folder / "run") as store:
        workspace = Workspace(case.folder, ZoneInfo("UTC"), DataMap(), (), store)
        for stage in (evidence, reading, events):
            begun = time.perf_counter()
            stage.build(workspace)
            name = stage.__name__.rpartition(".")[2]
            print(f"{name}: {time.perf_counter() - begun:.1f} s", file=sys.stderr, flush=True)
        _check(store)


def _check(store: Store) -> None:
    count, before = 0, (0, 0)
    for number, start_us in _moments(store):
        if (start_us, number) <= before:
            message = f"event {number} stands before its time"
            raise ValueError(message)
        count, before = count + 1, (start_us, number)
    ((records,),) = store.rows("SELECT SUM(records) FROM readings")
    if count != records:
        message = f"{records} records, but {count} events"
        raise ValueError(message)


def _moments(store: Store) -> Iterator[tuple[int, int]]:
    for batch in store.batches("SELECT event_id, start_us FROM events"):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


@contextmanager
def spill_of(run: Path) -> Iterator[list[int]]:
    """Look while the block runs, and hold in a list the most bytes that the table engine had spilled."""
    most, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(0.5):
            most[0] = max(most[0], sum(_size_of(file) for file in (run / ".spill").glob("*")))

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    try:
        yield most
    finally:
        done.set()
        watch.join()


def _size_of(file: Path) -> int:
    with suppress(FileNotFoundError):
        return file.stat().st_blocks * 512
    return 0


def main(count: int) -> None:
    """Write the logs, build the timeline, sort the lines, print what each took."""
    with tempfile.TemporaryDirectory() as name:
        logs, work = Path(name) / "logs", Path(name) / "work"
        logs.mkdir()
        work.mkdir()
        for seed, server in enumerate(("web1", "web2"), 1):
            write_access_log(logs / f"{server}.access.log", count // 2, seed)
        size = sum(log.stat().st_size for log in logs.iterdir())
        print(f"{count:,} lines in two logs, {size >> 20:,} MiB, {os.cpu_count()} processors", flush=True)
        command = [sys.executable, __file__, "--build", str(logs), str(work)]
        with spill_of(work / "run") as spilled:
            built = measure("timeline", command, Path(name))
        print(
            f"spilled at most {spilled[0] >> 20:,} MiB, {spilled[0] / count:,.0f} bytes an event", flush=True
        )
        lines = ["sort", "-s", "-t[", "-k2,2", "-S", "1G", "-T", name, "-o", str(work / "sorted")]
        beside = measure("GNU sort", [*lines, *(str(log) for log in sorted(logs.iterdir()))], Path(name))
        _print((built, beside), count)
        print(f"memory {'under' if built.peak_mb < _BOUND_MB else 'OVER'} {_BOUND_MB:,} MB")


def _print(runs: Sequence[Taken], count: int) -> None:
    for each in runs:
        took = f"{each.wall_s:9.1f} s{each.cpu_s:9.1f} s of CPU{each.peak_mb:8,} MB"
        print(f"{each.name:12}{count / each.wall_s:12,.0f}/s{took}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--build"]:
        build(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else _EVENTS)
