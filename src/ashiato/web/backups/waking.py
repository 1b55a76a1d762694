"""A restored server's first steps, in a process of its own: its ledger is checked, all is held back."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from ashiato.terms.errors import IntegrityError
from ashiato.web.starting import bring_up_to_date, start


def wake(folders: dict[str, str], made_at: str, archive: str) -> None:
    """Check the ledger, say where cases are now, end every session and token of before, hold every campaign.

    Whoever signed out, or was shut out, after the backup must not come in by what came back. What went out
    after it is planned again in what came back: a timer would send it a second time.
    Raises: IntegrityError: the ledger's chain is broken; the entry is named.
    """
    from allauth.usersessions.models import UserSession  # noqa: PLC0415 - ready only after start()
    from django.contrib.sessions.models import Session  # noqa: PLC0415

    from ashiato.rooms.accounts import api as accounts  # noqa: PLC0415
    from ashiato.rooms.cases.api import CaseFile  # noqa: PLC0415
    from ashiato.rooms.notifying.api import hold_all  # noqa: PLC0415

    broken = accounts.find_break()
    if broken is not None:
        raise IntegrityError(f"entry {broken} of the server's ledger is not as it was written")
    for name, folder in folders.items():
        CaseFile.objects.filter(name=name).update(folder=folder)
    UserSession.objects.all().delete()
    Session.objects.all().delete()
    now = datetime.fromtimestamp(time.time(), UTC)
    accounts.end_tokens(accounts.ApiToken.objects.all(), accounts.get_program(), now)
    why = f"restored as of {made_at}: what went out since then is planned again"
    hold_all(accounts.get_program(), why, now)
    accounts.record_entry(
        accounts.get_program(), "restored", "server", at=now, why=f"of {made_at}: {archive}"
    )


if __name__ == "__main__":
    start(Path(sys.argv[1]))
    bring_up_to_date()
    wake(json.loads(sys.argv[2]), sys.argv[3], sys.argv[4])
