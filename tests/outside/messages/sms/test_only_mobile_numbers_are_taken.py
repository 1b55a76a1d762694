"""Numbers are read however they are written; only those of mobile telephones get short messages."""

from __future__ import annotations

import pytest

from ashiato.outside.messages.outcomes import AddressError
from ashiato.outside.messages.sms.numbers import read_number


@pytest.mark.parametrize(
    "written",
    ["090-1234-5678", "09012345678", "+81 90 1234 5678", "０９０－１２３４－５６７８", "(090) 1234 5678",
     "+81-(0)90-1234-5678", "０９０ー１２３４ー５６７８"],
)  # fmt: skip
def test_one_number_has_one_form(written: str) -> None:
    assert read_number(written) == "+819012345678"


def test_numbers_of_other_countries_are_read_in_theirs() -> None:
    assert read_number("070-1234-5678") == "+817012345678"
    assert read_number("07400 123456", "GB") == "+447400123456"
    assert read_number("+447400123456") == "+447400123456"


@pytest.mark.parametrize(
    "written",
    ["", "abc", "03-1234-5678", "0120-123-456", "050-1234-5678", "090-1234-567", "090-1234-56789", "110",
     "+819012345678;ext=5", "090-1234-5678 内線 12 x12", "+1", "0" * 500, "\x00090", "090-1234-5678\r\nX: y"],
)  # fmt: skip
def test_what_gets_no_short_message_is_refused_unnamed(written: str) -> None:
    with pytest.raises(AddressError) as refused:
        read_number(written)
    assert not written or written not in str(refused.value)
    assert refused.value.about == "recipient"
