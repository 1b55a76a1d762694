"""Codes are made by the key's holder alone, and a slip of reading or typing never yields another code."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.letters.notices.codes import (
    allot_codes,
    check_digit,
    code_of,
    grouped,
    is_whole,
    read_code,
)
from tests.letters.notices.people import KEY

_DIGITS = range(10)


def _walk(state: int, *digits: int) -> int:
    """Go on through the quasigroup from a state, by the public function alone."""
    prefix = next(f"{number:02}" for number in range(100) if check_digit(f"{number:02}") == state)
    return check_digit(prefix + "".join(map(str, digits)))


def test_every_single_slip_is_caught_in_every_state() -> None:
    """From each state two digits lead to two states, and two states never meet again on equal digits."""
    for state in _DIGITS:
        assert len({_walk(state, digit) for digit in _DIGITS}) == 10
    for digit in _DIGITS:
        assert len({_walk(state, digit) for state in _DIGITS}) == 10


def test_every_swap_of_neighbours_is_caught_in_every_state() -> None:
    for state, (one, other) in itertools.product(_DIGITS, itertools.permutations(_DIGITS, 2)):
        assert _walk(state, one, other) != _walk(state, other, one)


@given(st.integers(0, 10**11 - 1), st.integers(0, 11), st.integers(1, 9))
def test_a_slip_in_a_whole_code_breaks_it(number: int, place: int, shift: int) -> None:
    digits = f"{number:011}"
    code = digits + str(check_digit(digits))
    wrong = code[:place] + str((int(code[place]) + shift) % 10) + code[place + 1 :]
    assert is_whole(code)
    assert not is_whole(wrong)
    for at in range(11):
        swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        assert swapped == code or not is_whole(swapped)


def test_codes_come_from_key_and_reference_alone() -> None:
    assert code_of(KEY, "notice-1") == code_of(KEY, "notice-1")
    assert code_of(KEY, "notice-1") != code_of(KEY[::-1], "notice-1")
    assert code_of(KEY, "notice-1", 1) != code_of(KEY, "notice-1")
    with pytest.raises(ValueError, match="16"):
        code_of(b"short", "notice-1")


def test_codes_that_are_taken_are_never_given_again() -> None:
    taken = {code_of(KEY, "b"), code_of(KEY, "b", 1)}
    given_out = list(allot_codes(KEY, ["a", "b", "c"], taken))
    assert [each.counter for each in given_out] == [0, 2, 0]
    assert len({each.code for each in given_out}) == 3
    assert {each.code for each in given_out} <= taken


def test_a_code_is_read_however_it_is_typed() -> None:
    code = code_of(KEY, "notice-1")
    wide = "".join(chr(ord("０") + int(digit)) for digit in code)
    for typed in (
        grouped(code),
        f" {code} ",
        wide,
        "－".join((wide[:4], wide[4:8], wide[8:])),
        code[:6] + "　" + code[6:],
    ):
        assert read_code(typed) == code
    assert not is_whole(read_code("1234"))
    assert not is_whole(read_code("²" * 12))
    assert not is_whole("".join(chr(0x0660 + int(digit)) for digit in code))
