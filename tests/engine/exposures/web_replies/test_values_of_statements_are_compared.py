"""Values of statements: of one meaning they are one, however hostile their writing; others stay apart."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.exposures.web_replies.runs import said_by

_HEX = st.text("0123456789abcdef", min_size=1, max_size=40)


@pytest.mark.parametrize(
    "session", ["9e9999999", "1e-9999999", "881e10592000", "-0e999999999", "nan", "inf", "1_0"]
)
def test_a_session_that_looks_like_a_number_costs_nothing(session: str) -> None:
    said = said_by(f"DELETE FROM sessions WHERE sid = '{session}'")
    assert said.stem == "delete from sessions where sid = ?"
    assert said.values == said_by(f"DELETE FROM sessions WHERE sid = '{session.upper()}'").values


@given(_HEX, _HEX)
def test_no_two_sessions_of_letters_and_digits_are_one(one: str, other: str) -> None:
    values = [said_by(f"SELECT '{text}'").values for text in (one, other)]
    assert (values[0] == values[1]) == (one == other or _same_number(one, other))


def _same_number(one: str, other: str) -> bool:
    """An oracle of its own: a number is its digits without zeros around them, and where they stand."""
    return None not in (_parts(one), _parts(other)) and _parts(one) == _parts(other)


def _parts(text: str) -> tuple[str, int] | None:
    whole, mark, exponent = text.partition("e")
    if len(text) > 28 or not whole.isdecimal() or (mark and not exponent.isdecimal()):
        return None
    digits = whole.lstrip("0")
    bare = digits.rstrip("0")
    power = len(digits) - len(bare) + int(exponent or 0)
    return ("0", 0) if not bare else (bare, power) if power + len(bare) <= 999_999 else None


@given(st.integers(10**28, 10**38))
def test_long_numbers_are_not_rounded(number: int) -> None:
    assert said_by(f"SELECT {number}").values != said_by(f"SELECT {number + 1}").values


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_a_number_is_one_however_it_is_written(number: Decimal) -> None:
    assert said_by(f"SELECT '{number}'").values == said_by(f"SELECT '{number:.4f}'").values
