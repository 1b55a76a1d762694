"""The server's own backup: its cases as its database knows them, and an entry of the ledger for it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings

from ashiato.rooms.accounts.api import get_program, record_entry
from ashiato.rooms.cases.api import CaseFile
from ashiato.web.backups.archives import recipient_named
from ashiato.web.backups.taking import Holding, Taken, take_backup


def back_up_server(to: Path, recipient: str, at: datetime) -> Taken:
    """Write an archive of data folder, database and every case; the ledger in it has an entry of it."""
    recipient_named(recipient)
    record_entry(get_program(), "backup begun", "server", at=at, why=f"for {recipient}")
    cases = {case.name: Path(case.folder) for case in CaseFile.objects.order_by("name")}
    return take_backup(Holding("server", settings.CONFIGURATION, cases), to, recipient, at)
