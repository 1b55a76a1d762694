"""Logged statements to graded exposures, beside one query per statement and a bare scan of the tables.

``python -m benchmarks.exposures [SHARE]``: the whole is 5.1 million people, 10 million claims and
1 million statements of 200 shapes; SHARE (default 0.05) makes all three smaller.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from ashiato.engine import exposures
from ashiato.engine.store import Store
from ashiato.engine.workspace import Snapshot, Workspace
from benchmarks.insurer import DATAMAP, Size, keyed_statements, write_events, write_snapshot

_AS_OF_US = 1_000_000_000_000
_WHOLE = Size(5_100_000, 10_000_000, 1_000_000)
#: The goal for the whole, on two processors.
_GOAL_S, _GOAL_MB = 60, 6_000
#: One statement of each shape.
_TRIED = 200


@dataclass(frozen=True)
class Taken:
    """Seconds by the wall clock and on processors; ratios are of the latter, whatever else is running."""

    wall_s: float
    cpu_s: float

    def __str__(self) -> str:
        """Print both."""
        return f"{self.wall_s:10.1f} s {self.cpu_s:10.1f} s CPU"


def measure(work: Callable[[], object]) -> Taken:
    """Do some work and say what it took."""
    begun, used = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - begun, time.process_time() - used)


def main(share: float) -> None:
    """Print seconds, memory and ratios."""
    size = Size(*(int(count * share) for count in (_WHOLE.people, _WHOLE.claims, _WHOLE.statements)))
    print(f"{size.people:,} people, {size.claims:,} claims, {size.statements:,} statements", flush=True)
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        # In a process of its own, so that what making the tables takes is not counted.
        maker = get_context("spawn").Process(target=_make, args=(size, folder))
        maker.start()
        maker.join()
        if maker.exitcode:
            sys.exit("the tables could not be made")
        with Store(folder / "run") as store:
            took = _grade(folder, store)
            tried = keyed_statements(size, _TRIED)
            singly = measure(lambda: [store.rows(statement) for statement in tried])
        bare = measure(lambda: _scan(folder))
    times = size.statements / len(tried)
    print(
        f"(a) one by one {Taken(singly.wall_s * times, singly.cpu_s * times)}, by {len(tried)} of them:",
        end="",
    )
    print(f" {singly.cpu_s * times / took.cpu_s:.1f} times what the exposures take")
    print(f"(b) bare scan  {bare}: the exposures take {took.cpu_s / bare.cpu_s:.0f} times that")
    if share == 1:
        print(f"goal           {_GOAL_S:10.1f} s, {_GOAL_MB:,} MB")


def _make(size: Size, folder: Path) -> None:
    write_snapshot(size, folder / "snapshot")
    with Store(folder / "run") as store:
        write_events(size, store)


def _grade(folder: Path, store: Store) -> Taken:
    """Build the exposures and print what that took, with the largest memory."""
    taken = (Snapshot("core", _AS_OF_US, folder / "snapshot"),)
    workspace = Workspace(folder, ZoneInfo("Asia/Tokyo"), DATAMAP, taken, store)
    took = measure(lambda: exposures.build(workspace))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows, records = store.rows("SELECT count(*), count(DISTINCT record_key) FROM exposures")[0]
    print(f"exposures      {took}, {peak:,.0f} MB: {rows:,} rows of {records:,} records", flush=True)
    return took


def _scan(folder: Path) -> None:
    """Read every value of the same tables once."""
    with duckdb.connect(config={"threads": 2}) as base:
        for table in ("people", "claims"):
            base.execute(
                f"SELECT bit_xor(hash(COLUMNS(*))) FROM read_csv('{folder / 'snapshot' / table}.csv')"
            ).fetchall()


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else 0.05)
