"""Every line of a list that comes back is read, known already, or listed with why it was not understood."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.outside.messages.intake import Intake, read_list

_OURS = {f"{number:012d}": f"n{number:012d}" for number in range(5)}


def _code_in(cell: str) -> str | None:
    plain = re.sub(r"[\s-]", "", cell)
    return plain if re.fullmatch(r"[0-9]{12}", plain) else None


def _read(text: str | bytes) -> Intake:
    return read_list(text if isinstance(text, bytes) else text.encode(), _code_in, _OURS.get)


def test_lines_of_several_forms_are_read() -> None:
    found = _read(
        "check code,reason\r\n0000-0000-0001,moved\r\n\r\n000000000002\r\n"
        '2026-11-22\t"0000 0000 0003"\tunknown, at this address\r\n0000-0000-0001,again\r\n'
        "999999999999,whose?\r\n0000-0000-000,short\r\n000000000001,000000000002\r\n"
    )
    assert [(each.line, each.reference, each.words) for each in found.returned] == [
        (2, "n000000000001", "moved"),
        (4, "n000000000002", ""),
        (5, "n000000000003", "2026-11-22 unknown, at this address"),
    ]
    assert [(each.line, each.words) for each in found.again] == [(6, "again")]
    assert [(each.line, each.why) for each in found.unread] == [
        (1, "it holds no whole code"),
        (7, "the code is not one of ours"),
        (8, "it holds no whole code"),
        (9, "it holds more than one code"),
    ]
    assert found.blank == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_lists_of_japanese_spreadsheets_are_read(encoding: str) -> None:
    found = _read("000000000001,転居先不明\r\n".encode(encoding))
    assert [each.words for each in found.returned] == ["転居先不明"]


_CELLS = st.sampled_from(
    [*_OURS, "0000-0000-0002", "x", '"', "", "123456789012", "\0", "転居", "\x1b[31m", '"a"b']
)


@given(rows=st.lists(st.lists(_CELLS, max_size=3), max_size=12))
def test_no_line_is_ever_dropped(rows: list[list[str]]) -> None:
    text = "".join(",".join(row) + "\n" for row in rows)
    found = _read(text)
    lines = [each.line for each in found.returned + found.again] + [each.line for each in found.unread]
    assert sorted(lines) == sorted(set(lines))
    assert len(lines) + found.blank == len(rows)
    assert all(each.text.isprintable() for each in found.unread)


@given(content=st.binary(max_size=200))
def test_any_bytes_are_listed_at_worst(content: bytes) -> None:
    found = _read(content)
    assert not found.returned
    assert all(each.why for each in found.unread)
