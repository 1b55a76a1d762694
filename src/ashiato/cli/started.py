"""The server, started for a verb that needs it: Django ready, its database as this program wants it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ashiato.rooms.notifying.api import Campaign


def start_server() -> None:
    """Make the rooms ready to be asked."""
    from ashiato.web.starting import bring_up_to_date, start

    start()
    bring_up_to_date()


def campaign_of(folder: Path) -> Campaign:
    """Return the campaign of a case, the server started; ServerError where nothing was planned."""
    start_server()
    from ashiato.rooms.notifying.api import get_campaign

    return get_campaign(folder)
