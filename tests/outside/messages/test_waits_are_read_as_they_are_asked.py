"""``Retry-After`` in seconds or as a date, bounded; what cannot be read asks for nothing."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.outside.messages.asked_waits import asked_wait

_DAY = 86_400


@pytest.mark.parametrize(("ahead", "asked"), [(90, 90), (-90, 0), (10 * _DAY, _DAY)])
def test_a_date_is_counted_from_now(ahead: int, asked: int) -> None:
    said = formatdate(time.time() + ahead, usegmt=True)
    assert abs(asked_wait(said) - asked) <= 2


@pytest.mark.parametrize(
    "said",
    [
        "Mon, 23 Nov 99999999999999999999 10:00:00 GMT",
        "Mon, 23 Nov 2026 10:00:00 +99999999999999",
        "Sat, 01 Jan 0001 00:00:00 +1400",
    ],
)
def test_a_date_that_no_calendar_has_asks_for_nothing(said: str) -> None:
    assert asked_wait(said) == 0


@given(st.one_of(st.none(), st.text(), st.integers(0, _DAY).map("{:012}".format)))
def test_whatever_is_sent_is_a_bounded_wait(said: str | None) -> None:
    found = asked_wait(said)
    assert 0 <= found <= _DAY
    if said is not None and said.isascii() and said.isdigit():
        assert found == min(int(said), _DAY)
