"""What the guard is at, as text that Prometheus reads: a file for node_exporter's textfile collector.

A file needs no port, and stays when the guard is dead; that it is, shows by ``ashiato_guard_kept_seconds``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

_LOG_METRICS = (
    ("lines", "counter", "lines", "Lines read."),
    ("unread", "counter", "unread_lines", "Lines that no parser could read."),
    ("gaps", "counter", "gaps", "Times that content was gone before it could surely be read."),
    ("odd_times", "counter", "odd_times", "Events whose own time could not be believed."),
    ("waiting_bytes", "gauge", "waiting_bytes", "Bytes written and not read yet."),
    ("lag_s", "gauge", "lag_seconds", "How far the last event read lies behind, while bytes wait."),
)


def render_metrics(status: dict[str, Any]) -> str:
    """Return the metrics of a status, as :func:`ashiato.guard.status.status_of` tells it."""
    lines = []
    for key, kind, name, words in _LOG_METRICS:
        full = f"ashiato_guard_{name}" + ("_total" if kind == "counter" else "")
        lines += [f"# HELP {full} {words}", f"# TYPE {full} {kind}"]
        lines += [f'{full}{{log="{_quoted(log["log"])}"}} {log[key]}' for log in status["logs"]]
    kept = (status["kept_us"] or 0) / 1_000_000
    lines += [
        "# HELP ashiato_guard_alarms_total Alarms raised.",
        "# TYPE ashiato_guard_alarms_total counter",
        f"ashiato_guard_alarms_total {status['alarms']}",
        "# HELP ashiato_guard_kept_seconds When the guard last kept its state, in seconds since 1970.",
        "# TYPE ashiato_guard_kept_seconds gauge",
        f"ashiato_guard_kept_seconds {kept:.3f}",
    ]
    return "\n".join(lines) + "\n"


def write_metrics(path: Path, status: dict[str, Any]) -> None:
    """Write the metrics whole: a reader sees the old ones or the new ones."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(render_metrics(status), encoding="utf-8")
    beside.replace(path)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
