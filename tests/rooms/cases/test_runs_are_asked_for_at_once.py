"""Several people and several workers at the same moment, on PostgreSQL: one run, in one pair of hands."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection

from ashiato.rooms.accounts.api import LedgerEntry, add_staff, find_break
from ashiato.rooms.cases import api
from ashiato.terms.errors import ServerError
from tests.cli.sample_case import make_case

pytestmark = [pytest.mark.usefixtures("on_postgresql"), pytest.mark.slow]
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
_AT_ONCE = 6


def _together(act: Callable[[int], bool]) -> int:
    """Do it in so many threads at the same moment; returns how many of them succeeded."""
    ready = Barrier(_AT_ONCE)

    def one(number: int) -> bool:
        try:
            connection.ensure_connection()
            ready.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return sum(threads.map(one, range(_AT_ONCE)))


def test_one_of_those_who_ask_and_one_of_those_who_work_is_first(tmp_path: Path) -> None:
    file, aoi = api.open_casefile(make_case(tmp_path).folder, NOW), add_staff("aoi")

    def ask(_: int) -> bool:
        try:
            return api.ask_run(file, aoi, NOW).is_open
        except ServerError as refused:
            return "a run that is not over" not in refused.what

    assert _together(ask) == 1
    (asked,) = api.list_open()
    assert _together(lambda number: api.claim(asked, api.Holder("here", str(number)), NOW)) == 1
    (held,) = api.list_open()
    assert _together(lambda _: api.release_dead(held, NOW)) == 1
    assert _together(lambda _: api.ask_stop(file, aoi, NOW)) == 1
    assert [entry.verb for entry in LedgerEntry.objects.order_by("pk")] == ["run started", "run cancelled"]
    assert find_break() is None
