"""Values are recognised by form and check digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.datamap.draft.routes import shape_of
from ashiato.datamap.draft.tabular import guess_type
from ashiato.datamap.draft.values import is_organisation, look_of, passes_luhn, passes_my_number
from ashiato.datamap.draft.words import category_by_name
from ashiato.terms.categories import Category

LOOKS = [
    (
        ["090-1234-5678", "03-1234-5678", "０９０－１２３４－５６７８", "+81-90-1234-5678", "0312345678"],
        "phone number",
    ),
    (["100-0001", "〒530-0001", "150-0002", "900-0003", "060-0004"], "zip"),
    (["ｻﾄｳ ﾊﾅｺ", "サトウ ハナコ", "タナカ イチロウ", "イトウ ミサキ", "モリ ハルカ"], "kana name"),
    (["東京都", "大阪府", "北海道", "京都府", "沖縄県"], "prefecture"),
    (["佐藤 花子", "田中　一郎", "髙橋 美咲", "森 春香", "伊藤 三郎"], "personal name"),
    (["港区芝1-2-3", "大阪市北区梅田3-1", "福岡県糸島市前原1-1", "札幌市中央区1-1", "那覇市1-2"], "address"),
    (
        ["4111111111111111", "5500000000000004", "340000000000009", "4012888888881881", "30569309025904"],
        "card number",
    ),
    (["a@example.jp", "b.c@example.com", "d@e.org", "f@g.net", "h@i.co.jp"], "e-mail address"),
    (["5f4dcc3b5aa765d61d8327deb882cf99"] * 5, "hash"),
    (["1", "2", "3", "4", "5"], None),
    (["2026-01-01"] * 5, None),
    (["ひまわり動物病院", "さくら犬猫病院", "株式会社山田", "東都 クリニック", "みどり 支店"], None),
    (["a@example.jp"], None),
]
NAMES = [
    ("契約者住所", Category.CONTACT),
    ("契約者名", Category.IDENTITY),
    ("被保険者生年月日", Category.BIRTH),
    ("会員番号", Category.IDENTITY),
    ("クレジットカード番号", Category.CARD),
    ("bank_holder_kana", Category.BANK_ACCOUNT),
    ("cardHolderName", Category.CARD),
    ("PolicyholderTel1", Category.CONTACT),
    ("EMailAddress", Category.CONTACT),
    ("family_name", Category.FAMILY),
    ("product_name", Category.CONTRACT),
    ("mynumber", Category.GOVERNMENT_NUMBER),
    ("ip_address", Category.OTHER),
    ("passwd", Category.CREDENTIAL),
    ("customer_id", Category.OTHER),
    ("tags", None),
    ("stage", None),
    ("cardinality", None),
]


@pytest.mark.parametrize(("values", "look"), LOOKS, ids=range(len(LOOKS)))
def test_values_are_recognised_by_their_form(values: list[str], look: str | None) -> None:
    assert look_of(values) == look


@pytest.mark.parametrize(("name", "category"), NAMES)
def test_names_are_recognised_by_their_words(name: str, category: Category | None) -> None:
    assert category_by_name(name) == category


@given(st.integers(0, 10**15 - 1), st.integers(0, 9))
def test_exactly_one_last_digit_passes_luhn(number: int, wrong: int) -> None:
    passing = [digit for digit in range(10) if passes_luhn(f"{number:015d}{digit}")]
    assert len(passing) == 1
    assert passes_luhn(f"{number:015d}{wrong}") == (wrong == passing[0])


@given(st.integers(0, 10**11 - 1))
def test_exactly_one_last_digit_makes_an_individual_number(number: int) -> None:
    assert sum(passes_my_number(f"{number:011d}{digit}") for digit in range(10)) == 1


def test_a_known_individual_number_passes() -> None:
    assert passes_my_number("123456789018")
    assert not passes_my_number("123456789012")


def test_personal_names_are_no_organisations() -> None:
    assert not any(map(is_organisation, ["佐藤 花子", "店橋 一郎", "Inga Cole", "部田 美咲"]))
    assert all(
        map(is_organisation, ["株式会社東都", "東都銀行本店", "Tokyo Bank", "Smith Ltd", "あおば動物病院"])
    )


@given(st.lists(st.from_regex(r"0[0-9]{1,8}", fullmatch=True), min_size=1))
def test_leading_zeros_are_never_a_number(values: list[str]) -> None:
    assert guess_type(values) == "text"


def test_shapes_of_statements_hold_no_values() -> None:
    sql = "SELECT a1 FROM t2 WHERE n = '佐藤 ''x''' AND id IN (12, -3.5)\n LIMIT 20 -- 'open"
    assert shape_of(sql) == "SELECT a1 FROM t2 WHERE n = ? AND id IN (?, ?) LIMIT ? -- ?"
