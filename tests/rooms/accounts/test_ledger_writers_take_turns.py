"""Many writers of the ledger at once, on a real PostgreSQL: the chain stays one."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from ashiato.rooms.accounts.api import LedgerEntry, add_staff, find_break, record_entry

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)

pytestmark = [pytest.mark.usefixtures("on_postgresql"), pytest.mark.slow]


def test_who_writes_at_the_same_time_takes_turns_on_postgresql() -> None:
    aoi, together = add_staff("aoi"), threading.Barrier(8)

    def write() -> None:
        together.wait()
        for _ in range(10):
            record_entry(aoi, "looked", "case-7", at=AT)
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert (LedgerEntry.objects.count(), find_break()) == (80, None)
