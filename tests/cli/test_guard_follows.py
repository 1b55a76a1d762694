"""``ashiato guard``: what is followed, who is near a budget, and how it is stopped."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from ashiato.guard.state import State
from tests.guard.watched import Watched

Run = Callable[..., Result]


def _stop_when(log: Path, lines: int) -> None:
    def stop() -> None:
        until = time.monotonic() + 60
        state = log.parent / "guard.sqlite3"
        while time.monotonic() < until and not (state.exists() and _read(log.parent) >= lines):
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=stop, daemon=True).start()


def _read(folder: Path) -> int:
    with State(folder) as state:
        return sum(log["lines"] for log in state.told().get("logs", {}).values())


@pytest.mark.slow
def test_guard_runs_until_stopped_and_says_what_it_saw(run: Run, tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    for number in range(15):
        watched.ask(f"/owners/{number * number}", "203.0.113.7", "thief\x1b[31m")
    _stop_when(watched.log, 15)
    told = run("guard", "run", tmp_path, "--metrics", tmp_path / "guard.prom")
    assert told.exit_code == 0
    metrics = (tmp_path / "guard.prom").read_text(encoding="utf-8")
    assert "# TYPE ashiato_guard_alarms_total counter\nashiato_guard_alarms_total " in metrics
    assert "people-budget/owner/session/minute" in told.stderr
    assert f"{watched.log}:" in told.stderr
    assert "\x1b" not in told.stderr

    said = json.loads(run("guard", "status", tmp_path, "--json").stdout)
    assert [(log["lines"], log["waiting_bytes"]) for log in said["logs"]] == [(15, 0)]
    assert said["alarms"] == 1
    assert "15 lines" in run("guard", "status", tmp_path).stdout

    near = json.loads(run("guard", "budgets", tmp_path, "--json").stdout)
    assert {
        row["limit"] for row in near["budgets"] if row["role"] == "staff" and row["window"] == "hour"
    } == {1000}
    assert "thief" in run("guard", "budgets", tmp_path).stdout


def test_wrong_settings_are_told_with_their_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "guard.yaml").write_text(
        "sources:\n  - {files: /var/log/x.log}\nbudgets:\n"
        "  - {role: staff, actor: session, per: hour, floor: 9, ceiling: 3}\n",
        encoding="utf-8",
    )
    told = run("guard", "run", tmp_path)
    assert told.exit_code == 11
    assert "guard.yaml:4" in told.stderr
    assert "the floor 9 is above the ceiling 3" in told.stderr


def test_a_guard_without_settings_says_what_to_do(run: Run, tmp_path: Path) -> None:
    told = run("guard", "status", tmp_path)
    assert told.exit_code == 11
    assert "docs/guides/guard.md" in told.stderr


def test_asking_before_the_first_run_makes_nothing(run: Run, tmp_path: Path) -> None:
    """A state file made by whoever asks would be closed to the guard's own account."""
    Watched(tmp_path)
    before = sorted(tmp_path.iterdir())
    for verb in ("status", "budgets"):
        told = run("guard", verb, tmp_path)
        assert told.exit_code == 11
        assert "no guard ran here yet" in told.stderr
    assert sorted(tmp_path.iterdir()) == before
