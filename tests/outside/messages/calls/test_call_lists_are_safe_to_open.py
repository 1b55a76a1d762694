"""A call list says word by word what is to be said, and runs nothing where it is opened."""

from __future__ import annotations

import csv
import io

import pytest

from ashiato.exports.cell import shield, unshield
from ashiato.outside.messages.calls.call_list import COLUMNS, Call, callable_number, write_call_list
from ashiato.outside.messages.outcomes import AddressError, MessageError

_CALL = Call(
    "n0000000001",
    "1234-5678-9012",
    "０９０ー１２３４ー５６７８",
    "山田 段",
    "もしもし。\n二行目。",
    "ヤマダ ダン",
)


def _rows(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_call_is_read_back_as_it_was_written() -> None:
    head, row = _rows(write_call_list([_CALL], shield))
    assert tuple(head) == COLUMNS
    assert row == [
        "n0000000001",
        "1234-5678-9012",
        "090-1234-5678",
        "山田 段",
        "ヤマダ ダン",
        "ja",
        _CALL.script,
        "",
    ]


def test_no_cell_runs_in_a_spreadsheet() -> None:
    hostile = '=cmd|"/c calc"!A1'
    call = Call("n0000000001", hostile, "+44 7400 123456", hostile, "+81", kana="@x", language="-1")
    _, row = _rows(write_call_list([call], shield))
    assert not any(cell[:1] in {"=", "+", "-", "@"} for cell in row)
    assert unshield(row[3]) == hostile
    assert unshield(row[2]) == "+44 7400 123456"


def test_numbers_of_any_telephone_can_be_called() -> None:
    assert callable_number("03-1234-5678") == "03-1234-5678"
    assert callable_number("+81312345678") == "03-1234-5678"


@pytest.mark.parametrize("written", ["", "none", "03-1234", "0" * 100])
def test_a_number_that_cannot_be_called_is_refused(written: str) -> None:
    with pytest.raises(AddressError):
        callable_number(written)
    with pytest.raises(MessageError):
        write_call_list([Call("n0000000001", "1", written, "x", "y")], shield)
