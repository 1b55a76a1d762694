"""Addresses come apart into their parts, in all their writings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.people.forms.addresses.numbers import arabic, kanji_numeral, kanji_value
from ashiato.engine.people.forms.addresses.parts import Address, parse_address


@pytest.mark.slow
@pytest.mark.parametrize(
    "written",
    [
        "〒134-0083 東京都江戸川区中葛西3-29-19 みらいハイツ305号室",
        "東京都江戸川区中葛西三丁目二十九番十九号みらいハイツ305",
        "江戸川区中葛西３丁目２９番地の１９　みらいハイツ３０５号",
        "東京都 江戸川区 中葛西3丁目29ー19 みらいハイツ305室",
        "東京江戸川区中葛西3−29−19みらいハイツ 305",
    ],
)
def test_one_address_in_many_writings(written: str) -> None:
    parts = parse_address(written)
    assert (parts.prefecture, parts.city, parts.ward) == ("東京都", "江戸川区", "")
    assert (parts.town, parts.chome, parts.numbers, parts.room) == ("中葛西三丁目", 3, "29-19", "305")
    assert parts.building.startswith("みらいハイツ")
    assert parts.is_known


@pytest.mark.parametrize(
    ("written", "municipality", "town"),
    [
        ("滋賀県伊香郡木之本町西山123", "長浜市", "木之本町西山"),
        ("埼玉県浦和市常盤1-6-21", "さいたま市浦和区", "常盤一丁目"),
        ("札幌市中央区北１条西２丁目１番地", "札幌市中央区", "北一条西二丁目"),
        ("千葉県巿川巿巿川1丁目", "市川市", "市川一丁目"),
        ("東京都千代田区霞ヶ関1丁目2の3", "千代田区", "霞が関一丁目"),
        ("埼玉県川口市大字安行領家999", "川口市", "安行領家"),
        ("京都市中京区河原町二条下ル一之舟入町537-50", "京都市中京区", "一之船入町"),
        ("横浜町字三保野888", "上北郡横浜町", "三保野"),
    ],
)
def test_merged_shortened_and_odd_places_are_found(written: str, municipality: str, town: str) -> None:
    parts = parse_address(written)
    assert (parts.municipality, parts.town) == (municipality, town)


def test_an_unknown_town_is_told_by_its_place() -> None:
    parts = parse_address("兵庫県姫路市無い町3-5-18 西塔201")
    assert parts == Address(
        prefecture="兵庫県", city="姫路市", town="無い町", numbers="3-5-18", building="西塔201", room="201"
    )


def test_a_postal_code_tells_the_city() -> None:
    assert parse_address("中葛西3-29-19", "134-0083").municipality == "江戸川区"


@given(st.text(max_size=60) | st.text("東京都府中市0123一二三十丁目番地号-ー〒 が大字", max_size=40))
def test_any_text_is_parsed_without_error(text: str) -> None:
    assert parse_address(text) == parse_address(text)


@given(st.integers(0, 9999))
def test_numerals_go_there_and_back(value: int) -> None:
    assert kanji_value(kanji_numeral(value)) == value
    assert arabic(f"{kanji_numeral(value)}丁目") == f"{value}丁目"
