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


@given(st.one_of(st.none(), st.text(), st.integers(0, _DAY).map(str)))
def test_whatever_is_sent_is_a_bounded_wait(said: str | None) -> None:
    found = asked_wait(said)
    assert 0 <= found <= _DAY
    if said is not None and said.isascii() and said.isdigit():
        assert found == min(int(said), _DAY)
