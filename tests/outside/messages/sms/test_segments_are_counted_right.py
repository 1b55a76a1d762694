"""A short message is counted as telephones count it, and no sign is parted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.outside.messages.outcomes import MessageError
from ashiato.outside.messages.sms.segments import check_text, segments_of

_SIGNS = st.text(st.sampled_from("aZ0 @£€^[]é\nあ漢ｱ𠮷😀葛\U000e0100"), max_size=400)


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("a" * 160, "gsm-7", 1),
        ("a" * 161, "gsm-7", 2),
        ("a" * 306, "gsm-7", 2),
        ("a" * 307, "gsm-7", 3),
        ("€" * 80, "gsm-7", 1),
        ("€" * 81, "gsm-7", 2),
        ("a" * 152 + "€" + "a" * 152, "gsm-7", 3),
        ("あ" * 70, "ucs-2", 1),
        ("あ" * 71, "ucs-2", 2),
        ("あ" * 134, "ucs-2", 2),
        ("あ" * 135, "ucs-2", 3),
        ("𠮷" * 35, "ucs-2", 1),
        ("𠮷" * 36, "ucs-2", 2),
        ("𠮷" * 67, "ucs-2", 3),
        ("a" * 69 + "あ", "ucs-2", 1),
        ("`", "ucs-2", 1),
    ],
)
def test_worked_lengths_are_counted_as_the_standard_says(text: str, encoding: str, parts: int) -> None:
    found = segments_of(text)
    assert (found.encoding, len(found.parts)) == (encoding, parts)


@given(text=_SIGNS)
def test_parts_fit_and_are_the_text(text: str) -> None:
    found = segments_of(text)
    assert "".join(found.parts) == text
    if found.encoding == "ucs-2":
        most = 70 if len(found.parts) == 1 else 67
        assert all(len(part.encode("utf-16-le")) <= 2 * most for part in found.parts)
    else:
        most = 160 if len(found.parts) == 1 else 153
        assert all(len(part) + sum(part.count(sign) for sign in "^[]€") <= most for part in found.parts)


@pytest.mark.parametrize("text", ["", " \n", "a\x00", "a\tb", "\u202eabc", "a\u2028b", "\ud83d"])
def test_what_no_telephone_may_show_is_refused(text: str) -> None:
    with pytest.raises(MessageError):
        check_text(text, 10)


def test_a_text_too_long_is_refused_with_its_length() -> None:
    assert len(check_text("あ" * 670, 10).parts) == 10
    with pytest.raises(MessageError, match="11 segments"):
        check_text("あ" * 671, 10)
