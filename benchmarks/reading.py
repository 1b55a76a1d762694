"""Reading an access log to tables, beside what a responder would run instead, as ratios in one run.

``python benchmarks/reading.py [LINES]`` (5,000,000 unless said). lnav and GoAccess are Debian packages;
DuckDB's CSV reader is the reference for speed without line numbers, byte ranges and lost lines.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from access_log import write_access_log

from ashiato.datamap.model import DataMap
from ashiato.engine.reading import LogFile, read_files
from ashiato.engine.store import Store
from ashiato.engine.workspace import Workspace

_LINES = 5_000_000
_STATUSES = "SELECT sc_status, count(*) FROM access_log GROUP BY sc_status"
_TALKERS = "SELECT c_ip, count(*) AS n, sum(sc_bytes) FROM access_log GROUP BY c_ip ORDER BY n DESC LIMIT 10"
_COLUMNS = ("ip", "log", "who", "at", "zone", "request", "status", "bytes", "referrer", "agent")


@dataclass(frozen=True)
class Taken:
    """What a run took: seconds by the wall clock and on processors, and its largest memory."""

    name: str
    wall_s: float
    cpu_s: float
    peak_mb: int


def measure(name: str, command: Sequence[str], folder: Path) -> Taken:
    """Run a command to its end and say what it took."""
    surroundings = {"HOME": str(folder), "TERM": "dumb", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    # As the program itself sets it; here numpy is loaded first.
    surroundings["OPENBLAS_NUM_THREADS"] = "1"
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    if os.waitstatus_to_exitcode(status):
        print(f"{name} failed: {process.stderr.read().decode()[-300:] if process.stderr else ''}")
    return Taken(name, wall, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)


def read_to_tables(log: Path, folder: Path) -> None:
    """Read the log as a case's run does, and check that no line is lost."""
    with Store(folder / "run") as store:
        file = LogFile("0123456789abcdef", log.name, log.stat().st_size, lambda: log.open("rb"))
        read_files([file], Workspace(folder, ZoneInfo("UTC"), DataMap(), (), store))
        ((lines, read, blank, unread),) = store.rows(
            "SELECT lines, record_lines, blank_lines, unread_lines FROM readings"
        )
    if read + blank + unread != lines:
        message = f"{lines} lines, but {read} + {blank} + {unread}"
        raise ValueError(message)


def read_as_csv(log: Path, folder: Path) -> None:
    """Read the log with DuckDB's CSV reader, which drops what it cannot read."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in _COLUMNS)
    database = duckdb.connect(config={"threads": 2})
    database.execute(
        f"COPY (SELECT * FROM read_csv('{log}', delim=' ', quote='\"', header=false, auto_detect=false, "
        f"columns={{{columns}}}, ignore_errors=true, null_padding=true)) "
        f"TO '{folder / 'csv.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
    )


def commands(log: Path, folder: Path) -> dict[str, list[str]]:
    """What is run, by name; ours first."""
    ours = [sys.executable, __file__]
    return {
        "Ashiato, to Parquet": [*ours, "--tables", str(log), str(folder)],
        "lnav, who asked most": ["lnav", "-n", "-c", f";{_TALKERS}", str(log)],
        "lnav, counts by status": ["lnav", "-n", "-c", f";{_STATUSES}", str(log)],
        "GoAccess, report": [
            "goaccess", str(log), "--log-format=COMBINED", "--no-progress", "-o", str(folder / "report.json"),
        ],
        "DuckDB read_csv, to Parquet": [*ours, "--csv", str(log), str(folder)],
    }  # fmt: skip


def print_ratios(taken: Sequence[Taken], lines: int) -> None:
    """Print each run's speed, and ours as a multiple of it."""
    ours = taken[0].wall_s
    print(f"{'':30}{'lines/s':>12}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}{'ours is':>9}")
    for each in taken:
        speed = f"{lines / each.wall_s:12,.0f}{each.wall_s:9.1f}{each.cpu_s:9.1f}{each.peak_mb:9}"
        print(f"{each.name:30}{speed}{each.wall_s / ours:8.1f}x")


def main(lines: int) -> None:
    """Make the log, run everything on it, print the ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "access.log"
        write_access_log(log, lines)
        print(f"{lines:,} lines, {log.stat().st_size / 1e6:,.0f} MB, {os.cpu_count()} processors")
        taken = []
        for title, command in commands(log, folder).items():
            if shutil.which(command[0]) is None:
                print(f"{title}: not here; apt-get install {command[0]}")
                continue
            taken.append(measure(title, command, folder))
        print_ratios(taken, lines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--tables"]:
        read_to_tables(Path(sys.argv[2]), Path(sys.argv[3]))
    elif sys.argv[1:2] == ["--csv"]:
        read_as_csv(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else _LINES)
