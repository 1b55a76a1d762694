"""A guard killed at any moment goes on from there: no line lost or read twice, no alarm lost or doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ashiato.guard.running import now_us
from ashiato.guard.settings import load_settings
from ashiato.guard.state import Held, State
from ashiato.terms.errors import GuardError
from ashiato.terms.times import moment_of
from tests.guard.watched import Watched, catch_up

_RUN = [sys.executable, "-c", "from ashiato.cli.main import app; app()", "guard", "run"]


def test_what_was_kept_is_told_after_a_kill(tmp_path: Path) -> None:
    """Killed between keeping an alarm and telling it, the next guard tells it, once."""
    watched = Watched(tmp_path)

    def die(_alarm: object) -> None:
        raise KeyboardInterrupt

    for number in range(20):
        watched.ask(f"/owners/{number * number}", "203.0.113.7", "s")
    with pytest.raises(KeyboardInterrupt):
        watched.guard(die).__enter__()
    for _ in range(2):
        with watched.guard():
            pass
    assert [alarm.rule for alarm in watched.told] == ["people-budget/owner/session/minute"]


@pytest.mark.slow
def test_counting_goes_on_where_it_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped and started after every few lines, or with room for one counter, a guard tells the same."""
    told = []
    for name, pause in (("never", 10_000), ("often", 15), ("small", 10_000)):
        if name == "small":
            monkeypatch.setattr("ashiato.guard.state.MOST_FRESH", 5)
            monkeypatch.setattr("ashiato.guard.running._MOST_HELD", 1)
        (tmp_path / name).mkdir()
        watched = Watched(tmp_path / name)
        lines = np.random.default_rng(7).integers((0, 0), (60, 3), (120, 2)).tolist()
        for start in range(0, len(lines), pause):
            with watched.guard() as guard:
                for person, asker in lines[start : start + pause]:
                    watched.ask(f"/owners/{person}", f"203.0.113.{asker}", f"s-{asker}")
                    watched.wait(1)
                    catch_up(guard)
        told.append([(a.rule, a.first_us, a.last_us, a.people, a.people_expected) for a in watched.told])
    assert told[0] == told[1] == told[2]
    assert told[0]


def test_a_second_guard_is_refused(tmp_path: Path) -> None:
    held = Held(tmp_path)
    with pytest.raises(GuardError, match="another guard works on this folder"):
        Held(tmp_path)
    held.close()
    Held(tmp_path).close()


@pytest.mark.slow
def test_killed_again_and_again_under_load(tmp_path: Path) -> None:
    """SIGKILL at random moments, while lines are written and the log is rotated."""
    watched = Watched(tmp_path)
    chance = np.random.default_rng(11)
    written, guard = 0, _started(tmp_path)
    _wait_for(tmp_path, str(watched.log), 0)
    until = time.monotonic() + 8
    while time.monotonic() < until:
        watched.now = moment_of(now_us())
        for _ in range(int(chance.integers(1, 60))):
            written += 1
            watched.ask(f"/owners/{chance.integers(10**6)}", "203.0.113.7", f"s-{written // 30}")
        if chance.random() < 0.05:
            _rotate(watched.log)
        time.sleep(chance.random() * 0.1)
        if chance.random() < 0.02:
            guard.send_signal(signal.SIGKILL)
            guard.wait()
            guard = _started(tmp_path)
    _wait_for(tmp_path, str(watched.log), written)
    guard.send_signal(signal.SIGTERM)
    assert guard.wait(timeout=30) == 0
    with State(tmp_path) as state:
        assert state.told()["logs"][str(watched.log)]["lines"] == written
        keys = [alarm.key for alarm in state.alarms(10**6)]
        assert len(keys) == len(set(keys)) > 10
        assert state.alarms_to_tell() == []
        sessions = {actor.value for alarm in state.alarms(10**6) for actor in alarm.actors}
    assert {f"s-{number}" for number in range(written // 30 - 1)} <= sessions, (
        "each session saw thirty people"
    )


def _wait_for(folder: Path, log: str, lines: int) -> None:
    until = time.monotonic() + 60
    with State(folder) as state:
        while state.told().get("logs", {}).get(log, {}).get("lines") != lines and time.monotonic() < until:
            time.sleep(0.2)


def _started(folder: Path) -> subprocess.Popen[bytes]:
    """Start a guard; what it says goes to a file, as a pipe that nobody reads would stop it."""
    with (folder / "said").open("ab") as said:
        return subprocess.Popen([*_RUN, str(folder)], stdout=said, stderr=said)


def _rotate(log: Path) -> None:
    for number in range(30, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.rename(log.with_name(f"{log.name}.{number + 1}"))
    log.rename(log.with_name(f"{log.name}.1"))
    log.touch()


def test_settings_are_read_before_anything_is_held(tmp_path: Path) -> None:
    with pytest.raises(GuardError, match=r"guard\.yaml: the guard's settings cannot be read"):
        load_settings(tmp_path)
