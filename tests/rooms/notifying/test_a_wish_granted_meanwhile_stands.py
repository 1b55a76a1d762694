"""A wish granted while a run plans, on a real PostgreSQL: the run does not write over it."""

from __future__ import annotations

import threading
from time import sleep

import pytest
from django.db import connection, transaction

from ashiato.rooms.notifying.models import PersonInScope
from ashiato.rooms.notifying.scope import Wish
from ashiato.rooms.notifying.services.moving import Because
from ashiato.rooms.notifying.services.wishing import grant_wish
from tests.rooms.notifying.scenes import AT, campaign, person, plan

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
