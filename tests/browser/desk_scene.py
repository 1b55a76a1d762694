"""Fills a server's data folder with a desk: ``python -m tests.browser.desk_scene HOME CASE``."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from ashiato.web.starting import bring_up_to_date, start

start(Path(sys.argv[1]))
bring_up_to_date()

from django.utils import timezone  # noqa: E402 - ready only once started

from ashiato.bundle.intake import Kind, seal_letter  # noqa: E402
from ashiato.engine.case import create_case  # noqa: E402
from ashiato.rooms.answering import api  # noqa: E402
from ashiato.rooms.notifying.api import GateKind, close_gate  # noqa: E402
from ashiato.rooms.publishing.api import console_keys, take_letters  # noqa: E402
from ashiato.web.intake import letters_to_desk  # noqa: E402
from tests.rooms.answering import desks  # noqa: E402
from tests.rooms.notifying import scenes  # noqa: E402

#: What somebody sent from the public pages.
_SENT: list[tuple[Kind, dict[str, object]]] = [
    (Kind.SUSPICIOUS, {"came_by": "sms", "came_from": "090-0000-0000", "text": "<i>振込の依頼</i>"}),
    (Kind.CHANNEL, {"code": "483920174627", "contact": "1600000", "channel": "letter", "language": "large"}),
    (Kind.CALL_BACK, {"phone": "03-1234-5678", "when": "morning", "about": "対象かどうか"}),
]


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
    keys = console_keys(file).public
    sent = b"".join(seal_letter(keys, kind, said) for kind, said in _SENT)
    take_letters(opened.campaign, sent, now)
    letters_to_desk(opened.campaign, now)
    close_gate(opened.campaign, GateKind.HAND, desks.agent("lead"), "文面を見直す", now)


main(Path(sys.argv[2]))
