"""Logged statements to graded exposures, beside one query per statement and a bare scan of the tables.

``python -m benchmarks.exposures [SHARE]``: the whole is 5.1 million people, 10 million claims and
1 million statements of 200 shapes; SHARE (default 0.05) makes all three smaller.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
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
        took = _grade(folder)
        singly, bare = _singly(size, folder), _scan(folder)
    print(
        f"one by one{singly:15.1f} s{singly / took:29.1f}x  (a) a query per statement, {_TRIED} of them tried"
    )
    print(f"bare scan {bare:15.1f} s{bare / took:29.3f}x  (b) every value of both tables read once")
    if share == 1:
        print(f"goal      {_GOAL_S:15.1f} s{_GOAL_MB:19} MB")


def _make(size: Size, folder: Path) -> None:
    write_snapshot(size, folder / "snapshot")
    with Store(folder / "run") as store:
        write_events(size, store)


def _grade(folder: Path) -> float:
    """Build the exposures; returns and prints the seconds, with processor time and largest memory."""
    with Store(folder / "run") as store:
        taken = (Snapshot("core", _AS_OF_US, folder / "snapshot"),)
        begun, used = time.perf_counter(), time.process_time()
        exposures.build(Workspace(folder, ZoneInfo("Asia/Tokyo"), DATAMAP, taken, store))
        took, used = time.perf_counter() - begun, time.process_time() - used
        rows, records = store.rows("SELECT count(*), count(DISTINCT record_key) FROM exposures")[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"exposures {took:15.1f} s{used:10.1f} s CPU{peak:8.0f} MB  {rows:,} rows of {records:,} records")
    return took


def _singly(size: Size, folder: Path) -> float:
    """Return the seconds for all statements if each were a query of its own, by one of each shape."""
    tried = keyed_statements(size, _TRIED)
    with Store(folder / "run") as store:
        begun = time.perf_counter()
        for statement in tried:
            store.rows(statement)
        return (time.perf_counter() - begun) / len(tried) * size.statements


def _scan(folder: Path) -> float:
    """Return the seconds for reading every value of the same tables once."""
    begun = time.perf_counter()
    with duckdb.connect(config={"threads": 2}) as base:
        for table in ("people", "claims"):
            base.execute(
                f"SELECT bit_xor(hash(COLUMNS(*))) FROM read_csv('{folder / 'snapshot' / table}.csv')"
            ).fetchall()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else 0.05)
