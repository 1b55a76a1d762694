"""A process that hands mails over: ``python -m ashiato.web.sender HOME CAMPAIGN ZONE THREADS SENDERS``.

It is started by the worker alone, hears what to offer by its standard input, and ends with it.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from ashiato.web.starting import start


def main(home: Path, campaign: int, zone: ZoneInfo, threads: int, senders: int) -> None:
    """Offer what comes in, as one of so many ``senders``.

    The worker hears signals and lets this process finish: it hears none itself.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    start(home)
    from django.conf import settings  # noqa: PLC0415 - ready only once started
    from django.db import connection  # noqa: PLC0415

    # Not by the room's door: that brings the engine along, whose start takes longer than a thousand mails.
    from ashiato.rooms.notifying.composing import Composer  # noqa: PLC0415
    from ashiato.rooms.notifying.handing import Handing  # noqa: PLC0415
    from ashiato.rooms.notifying.mailing import MailHand, open_pool, open_throttle  # noqa: PLC0415
    from ashiato.rooms.notifying.models import Campaign  # noqa: PLC0415
    from ashiato.rooms.notifying.senders import serve  # noqa: PLC0415
    from ashiato.rooms.notifying.states import Channel  # noqa: PLC0415

    composer = Composer(Campaign.objects.get(pk=campaign), zone)
    connection.close()
    said = settings.CONFIGURATION.said["mail"]
    with open_pool(said, home) as pool:
        hand = MailHand(composer, pool, open_throttle(said, senders))
        serve(Handing({Channel.EMAIL: hand}), threads)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), ZoneInfo(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
