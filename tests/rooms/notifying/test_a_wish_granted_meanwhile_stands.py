"""What people ask for while a run plans or a notice of theirs fails, on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from time import sleep

import pytest
from django.db import connection, transaction

from ashiato.rooms.notifying.models import Campaign, Notice, PersonInScope
from ashiato.rooms.notifying.scope import CLEARED, Wish
from ashiato.rooms.notifying.selectors.closing import closing_sum
from ashiato.rooms.notifying.services import claiming, receiving, recording, working
from ashiato.rooms.notifying.services.moving import Because, move
from ashiato.rooms.notifying.services.wishing import grant_wish, send_again
from ashiato.rooms.notifying.states import State
from ashiato.terms.errors import ServerError
from tests.rooms.notifying.scenes import AT, campaign, person, plan, release

pytestmark = [pytest.mark.usefixtures("on_postgresql"), pytest.mark.slow]


def test_a_wish_granted_meanwhile_stands() -> None:
    made = campaign()
    plan(made, [person("dan", "email")])
    dan, granted = PersonInScope.objects.get(), threading.Event()

    def grant() -> None:
        with transaction.atomic():
            grant_wish(dan.pk, Wish({"lines": ["東京都新宿区架空1-2-3"]}), Because("asked", "aoi", AT))
            granted.set()
            sleep(1)
        connection.close()

    granting = threading.Thread(target=grant)
    granting.start()
    granted.wait()
    plan(made, [person("dan", "email", words="address")], run=2)
    granting.join()
    dan.refresh_from_db()
    assert bytes(dan.asked)
    assert dan.channels == "email,letter"


def test_who_asks_again_while_their_notice_fails_gets_the_one_after_it() -> None:
    made = campaign()
    plan(made, [person("dan", "email", "letter")])
    release(made)
    worker = working.enlist("w", machine="m", lock_file="", at=AT)
    (notice,) = claiming.claim(worker, claiming.Wanted(made, ("email",), 1, AT))
    holds, answers = threading.Event(), list[object]()

    def fail() -> None:
        with closing(connection), transaction.atomic():
            move([notice.pk], State.CLAIMED, State.BOUNCED, Because("550", "w", AT))
            holds.set()
            wait_for_a_lock()

    def ask() -> None:
        holds.wait()
        with closing(connection):
            answers.append(send_again(notice.person_id, Because("asked", "aoi", AT)))

    both = [threading.Thread(target=each) for each in (fail, ask)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    # It is on its way already, by letter: nothing had to be planned.
    assert answers == [False]
    found = Notice.objects.order_by("pk").values_list("channel", "state", "is_current")
    assert list(found) == [("email", "bounced", False), ("letter", "planned", True)]
    assert closing_sum(made).holds


def test_no_wish_and_no_failure_of_somebody_cleared_end_each_other() -> None:
    made = campaign()
    plan(made, [person(name, "email", "letter") for name in ("dan", "eri", "fay")])
    release(made)
    worker = working.enlist("w", machine="m", lock_file="", at=AT)
    failing, reported = claiming.claim(worker, claiming.Wanted(made, ("email",), 2, AT))
    move([reported.pk], State.CLAIMED, State.HANDED, Because("250", "w", AT))
    # A later run names nobody any more: whose notice fails is cleared with it.
    Campaign.objects.update(run=2)
    waiting = Notice.objects.get(state=State.PLANNED)
    bounced = recording.Offered(failing.pk, State.BOUNCED, "550")
    report = receiving.Report("k", reported.reference, State.BOUNCED, "550")
    _at_once(failing, lambda: recording.record_offered(worker, [bounced], AT))
    _at_once(reported, lambda: receiving.record_receipt(report, AT))
    _at_once(waiting, lambda: plan(made, [], run=2))
    assert set(PersonInScope.objects.values_list("excluded", flat=True)) == {CLEARED}
    assert closing_sum(made).holds


def _at_once(notice: Notice, fail: Callable[[], object]) -> None:
    """Let a person's wish hold them, and go on once the failure of their notice waits for it."""
    holds = threading.Event()

    def wish() -> None:
        with closing(connection), transaction.atomic():
            PersonInScope.objects.select_for_update(no_key=True).get(pk=notice.person_id)
            holds.set()
            wait_for_a_lock()
            with suppress(ServerError):
                send_again(notice.person_id, Because("asked", "aoi", AT))

    def failing() -> None:
        holds.wait()
        with closing(connection):
            fail()

    with ThreadPoolExecutor(2) as threads:
        for each in [threads.submit(wish), threads.submit(failing)]:
            each.result()


def wait_for_a_lock() -> None:
    """Wait until somebody waits for a lock of this database."""
    asked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(asked)
            (number,) = cursor.fetchone()
        if number:
            return
        sleep(0.05)
    pytest.fail("nobody waited")
