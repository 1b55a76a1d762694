"""Many writers of the ledger at once, on a real PostgreSQL: the chain stays one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection

from ashiato.rooms.accounts.api import LedgerEntry, add_staff, find_break, record_entry
from tests.journeys.databases import postgresql
from tests.rooms import server

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)

pytestmark = [pytest.mark.usefixtures("on_postgresql"), pytest.mark.slow]


@pytest.fixture
def on_postgresql() -> Iterator[None]:
    """A PostgreSQL of the test's own, with every migration and no rows."""
    with postgresql() as served, server.fresh_postgresql(served.port):
        yield


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
