"""A worker that hands notices over beside the pages: ``python -m ashiato.web.sending HOME CAMPAIGN ZONE``.

One at a time and campaign: it holds a lock that ends with it, and writes down what it did.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ashiato.terms.errors import AshiatoError
from ashiato.web.starting import start


def start_sending(home: Path, campaign: int, zone: ZoneInfo) -> bool:
    """Start handing over what approved waves hold, in a process that outlives this one.

    False where one is at it already. Told to stop (SIGTERM) it finishes what it has claimed.
    """
    told = _told(home, campaign)
    told.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _lock(home, campaign).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        told.unlink(missing_ok=True)
        said = (sys.executable, "-m", "ashiato.web.sending", str(home), str(campaign), zone.key)
        with told.with_suffix(".log").open("wb") as log:
            # The lock goes to the child with its file: it is held for as long as the child lives.
            process = subprocess.Popen(  # noqa: S603 - our own program
                said, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=(lock.fileno(),), start_new_session=True,
            )  # fmt: skip
    threading.Thread(target=process.wait, daemon=True).start()
    return True


def is_sending(home: Path, campaign: int) -> bool:
    """Tell whether a worker of these pages is handing over now."""
    if not _lock(home, campaign).exists():
        return False
    with _lock(home, campaign).open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def last_sending(home: Path, campaign: int) -> dict[str, Any] | None:
    """Return what the last worker did, or why it did nothing; None where none was started."""
    told = _told(home, campaign)
    if told.exists():
        said: dict[str, Any] = json.loads(told.read_bytes())
        return said
    if not _lock(home, campaign).exists():
        return None
    return {"refused": "the worker ended without a word", "fix": f"see {told.with_suffix('.log')}"}


def main(home: Path, campaign: int, zone: ZoneInfo) -> None:
    """Hand over, and write down what was done."""
    start(home)
    from ashiato.rooms.notifying.api import Campaign  # noqa: PLC0415 - ready only once started
    from ashiato.web.workers import run_worker  # noqa: PLC0415

    try:
        did = run_worker(Campaign.objects.get(pk=campaign), zone, lambda _: None)
        said: dict[str, Any] = {
            "counts": {name: getattr(did, name) for name in ("handed", "failed", "doubted", "deferred")},
            "gates": did.closed,
        }
    except AshiatoError as refused:
        said = {"refused": refused.what, "fix": refused.fix or ""}
    path = _told(home, campaign)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(said))
    beside.replace(path)


def _lock(home: Path, campaign: int) -> Path:
    return home / "workers" / f"sending-{campaign}.lock"


def _told(home: Path, campaign: int) -> Path:
    return home / "workers" / f"sending-{campaign}.json"


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), ZoneInfo(sys.argv[3]))
