"""Starting a keeper in the background, and ending it with all it started."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from range.errors import RangeError
from range.keeper import LOCK, STATE, Wanted, already_running
from range.loopback import WARNING, check_loopback

_ROOT = Path(__file__).resolve().parents[1]
LOG = "keeper.log"
#: Keepers that this process started, so that it can see them off.
_STARTED: dict[Path, subprocess.Popen[bytes]] = {}


def start(wanted: Wanted) -> str:
    """Start a keeper and return what it said once everything is up."""
    check_loopback(wanted.address)
    if find_keeper(wanted.folder) is not None:
        raise already_running(wanted.folder)
    wanted.folder.mkdir(parents=True, exist_ok=True)
    log = wanted.folder / LOG
    words = [
        sys.executable, "-m", "range", "start", wanted.folder, "--stay", "--people", wanted.people,
        "--seed", wanted.seed, "--address", wanted.address,
        *(("--only", wanted.sites[0]) if len(wanted.sites) == 1 else ()),
    ]  # fmt: skip
    with log.open("wb") as told:
        keeper = subprocess.Popen(
            [str(word) for word in words], cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=told, stderr=told,
            start_new_session=True,
        )  # fmt: skip
    while not _is_up(wanted.folder, keeper.pid):
        if keeper.poll() is not None:
            said = log.read_text("utf-8", "replace").removeprefix(WARNING).strip()[-3000:]
            message = f"The range did not start: {said}"
            raise RangeError(message, f"read {log}.")
        time.sleep(0.1)
    _STARTED[wanted.folder] = keeper
    return log.read_text("utf-8")


def stop(folder: Path) -> bool:
    """End the range of a folder and wait until its keeper is gone; returns whether one ran."""
    keeper = find_keeper(folder)
    if keeper is not None:
        with suppress(ProcessLookupError):
            os.kill(keeper, signal.SIGTERM)
    while keeper is not None and find_keeper(folder) == keeper:
        time.sleep(0.05)
    if (ours := _STARTED.pop(folder, None)) is not None:
        ours.wait()
    return keeper is not None


def find_keeper(folder: Path) -> int | None:
    """Return the process that keeps a folder's range, if one does: it holds the lock as long as it lives."""
    try:
        with (folder / LOCK).open("r+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read() or 0) or None
    except FileNotFoundError:
        pass
    return None


@contextmanager
def running(wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Have a range up as long as the block lasts; yields its state."""
    start(wanted)
    try:
        yield json.loads((wanted.folder / STATE).read_text("utf-8"))
    finally:
        stop(wanted.folder)


def _is_up(folder: Path, keeper: int) -> bool:
    with suppress(FileNotFoundError, json.JSONDecodeError):
        return bool(json.loads((folder / STATE).read_text("utf-8"))["keeper"] == keeper)
    return False
