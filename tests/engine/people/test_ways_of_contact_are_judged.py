"""What is wrong with a mail address, a phone number or an address is said; nothing more is asked of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.people.soundness import judge_letter, judge_mail, judge_phone
from ashiato.engine.people.ways import join_names, split_names


@pytest.mark.parametrize(
    "text",
    [
        "a@example.jp",
        "a.b..c.@example.ne.jp",
        "ＡＢ＠ｅｘａｍｐｌｅ．ｊｐ",
        "x+tag@sub.example.co.jp",
        "a@xn--r8jz45g.jp",
    ],
)
def test_mail_addresses_in_use_are_sound(text: str) -> None:
    assert judge_mail(text) == ()


@pytest.mark.parametrize(
    "text",
    ["a@", "@b.jp", "a b@example.jp", "a@example", "a@-x.jp", "a@b.jp, c@d.jp", "あ@example.jp", "なし"],
)
def test_what_is_no_mail_address_is_malformed(text: str) -> None:
    assert judge_mail(text) == ("mail-malformed",)


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("090-1234-5678", "mobile"), ("０８０１２３４５６７８", "mobile"), ("+81 70 1234 5678", "mobile"),
        ("+81-(0)3-3333-1111", "phone"), ("03(3333)1111", "phone"), ("0120-12-3456", "phone"),
        ("050-1234-5678", "phone"), ("+44 20 7946 0958", "phone"),
    ],
)  # fmt: skip
def test_numbers_by_the_numbering_plan_are_sound(text: str, channel: str) -> None:
    assert judge_phone(text) == (channel, ())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("090-123-4567", "phone-length"), ("3-3333-1111", "phone-length"), ("03-333-1111", "phone-length"),
        ("+81 90 1234", "phone-length"), ("+1", "phone-malformed"), ("不明", "phone-malformed"),
        ("000-0000-0000", "phone-malformed"), ("03-3333-1111 内線2", "phone-malformed"),
    ],
)  # fmt: skip
def test_broken_numbers_say_what_is_wrong(text: str, fault: str) -> None:
    assert judge_phone(text)[1] == (fault,)


@pytest.mark.parametrize(
    ("code", "area", "street", "faults"),
    [
        ("150-0001", "東京都", "渋谷区神宮前1-2", ()),
        ("〒150-0001", "", "神宮前1-2", ()),
        ("", "", "東京都渋谷区神宮前1-2", ("no-postal-code",)),
        ("150-001", "東京都", "神宮前1-2", ("postal-code-length",)),
        ("SW1A 1AA", "", "10 Downing Street, London", ()),
        ("", "", "神宮前1-2", ("no-postal-code", "address-incomplete")),
        ("150-0001", "東京都渋谷区", "", ("address-incomplete",)),
        ("150", "", "1-2", ("postal-code-length", "address-incomplete")),
    ],
)
def test_an_address_has_to_lead_to_a_door(code: str, area: str, street: str, faults: tuple[str, ...]) -> None:
    assert judge_letter(code, area, street) == faults


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_text_is_judged_without_failing(text: str, other: str) -> None:
    assert judge_mail(text) in ((), ("mail-malformed",))
    assert len(judge_phone(text)[1]) <= 1
    assert len(judge_letter(other, "", text)) <= 2


@given(st.lists(st.text(min_size=1), min_size=1))
def test_names_of_columns_come_apart_again(names: list[str]) -> None:
    assert split_names(join_names(names)) == names
