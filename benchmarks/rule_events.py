"""Writes events for rules to look at: requests as of an access log, and Windows processes being made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from access_log import _AGENTS, _PATHS

from ashiato.engine.findings.targets import parse_target

_EACH = 100_000
_REQUESTS = pa.schema(
    {
        "event_id": pa.int64(),
        "start_us": pa.int64(),
        "src_endpoint_ip": pa.string(),
        "http_request_method": pa.string(),
        "http_request_target": pa.string(),
        "http_request_path": pa.string(),
        "http_request_query": pa.string(),
        "http_request_user_agent": pa.string(),
        "http_request_referrer": pa.string(),
        "http_response_code": pa.int32(),
        "decoded": pa.string(),
        "has_syntax": pa.bool_(),
    }
)
_NAMES = (
    "EventID", "Channel", "Provider_Name", "Computer", "Image", "OriginalFileName", "CommandLine",
    "CurrentDirectory", "User", "LogonId", "IntegrityLevel", "Hashes", "ParentImage", "ParentCommandLine",
    "ParentProcessId",
)  # fmt: skip
_PROCESSES = pa.schema(
    [("event_id", pa.int64()), ("start_us", pa.int64()), *((name, pa.string()) for name in _NAMES)]
)
_PROGRAMS = (
    "svchost", "chrome", "msedge", "explorer", "conhost", "cmd", "powershell", "RuntimeBroker", "git", "node",
    "SearchIndexer", "taskhostw", "backgroundTaskHost", "dllhost", "WmiPrvSE", "MsMpEng", "OUTLOOK", "EXCEL",
    "Teams", "java", "python", "rundll32", "reg", "net", "schtasks", "wscript", "msiexec", "OneDrive", "sc",
)  # fmt: skip
_ARGUMENTS = (
    "-k netsvcs -p -s Schedule", "--type=renderer --lang=ja --client-id={}", "/c dir C:\\Work\\{}",
    "-File C:\\Ops\\job{}.ps1", "-Embedding", "C:\\Users\\u{}\\Documents\\report-{}.xlsx",
    "status --porcelain=v2 --branch {}", "query HKLM\\Software\\Shop /v v{}",
    "-jar C:\\App\\server-{}.jar --port {}", "use \\\\srv{}\\share", "/Create /TN job{} /SC DAILY",
    "/i C:\\Temp\\p{}.msi /qn",
)  # fmt: skip
#: The tables written, by name.
TABLES = ("finding_requests", "windows_events")


def write_events(folder: Path, events: int, seed: int = 1) -> None:
    """Write both tables, half of the events each; the same seed gives the same rows."""
    rng = np.random.default_rng(seed)
    made = ((_REQUESTS, _requests), (_PROCESSES, _processes))
    for name, (schema, rows) in zip(TABLES, made, strict=True):
        with pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd") as file:
            for first in range(0, events // 2, _EACH):
                size = min(_EACH, events // 2 - first)
                file.write_table(pa.table(list(rows(rng, first, size)), schema=schema))


def _requests(rng: np.random.Generator, first: int, size: int) -> Iterator[pa.Array]:
    ids, paths = rng.integers(1, 200_000, size).tolist(), rng.integers(0, len(_PATHS), size).tolist()
    targets = [_PATHS[p].format(i) for p, i in zip(paths, ids, strict=True)]
    # One request in ten thousand is an attack.
    targets[7::10_000] = [f"/items?id={i}%27%20UNION%20SELECT%201--" for i in ids[7::10_000]]
    agents = [agent.format(n) for agent in _AGENTS for n in range(60, 90)]
    read = {target: parse_target(target) for target in set(targets)}
    parts = [target.partition("?") for target in targets]
    yield from _numbered(first, size)
    yield pa.array([f"198.18.{a >> 8}.{a & 255}" for a in rng.integers(0, 60_000, size).tolist()])
    yield pa.array(["GET"] * size)
    yield pa.array(targets)
    yield pa.array([path for path, _, _ in parts])
    yield pa.array([query or None for _, _, query in parts])
    yield pa.array([agents[n] for n in rng.integers(0, len(agents), size).tolist()])
    yield pa.array([None if i & 1 else f"https://www.shop.example/items/{i % 1000}" for i in ids])
    yield pa.array(rng.choice([200, 200, 200, 304, 302, 404], size), pa.int32())
    yield pa.array([read[target].decoded for target in targets])
    yield pa.array([read[target].has_syntax for target in targets])


def _processes(rng: np.random.Generator, first: int, size: int) -> Iterator[pa.Array]:
    program = rng.integers(0, len(_PROGRAMS), size).tolist()
    parent = rng.integers(0, len(_PROGRAMS), size).tolist()
    # Half of the command lines come again and again, half have a number of their own.
    numbers = np.where(
        rng.random(size) < 0.5, rng.integers(0, 50, size), rng.integers(0, 10**9, size)
    ).tolist()
    arguments = rng.integers(0, len(_ARGUMENTS), size).tolist()
    images = [f"C:\\Windows\\System32\\{name}.exe" for name in _PROGRAMS]
    lines = [
        f"{images[p]} {_ARGUMENTS[a].format(n, n)}"
        for p, a, n in zip(program, arguments, numbers, strict=True)
    ]
    hosts, users = (rng.integers(0, most, size).tolist() for most in (200, 500))
    yield from _numbered(first, size)
    yield pa.array(["1"] * size)
    yield pa.array(["Microsoft-Windows-Sysmon/Operational"] * size)
    yield pa.array(["Microsoft-Windows-Sysmon"] * size)
    yield pa.array([f"host{n}.corp.example" for n in hosts])
    yield pa.array([images[p] for p in program])
    yield pa.array([f"{_PROGRAMS[p]}.EXE" for p in program])
    yield pa.array(lines)
    yield pa.array([f"C:\\Users\\u{n}\\" for n in users])
    yield pa.array([f"CORP\\u{n}" for n in users])
    yield pa.array([f"0x{n:x}" for n in users])
    yield pa.array([("Medium", "High", "System")[n % 3] for n in users])
    yield pa.array([f"SHA256={n * 7_919:064X}" for n in program])
    yield pa.array([images[p] for p in parent])
    yield pa.array([f"{images[p]} -Embedding" for p in parent])
    yield pa.array([str(n) for n in hosts])


def _numbered(first: int, size: int) -> Iterator[pa.Array]:
    numbers = pa.array(np.arange(first, first + size))
    yield numbers
    yield pa.array(1_780_000_000_000_000 + np.arange(first, first + size) * 50_000)
