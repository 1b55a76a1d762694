"""One worker of the fault run: ``python -m tests.journeys.sending_worker HOME CAMPAIGN PORT [SENDER]``.

Its wall clock is as wrong as the file ``skew`` in HOME says (seconds), read at each look. With SENDER it is
one of the worker's processes that hand over.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ashiato.web.starting import start

if TYPE_CHECKING:
    from ashiato.rooms.notifying.handing import Handing

SKEW = "skew"
_HANDS, _LANES = 4, 2


def work(home: Path, campaign: int, port: int) -> None:
    """Work until nothing is left."""
    # Not by the room's door: that brings the engine along, and workers are killed and started all the time.
    from ashiato.rooms.living import MachineClock  # noqa: PLC0415 - only once started
    from ashiato.rooms.notifying.models import Campaign  # noqa: PLC0415
    from ashiato.rooms.notifying.senders import Senders  # noqa: PLC0415
    from ashiato.rooms.notifying.sending import Pace, SendingWorker  # noqa: PLC0415
    from ashiato.web.signals import listening  # noqa: PLC0415

    class Skewed(MachineClock):
        """The machine's clock, set wrong."""

        def now(self) -> datetime:
            """Return the moment as a wall clock has it that somebody set."""
            path = home / SKEW
            return super().now() + timedelta(seconds=float(path.read_text() or 0) if path.exists() else 0)

    made = Campaign.objects.get(pk=campaign)
    words = [
        sys.executable,
        "-m",
        "tests.journeys.sending_worker",
        *map(str, (home, campaign, port)),
        "SENDER",
    ]
    pace = Pace(claim=200, record=25, hands=_HANDS, lanes=_LANES, usable=20, silent=60, idle=0.05)
    with listening() as stopped, Senders(("email",), words) as senders:
        SendingWorker(made, senders, Skewed(), home / "workers", pace, stopped).run()


def hand_over(home: Path, campaign: int, port: int) -> None:
    """Hand over what the worker gives."""
    from django.db import connection  # noqa: PLC0415 - only once started

    from ashiato.rooms.notifying.senders import serve  # noqa: PLC0415

    hands = _hands(home, campaign, port)
    connection.close()
    serve(hands, _HANDS // _LANES)


def _hands(home: Path, campaign: int, port: int) -> Handing:
    from ashiato.rooms.notifying.composing import Composer  # noqa: PLC0415 - only once started
    from ashiato.rooms.notifying.handing import Handing, Waits  # noqa: PLC0415
    from ashiato.rooms.notifying.mailing import MailHand, open_pool  # noqa: PLC0415
    from ashiato.rooms.notifying.models import Campaign  # noqa: PLC0415

    said = {
        "host": "127.0.0.1", "port": port, "security": "none", "bounce_domain": "bounce.example.jp",
        "timeout": 5, "dot_timeout": 1,
    }  # fmt: skip
    composer = Composer(Campaign.objects.get(pk=campaign), ZoneInfo("Asia/Tokyo"))
    waits = Waits(timedelta(milliseconds=50), timedelta(milliseconds=200))
    return Handing({"email": MailHand(composer, open_pool(said, home))}, waits)


if __name__ == "__main__":
    start(Path(sys.argv[1]))
    (hand_over if len(sys.argv) > 4 else work)(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
