"""A worker that hands notices over beside the pages: ``python -m ashiato.web.sending HOME CAMPAIGN ZONE``.

One at a time and campaign.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ashiato.terms.errors import AshiatoError
from ashiato.web.lone_workers import LoneWorker
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
    said = (str(home), str(campaign), zone.key)
    return _worker(home, campaign).start("ashiato.web.sending", said, note)


def is_sending(home: Path, campaign: int) -> bool:
    """Tell whether a worker of these pages is handing over now."""
    return _worker(home, campaign).is_at_it()


def last_sending(home: Path, campaign: int) -> Sending | None:
    """Return what the newest worker did so far; None where none was started."""
    return _worker(home, campaign).last(Sending)


def main(home: Path, campaign: int, zone: ZoneInfo) -> None:
    """Hand over, and write down what was done as it goes on: who is killed leaves that much."""
    start(home)
    from ashiato.rooms.notifying.api import Campaign  # noqa: PLC0415 - ready only once started
    from ashiato.web.workers import run_worker  # noqa: PLC0415

    worker, said = _worker(home, campaign), Sending()

    def tell(progress: Progress) -> None:
        nonlocal said
        said = _said_of(progress)
        # What pages show is worth less than the sending: a full disk does not end it.
        with suppress(OSError):
            worker.tell(asdict(said))

    try:
        did = run_worker(Campaign.objects.get(pk=campaign), zone, tell)
        said = replace(_said_of(did), is_over=True)
    except AshiatoError as refused:
        said = replace(said, refused=refused.what, fix=refused.fix or "")
    worker.tell(asdict(said))


def _said_of(progress: Progress) -> Sending:
    counts = {name: getattr(progress, name) for name in _COUNTED}
    return Sending(counts, list(progress.closed), progress.trouble)


def _worker(home: Path, campaign: int) -> LoneWorker:
    return LoneWorker(home, f"sending-{campaign}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), ZoneInfo(sys.argv[3]))
