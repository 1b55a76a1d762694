"""A process that hands over to a file: ``python -m tests.rooms.notifying.sender_double FILE [WORKER]``.

It writes each reference before it says what became of it. One that begins with ``wait`` takes until a file of
that name stands beside; one that begins with ``die`` is written, and its process killed. With WORKER it is a
worker with such a process, who is to be killed while that one waits.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import datetime
from pathlib import Path

from ashiato.outside.messages.outcomes import TOO_LATE, Accepted, Still
from ashiato.web.starting import start


def main(file: Path) -> None:
    """Offer what comes in."""
    start(file.parent)
    from ashiato.rooms.notifying.handing import Handed, Handing  # noqa: PLC0415 - only once started
    from ashiato.rooms.notifying.models import Notice  # noqa: PLC0415
    from ashiato.rooms.notifying.senders import serve  # noqa: PLC0415

    def hand(notice: Notice, _at: datetime, still: Still) -> Handed:
        while notice.reference.startswith("wait") and not (file.parent / notice.reference).exists():
            time.sleep(0.01)
        if not still():
            return Handed(TOO_LATE, "")
        with file.open("a") as taken:
            taken.write(f"{notice.reference}\n")
        if notice.reference.startswith("die"):
            os.kill(os.getpid(), signal.SIGKILL)
        return Handed(Accepted(f"id-{notice.reference}"), "digest")

    serve(Handing({"email": hand}), 1)


def work(file: Path) -> None:
    """Have it offer three."""
    start(file.parent)
    from ashiato.rooms.living import MachineClock, held_lock  # noqa: PLC0415
    from ashiato.rooms.notifying.handing import Turn  # noqa: PLC0415 - only once started
    from ashiato.rooms.notifying.models import Notice, Worker  # noqa: PLC0415
    from ashiato.rooms.notifying.senders import Senders  # noqa: PLC0415

    clock, lock = MachineClock(), file.parent / "worker.lock"
    words = (sys.executable, "-m", "tests.rooms.notifying.sender_double", str(file))
    notices = [
        Notice(pk=each, channel="email", reference=name) for each, name in enumerate(("a", "wait-b", "c"))
    ]
    turn = Turn(
        Worker(name="worker", lock_file=str(lock)), clock.now, lambda: False, until=clock.steady() + 60
    )
    with held_lock(lock), Senders(("email",), words) as senders:
        senders.offer_all(notices, turn)


if __name__ == "__main__":
    (work if len(sys.argv) > 2 else main)(Path(sys.argv[1]))
