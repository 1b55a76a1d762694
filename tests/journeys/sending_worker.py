"""One worker of the fault run: ``python -m tests.journeys.sending_worker HOME CAMPAIGN PORT``.

Its wall clock is as wrong as the file ``skew`` in HOME says (seconds), read at each look.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ashiato.web.starting import start

SKEW = "skew"


def main(home: Path, campaign: int, port: int) -> None:
    """Work until nothing is left."""
    start(home)
    from ashiato.rooms.notifying import api  # noqa: PLC0415 - only once started
    from ashiato.rooms.notifying.mailing import MailHand, open_pool  # noqa: PLC0415
    from ashiato.web.workers import listening  # noqa: PLC0415

    class Skewed(api.MachineClock):
        """The machine's clock, set wrong."""

        def now(self) -> datetime:
            """Return the moment as a wall clock has it that somebody set."""
            path = home / SKEW
            return super().now() + timedelta(seconds=float(path.read_text() or 0) if path.exists() else 0)

    said = {
        "host": "127.0.0.1", "port": port, "security": "none", "bounce_domain": "bounce.example.jp",
        "timeout": 5, "dot_timeout": 1,
    }  # fmt: skip
    made = api.Campaign.objects.get(pk=campaign)
    handing = api.Handing(
        {"email": MailHand(api.Composer(made, ZoneInfo("Asia/Tokyo")), open_pool(said, home))},
        api.Waits(timedelta(milliseconds=50), timedelta(milliseconds=200)),
    )
    pace = api.Pace(claim=200, record=25, hands=4, usable=20, silent=60, idle=0.05)
    with listening() as stopped:
        api.SendingWorker(made, handing, Skewed(), home / "workers", pace, stopped).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
