"""A guard whose disk has no room left says so and waits: no line lost, no alarm twice or lost."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from ashiato.guard.lasting import follow
from ashiato.guard.running import Handing
from ashiato.guard.state import State
from ashiato.terms.errors import GuardError
from tests.guard.watched import Watched

#: A disk of two megabytes that nobody else sees, with the guard's folder on it.
_ON_A_SMALL_DISK = (
    'mount -t tmpfs -o size=2m none "$1" && cp "$2"/*.yaml "$1" && exec "$3" -c "$4" guard run "$1"'
)
_PROGRAM = "from ashiato.cli.main import app; app()"
_TRY = ["unshare", "--mount", "--map-root-user", "sh", "-c", "mount -t tmpfs none /mnt"]


@contextmanager
def _guard_on_a_small_disk(
    folder: Path, watched: Watched, said: Path
) -> Iterator[tuple[Path, Callable[[], int | None]]]:
    """Run one; yields its folder as this side sees it, and what asks whether it ended."""
    folder.mkdir()
    words = ["unshare", "--mount", "--map-root-user", "sh", "-c", _ON_A_SMALL_DISK, "sh"]
    words += [str(folder), str(watched.folder), sys.executable, _PROGRAM]
    with said.open("wb") as file:
        guard = subprocess.Popen(words, stdout=file, stderr=file)
    try:
        yield Path(f"/proc/{guard.pid}/root{folder}"), guard.poll
    finally:
        guard.terminate()
        assert guard.wait(30) == 0


def _wait_for(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 60
    while not holds() and time.monotonic() < until:
        time.sleep(0.1)
    return holds()


def _kept(folder: Path, copy: Path) -> Path:
    """Copy the state out: SQLite would follow the way to it back into this side's own folders."""
    copy.mkdir(exist_ok=True)
    for file in folder.glob("guard.sqlite3*"):
        shutil.copyfile(file, copy / file.name)
    return copy


def _lines(folder: Path, log: Path) -> int:
    with State(folder) as state:
        return int(state.told()["logs"][str(log)]["lines"])


def _fill(file: Path) -> None:
    """Take all the room there is."""
    with file.open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            return


@pytest.mark.slow
def test_lines_wait_for_room_and_each_alarm_is_told_once(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run(_TRY, check=False, capture_output=True).returncode:
        pytest.skip("this kernel gives no mount namespaces")
    source, said = tmp_path / "source", tmp_path / "said"
    source.mkdir()
    watched = Watched(source)
    for number in range(20):
        watched.ask(f"/owners/{number * number}", "203.0.113.7", "before")
    with _guard_on_a_small_disk(tmp_path / "guard", watched, said) as (folder, ended):
        assert _wait_for(lambda: "session before" in said.read_text()), said.read_text()
        _fill(folder / "filler")
        for number in range(2_000):
            watched.ask(f"/owners/{number * 7}", "203.0.113.8", f"s-{number}")
        for number in range(20):
            watched.ask(f"/owners/{number * number}", "203.0.113.9", "after")
        assert _wait_for(lambda: "waits for room on its disk" in said.read_text()), said.read_text()
        assert ended() is None
        (folder / "filler").unlink()
        assert _wait_for(lambda: "session after" in said.read_text()), said.read_text()
        kept = _kept(folder, tmp_path / "kept")
        assert _wait_for(lambda: _lines(_kept(folder, kept), watched.log) == 2_040)
    with State(kept) as state:
        keys = [alarm.key for alarm in state.alarms(10**6)]
    assert len(keys) == len(set(keys))
    told = said.read_text()
    assert [told.count(f"session {name},") for name in ("before", "after")] == [1, 1]


def test_a_disk_that_answers_with_errors_alone_ends_the_guard(tmp_path: Path) -> None:
    """The first page of a process' memory is a file whose every reading is an error of input and output."""
    watched, beats = Watched(tmp_path), list[object]()
    (tmp_path / "guard.sqlite3").symlink_to("/proc/self/mem")
    with pytest.raises(GuardError, match="errors alone"):
        follow(watched.settings, Handing(watched.told.append), Event(), beats.append, patience_s=0.2)
    assert (beats, watched.told) == ([], [])


def test_what_is_no_fault_of_the_disk_is_not_waited_for(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    (tmp_path / "guard.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        follow(watched.settings, Handing(watched.told.append), Event(), lambda _: None, patience_s=0.2)
