"""Orders of events in which a person could be told twice, or a claim be forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ashiato.rooms.notifying.models import Campaign, Notice, Worker
from ashiato.rooms.notifying.services.claiming import Wanted, claim
from ashiato.rooms.notifying.services.moving import Because, move
from ashiato.rooms.notifying.services.receiving import Report, record_receipt
from ashiato.rooms.notifying.services.recording import Offered, record_offered
from ashiato.rooms.notifying.services.working import bury, enlist, list_others
from ashiato.rooms.notifying.states import State
from tests.rooms.notifying.scenes import AT, campaign, person, plan, release

_LATER = AT + timedelta(hours=1)
_BECAUSE = Because("test", "test", AT)


@pytest.fixture
def begun(database: Path) -> Campaign:  # noqa: ARG001 - a database to write to
    """A campaign of one person, whose notice may be sent."""
    made = campaign()
    plan(made, [person("dan", "email")])
    release(made)
    return made


def _worker(name: str) -> Worker:
    return enlist(name, machine="another machine", lock_file="", at=AT)


def _claim(made: Campaign, worker: Worker) -> list[Notice]:
    return claim(worker, Wanted(made, ("email",), 10, _LATER))


def test_a_notice_with_a_receipt_does_not_go_again(begun: Campaign) -> None:
    worker = _worker("a")
    (notice,) = _claim(begun, worker)
    bury(worker, _BECAUSE)
    move([notice.pk], State.UNKNOWN, State.PLANNED, Because("decided: not taken", "aoi", AT))
    record_receipt(Report("k" * 64, notice.reference, State.DELIVERED), AT)
    assert _claim(begun, _worker("b")) == []


def test_claims_of_a_worker_buried_alive_are_found(begun: Campaign) -> None:
    living, other = _worker("a"), _worker("b")
    bury(living, _BECAUSE)
    claimed = _claim(begun, living)
    assert not claimed or living in list_others(other)


def test_an_overtaken_edition_is_not_sent_beside_the_new(begun: Campaign) -> None:
    worker = _worker("a")
    (first,) = _claim(begun, worker)
    plan(begun, [person("dan", "email", words="address")], run=2)
    record_offered(worker, [Offered(first.pk, State.PLANNED, "no connection")], AT)
    release(begun)
    claimed = [*_claim(begun, worker), *_claim(begun, worker)]
    assert len({each.person_id for each in claimed}) == len(claimed)


def test_somebody_cleared_meanwhile_is_not_told_later(begun: Campaign) -> None:
    worker = _worker("a")
    (notice,) = _claim(begun, worker)
    plan(begun, [person("emi", "email")], run=2)
    record_offered(worker, [Offered(notice.pk, State.PLANNED, "no connection")], AT)
    assert _claim(begun, worker) == []
