"""Several people and several workers at the same moment, on PostgreSQL: one run, in one pair of hands."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ashiato.rooms.accounts.api import LedgerEntry, add_staff, find_break
from ashiato.rooms.cases import api
from ashiato.terms.errors import ServerError
from tests.cli.sample_case import make_case
from tests.rooms.at_once import together

pytestmark = [pytest.mark.usefixtures("on_postgresql"), pytest.mark.slow]
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_one_of_those_who_ask_and_one_of_those_who_work_is_first(tmp_path: Path) -> None:
    file, aoi = api.open_casefile(make_case(tmp_path).folder, NOW), add_staff("aoi")

    def ask(_: int) -> bool:
        try:
            return api.ask_run(file, aoi, NOW).is_open
        except ServerError as refused:
            return "a run that is not over" not in refused.what

    assert together(ask) == 1
    (asked,) = api.list_open()
    assert together(lambda number: api.claim(asked, api.Holder("here", str(number)), NOW)) == 1
    (held,) = api.list_open()
    assert together(lambda _: api.release_dead(held, NOW)) == 1
    assert together(lambda _: api.ask_stop(file, aoi, NOW)) == 1
    assert [entry.verb for entry in LedgerEntry.objects.order_by("pk")] == ["run started", "run cancelled"]
    assert find_break() is None
