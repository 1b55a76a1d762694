"""A session ends for want of use, and by its age however much it is used."""

from __future__ import annotations

import time

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from ashiato.web import lasting
from ashiato.web.lasting import UNUSED_S, WHOLE_S
from tests.web.console.scenes import signed_in, staff_named


def _wind_back(client: Client, began_s: int, used_s: int) -> None:
    session = client.session
    session["began_s"], session["used_s"] = int(time.time()) - began_s, int(time.time()) - used_s
    session.save()


def _is_in(client: Client) -> bool:
    return client.get(reverse("cases")).status_code == 200


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("began_s", "used_s", "is_in"),
    [
        (UNUSED_S - 60, UNUSED_S - 60, True),
        (UNUSED_S, UNUSED_S, False),
        (WHOLE_S - 60, 1, True),
        (WHOLE_S, 1, False),
    ],
)
def test_a_session_ends_unused_or_old(began_s: int, used_s: int, is_in: bool) -> None:
    client = signed_in(staff_named("aoi"))
    assert _is_in(client)
    before = client.session.session_key
    _wind_back(client, began_s, used_s)
    assert _is_in(client) is is_in
    assert (client.session.session_key == before) is is_in


@pytest.mark.usefixtures("database")
def test_use_keeps_a_session_and_a_page_that_asks_by_itself_does_not() -> None:
    client = signed_in(staff_named("aoi"))
    _wind_back(client, 3_000, 3_000)
    client.get(reverse("run_state", args=["incident"]))
    assert time.time() - client.session["used_s"] > 2_900
    assert _is_in(client)
    assert time.time() - client.session["used_s"] < 100
    assert time.time() - client.session["began_s"] > 2_900


@given(st.lists(st.integers(0, 2 * UNUSED_S), max_size=40))
def test_no_order_of_uses_outlasts_the_age(waits_s: list[int]) -> None:
    session, now = SessionStore(), 1_000_000
    lasting.note_use(session, now)
    for wait in waits_s:
        now += wait
        if lasting.is_over(session, now):
            assert wait >= UNUSED_S - 60 or now - 1_000_000 >= WHOLE_S
            return
        lasting.note_use(session, now)
    assert now - 1_000_000 < WHOLE_S
    assert max(waits_s, default=0) < UNUSED_S
