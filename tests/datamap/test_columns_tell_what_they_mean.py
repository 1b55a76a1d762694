"""What a column of a table of people holds is told from its name, and the map overrules it."""

from __future__ import annotations

import pytest

from ashiato.datamap.meanings import meaning_of
from ashiato.datamap.model import Column
from ashiato.terms.categories import Category
from ashiato.terms.meanings import Meaning


@pytest.mark.parametrize(
    ("names", "meaning"),
    [
        (["name", "name_kanji", "氏名", "customerName", "kokyaku_shimei"], Meaning.NAME),
        (["name_kana", "フリガナ", "氏名カナ", "yomigana"], Meaning.KANA),
        (["surname", "last_name", "姓", "sei"], Meaning.FAMILY),
        (["given_name", "firstName", "名", "mei"], Meaning.GIVEN),
        (["姓カナ", "セイ"], Meaning.FAMILY_KANA),
        (["名カナ", "メイ"], Meaning.GIVEN_KANA),
        (["maiden_name", "旧姓"], Meaning.FORMER),
        (["member_no", "rank"], Meaning.NOTHING),
    ],
)
def test_columns_of_identity(names: list[str], meaning: Meaning) -> None:
    assert {meaning_of(Column(name, category=Category.IDENTITY)) for name in names} == {meaning}


@pytest.mark.parametrize(
    ("names", "meaning"),
    [
        (["email", "eMail_addr1", "メールアドレス"], Meaning.MAIL),
        (["tel", "mobile_phone", "携帯電話番号"], Meaning.PHONE),
        (["zip", "postcode", "郵便番号"], Meaning.POSTAL_CODE),
        (["prefecture", "state", "都道府県"], Meaning.PREFECTURE),
        (["city", "suburb", "市区町村"], Meaning.CITY),
        (["address_1", "street_number", "住所1", "建物名"], Meaning.ADDRESS),
        (["fax_no", "勤務先電話"], Meaning.NOTHING),
    ],
)
def test_columns_of_contact(names: list[str], meaning: Meaning) -> None:
    assert {meaning_of(Column(name, category=Category.CONTACT)) for name in names} == {meaning}


def test_the_map_overrules_the_name() -> None:
    assert meaning_of(Column("name", category=Category.IDENTITY, means=Meaning.NOTHING)) is Meaning.NOTHING
    assert meaning_of(Column("kyakumei", means=Meaning.NAME)) is Meaning.NAME


def test_other_peoples_names_are_not_the_persons() -> None:
    assert meaning_of(Column("child_name", category=Category.FAMILY)) is Meaning.NOTHING
    assert meaning_of(Column("bank_holder_kana", category=Category.BANK_ACCOUNT)) is Meaning.NOTHING
