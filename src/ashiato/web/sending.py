"""A worker that hands notices over beside the pages: ``python -m ashiato.web.sending HOME CAMPAIGN ZONE``.

One at a time and campaign: it holds a lock that ends with it, and writes down what it did.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ashiato.terms.errors import AshiatoError
from ashiato.web.starting import start

if TYPE_CHECKING:
    from ashiato.rooms.notifying.api import Progress

_COUNTED = ("handed", "failed", "doubted", "deferred")


@dataclass(frozen=True)
class Sending:
    """What a worker wrote down of its sending.

    ``counts``: notices by what became of them; none where it came to none. ``trouble``: what the outside said
    when it took nothing last. ``refused``, ``fix``: why it broke off. ``is_over``: it ended as it should.
    """

    counts: dict[str, int] = field(default_factory=dict)
    gates: list[str] = field(default_factory=list)
    trouble: str = ""
    refused: str = ""
    fix: str = ""
    is_over: bool = False


def start_sending(home: Path, campaign: int, zone: ZoneInfo, note: Callable[[], object]) -> bool:
    """Start handing over what approved waves hold, in a process that outlives this one.

    False where one is at it already; else ``note`` keeps who asked before anything begins. Told to stop
    (SIGTERM) it finishes what it has claimed.
    """
    told = _told(home, campaign)
    told.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _lock(home, campaign).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        note()
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


def last_sending(home: Path, campaign: int) -> Sending | None:
    """Return what the newest worker did so far; None where none was started."""
    told = _told(home, campaign)
    if told.exists():
        return Sending(**json.loads(told.read_bytes()))
    if not _lock(home, campaign).exists():
        return None
    return Sending(fix=f"see {told.with_suffix('.log')}")


def main(home: Path, campaign: int, zone: ZoneInfo) -> None:
    """Hand over, and write down what was done as it goes on: who is killed leaves that much."""
    start(home)
    from ashiato.rooms.notifying.api import Campaign  # noqa: PLC0415 - ready only once started
    from ashiato.web.workers import run_worker  # noqa: PLC0415

    said = Sending()

    def tell(progress: Progress) -> None:
        nonlocal said
        said = _said_of(progress)
        # What pages show is worth less than the sending: a full disk does not end it.
        with suppress(OSError):
            _write(home, campaign, said)

    try:
        did = run_worker(Campaign.objects.get(pk=campaign), zone, tell)
        said = replace(_said_of(did), is_over=True)
    except AshiatoError as refused:
        said = replace(said, refused=refused.what, fix=refused.fix or "")
    _write(home, campaign, said)


def _said_of(progress: Progress) -> Sending:
    counts = {name: getattr(progress, name) for name in _COUNTED}
    return Sending(counts, list(progress.closed), progress.trouble)


def _write(home: Path, campaign: int, said: Sending) -> None:
    path = _told(home, campaign)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(asdict(said)))
    beside.replace(path)


def _lock(home: Path, campaign: int) -> Path:
    return home / "workers" / f"sending-{campaign}.lock"


def _told(home: Path, campaign: int) -> Path:
    return home / "workers" / f"sending-{campaign}.json"


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), ZoneInfo(sys.argv[3]))
