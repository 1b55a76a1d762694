"""Logged statements to graded exposures, beside the engine's bare scan and one query per statement.

``python benchmarks/exposures.py [SHARE]``: the whole is 5.1 million people, 10 million claims and
1 million statements of 200 shapes; SHARE (default 0.1) makes all three smaller.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from ashiato.engine import exposures
from ashiato.engine.store import Store
from ashiato.engine.workspace import Snapshot, Workspace
from benchmarks.insurer import DATAMAP, Size, write_events, write_snapshot

_AS_OF_US = 1_000_000_000_000


def main(share: float) -> None:
    """Print seconds, memory and ratios."""
    size = Size(int(5_100_000 * share), int(10_000_000 * share), int(1_000_000 * share))
    print(f"{size.people:,} people, {size.claims:,} claims, {size.statements:,} statements", flush=True)
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        write_snapshot(size, folder / "snapshot")
        with Store(folder / "run") as store:
            write_events(size, store)
            begun = time.perf_counter()
            taken = (Snapshot("core", _AS_OF_US, folder / "snapshot"),)
            exposures.build(Workspace(folder, ZoneInfo("Asia/Tokyo"), DATAMAP, taken, store))
            took = time.perf_counter() - begun
            found = store.rows("SELECT count(*), count(DISTINCT record_key) FROM exposures")[0]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"graded exposures {took:8.1f} s {peak:8.0f} MB  {found[0]:,} rows of {found[1]:,} records")
        bare = _scan(folder)
        print(f"bare scan        {bare:8.1f} s                {took / bare:8.1f}x")


def _scan(folder: Path) -> float:
    """Return the seconds for reading every value of the same tables once."""
    begun = time.perf_counter()
    with duckdb.connect() as base:
        for table in ("people", "claims"):
            base.execute(
                f"SELECT bit_xor(hash(COLUMNS(*))) FROM read_csv('{folder / 'snapshot' / table}.csv')"
            ).fetchall()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else 0.1)
