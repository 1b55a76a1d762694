"""Runs asked for in the console: one of a case at a time, held by one worker at a time, none lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ashiato.engine.api import STAGE_NAMES, Case
from ashiato.rooms.accounts.api import LedgerEntry, Staff, add_staff
from ashiato.rooms.cases import api
from ashiato.terms.errors import ServerError
from tests.cli.sample_case import make_case

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ONE, OTHER = api.Holder("here 1", "/locks/one"), api.Holder("here 1", "/locks/other")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return make_case(tmp_path_factory.mktemp("sealed"))


@pytest.fixture
def aoi() -> Staff:
    return add_staff("aoi")


@pytest.fixture
def file(sealed: Case) -> api.CaseFile:
    return api.open_casefile(sealed.folder, NOW)


def _newest(file: api.CaseFile) -> api.Investigation:
    found = api.newest_of(file)
    assert found is not None
    return found


def test_a_second_run_is_refused_until_the_first_is_over(file: api.CaseFile, aoi: Staff) -> None:
    first = api.ask_run(file, aoi, NOW)
    with pytest.raises(ServerError, match="a run that is not over"):
        api.ask_run(file, aoi, NOW)
    assert api.claim(first, ONE, NOW)
    with pytest.raises(ServerError, match="a run that is not over"):
        api.ask_run(file, aoi, NOW)
    assert api.end_done(first, ONE, 2, NOW)
    assert api.ask_run(file, aoi, NOW).pk != first.pk
    assert [entry.verb for entry in LedgerEntry.objects.order_by("pk")] == ["run started"] * 2


def test_a_case_without_evidence_is_not_run(tmp_path: Path, aoi: Staff) -> None:
    with pytest.raises(ServerError, match="no evidence"):
        api.ask_run(api.open_casefile(tmp_path, NOW), aoi, NOW)


def test_of_two_workers_one_has_the_run(file: api.CaseFile, aoi: Staff) -> None:
    asked = api.ask_run(file, aoi, NOW)
    assert [api.claim(asked, holder, NOW) for holder in (ONE, OTHER)] == [True, False]
    assert _newest(file).lock_file == ONE.lock_file


def test_whoever_was_taken_for_dead_has_no_word_any_more(file: api.CaseFile, aoi: Staff) -> None:
    api.claim(api.ask_run(file, aoi, NOW), ONE, NOW)
    api.note_step(_newest(file), ONE, api.Step("reading", 0, 2))
    assert api.release_dead(_newest(file), NOW)
    asked = _newest(file)
    assert api.claim(asked, OTHER, NOW)
    assert api.note_step(asked, ONE, api.Step("people", 1, 2))
    words = api.end_done(asked, ONE, 9, NOW), api.end_failed(asked, ONE, api.Fault("x"), NOW)
    assert not any((*words, api.end_stopped(asked, ONE, NOW)))
    assert not api.note_step(asked, OTHER, api.Step("reading", 1, 2))
    held = _newest(file)
    assert (held.stand, held.stage, held.deaths, held.run) == (api.Stand.RUNNING, "reading", 1, None)


def test_a_dead_worker_is_buried_once(file: api.CaseFile, aoi: Staff) -> None:
    api.claim(api.ask_run(file, aoi, NOW), ONE, NOW)
    seen = _newest(file)
    assert [api.release_dead(seen, NOW) for _ in range(2)] == [True, False]
    assert _newest(file).deaths == 1


def test_a_run_that_kills_every_worker_fails(file: api.CaseFile, aoi: Staff) -> None:
    asked = api.ask_run(file, aoi, NOW)
    for _ in range(3):
        assert api.claim(asked, ONE, NOW)
        assert api.release_dead(_newest(file), NOW)
    over = _newest(file)
    assert (over.stand, over.ended_at) == (api.Stand.FAILED, NOW)
    assert "killed" in over.fault
    assert not api.claim(asked, ONE, NOW)


def test_a_waiting_run_is_cancelled_at_once_and_a_running_one_by_its_worker(
    file: api.CaseFile, aoi: Staff
) -> None:
    assert not api.ask_stop(file, aoi, NOW)
    api.ask_run(file, aoi, NOW)
    assert api.ask_stop(file, aoi, NOW)
    assert _newest(file).stand == api.Stand.STOPPED
    asked = api.ask_run(file, aoi, NOW)
    api.claim(asked, ONE, NOW)
    assert not api.note_step(asked, ONE, api.Step("reading", 0, 1))
    assert [api.ask_stop(file, aoi, NOW) for _ in range(2)] == [True, False]
    assert _newest(file).stand == api.Stand.RUNNING
    assert api.note_step(asked, ONE, api.Step("reading", 1, 1))
    assert api.end_stopped(asked, ONE, NOW)
    assert _newest(file).stand == api.Stand.STOPPED
    verbs = [entry.verb for entry in LedgerEntry.objects.order_by("pk")]
    assert verbs == ["run started", "run cancelled"] * 2


def test_a_cancelled_run_of_a_dead_worker_is_over(file: api.CaseFile, aoi: Staff) -> None:
    api.claim(api.ask_run(file, aoi, NOW), ONE, NOW)
    api.ask_stop(file, aoi, NOW)
    assert api.release_dead(_newest(file), NOW)
    assert _newest(file).stand == api.Stand.STOPPED


def test_a_run_whose_worker_goes_waits_for_the_next(file: api.CaseFile, aoi: Staff) -> None:
    asked = api.ask_run(file, aoi, NOW)
    api.claim(asked, ONE, NOW)
    assert api.end_stopped(asked, ONE, NOW)
    assert [one.stand for one in api.list_open()] == [api.Stand.WAITING]
    assert api.claim(asked, OTHER, NOW)


def test_a_failed_run_says_what_where_and_what_to_do(file: api.CaseFile, aoi: Staff) -> None:
    asked = api.ask_run(file, aoi, NOW)
    api.claim(asked, ONE, NOW)
    assert api.end_failed(asked, ONE, api.Fault("no such column", "datamap.yaml:7", "write it"), NOW)
    over = _newest(file)
    assert (over.fault, over.fault_place, over.fault_fix) == ("no such column", "datamap.yaml:7", "write it")


def test_a_run_that_comes_past_where_its_worker_died_does_not_kill_them(
    file: api.CaseFile, aoi: Staff
) -> None:
    api.ask_run(file, aoi, NOW)
    deaths = []
    for stage in ("reading", "reading", "events", "findings", "findings", "findings"):
        (asked,) = api.list_open()
        assert api.claim(asked, ONE, NOW)
        for reached in STAGE_NAMES[: STAGE_NAMES.index(stage) + 1]:
            api.note_step(asked, ONE, api.Step(reached, 0, 1))
        assert api.release_dead(_newest(file), NOW)
        deaths.append(_newest(file).deaths)
    assert deaths == [1, 2, 1, 1, 2, 2]
    assert _newest(file).stand == api.Stand.FAILED


def test_a_claim_whose_answer_was_lost_is_asked_again(file: api.CaseFile, aoi: Staff) -> None:
    asked = api.ask_run(file, aoi, NOW)
    assert [api.claim(asked, holder, NOW) for holder in (ONE, ONE, OTHER)] == [True, True, False]


def test_a_run_ends_in_one_statement_so_that_no_wish_to_stop_comes_between(
    file: api.CaseFile, aoi: Staff
) -> None:
    for stop, stand, ended_at in ((False, api.Stand.WAITING, None), (True, api.Stand.STOPPED, NOW)):
        asked = _newest(file) if stop else api.ask_run(file, aoi, NOW)
        api.claim(asked, ONE, NOW)
        if stop:
            api.ask_stop(file, aoi, NOW)
        with CaptureQueriesContext(connection) as asked_for:
            assert api.end_stopped(asked, ONE, NOW)
        assert len(asked_for) == 1
        assert (_newest(file).stand, _newest(file).ended_at) == (stand, ended_at)


def test_a_run_whose_case_another_writes_to_waits_and_says_for_whom(file: api.CaseFile, aoi: Staff) -> None:
    asked = api.ask_run(file, aoi, NOW)
    api.claim(asked, ONE, NOW)
    assert api.end_held(asked, ONE, api.Fault("process 7 on elsewhere", "lock", "wait"), NOW)
    waiting = _newest(file)
    assert (waiting.stand, waiting.fault, waiting.deaths) == (api.Stand.WAITING, "process 7 on elsewhere", 0)
    assert api.claim(asked, OTHER, NOW)
    assert _newest(file).fault == ""
