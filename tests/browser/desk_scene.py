"""Fills a server's data folder with a desk: ``python -m tests.browser.desk_scene HOME CASE``."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from ashiato.web.starting import bring_up_to_date, start

start(Path(sys.argv[1]))
bring_up_to_date()

from django.utils import timezone  # noqa: E402 - ready only once started

from ashiato.engine.case import create_case  # noqa: E402
from ashiato.rooms.answering import api  # noqa: E402
from tests.rooms.answering import desks  # noqa: E402
from tests.rooms.notifying import scenes  # noqa: E402


def main(folder: Path) -> None:
    """Two people told, answers approved but one, contacts of every way."""
    opened = desks.desk(name=folder.name)
    create_case(folder, "Asia/Tokyo", lambda: 0)
    file = opened.campaign.case
    file.folder = str(folder)
    file.save()
    for script in opened.scripts.exclude(name="sent-again"):
        for staff in scenes.approvers():
            api.approve_script(script, staff, desks.AT)
    now = timezone.now()
    said = (("harm.call", api.Way.PHONE), ("letter.genuine", api.Way.WEB), ("scope.relative", api.Way.MAIL))
    for number, (reason, way) in enumerate(said):
        arrival = api.Arrival(
            way, caller="taro@example.jp", name="架空太郎", text="<b>お尋ね</b>", reason=reason
        )
        api.take_contact(opened, arrival, now - timedelta(hours=number))


main(Path(sys.argv[2]))
