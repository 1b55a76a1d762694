"""One human in two clients' systems, whose tables name and write everything otherwise."""

from __future__ import annotations

import pytest

from tests.engine.people.registers import Matched, match_tables, write_table

_MAP = """
systems:
  insurer:
    tables:
      "契約者":
        person: true
        key: [支店, 番号]
        persona: policyholder
        columns: {支店: {type: text}, 番号: {type: text}, 姓: identity, 名: identity,
                  セイ: identity, メイ: identity, 生年月日: birth, 電話番号: contact,
                  都道府県: contact, 市区町村: contact, 住所: contact}
  web:
    tables:
      quotes:
        person: true
        key: id
        persona: quote applicant
        columns: {id: {type: text}, kyakumei: {category: identity, means: name}, dob: birth, tel: contact,
                  postcode: contact, addr: contact}
"""
_HEAD = ("支店", "番号", "姓", "名", "セイ", "メイ", "生年月日", "電話番号", "都道府県", "市区町村", "住所")
_HOME = ("東京都", "江戸川区", "中葛西三丁目29番19号")
_HOLDERS = [
    ("01", "1", "渡邊", "翔子", "ﾜﾀﾅﾍﾞ", "ｼﾖｳｺ", "S59.2.3", "", *_HOME),
    ("01", "2", "渡邊", "健", "ﾜﾀﾅﾍﾞ", "ｹﾝ", "S55.1.1", "", *_HOME),
    ("02", "1", "森", "薫", "ﾓﾘ", "ｶｵﾙ", "H4.9.9", "070-5555-6666", "", "", ""),
]
_QUOTES = [
    ("1", "ワタナベ ショウコ", "1984/02/03", "", "134-0083", "江戸川区中葛西3-29-19"),
    ("2", "森薫", "1992-09-09", "+81 70 5555 6666", "", ""),
    ("3", "森 薫子", "1992-09-10", "", "", ""),
]


@pytest.fixture(scope="module")
def matched(tmp_path_factory: pytest.TempPathFactory) -> Matched:
    folder = tmp_path_factory.mktemp("clients")
    write_table(folder / "one", "契約者", _HEAD, _HOLDERS)
    write_table(folder / "two", "quotes", ("id", "kyakumei", "dob", "tel", "postcode", "addr"), _QUOTES)
    return match_tables(folder, {"insurer": folder / "one", "web": folder / "two"}, _MAP)


def test_a_policyholder_who_asked_for_a_quote_is_one(matched: Matched) -> None:
    assert matched.groups() == {("01|1", "1"), ("02|1", "2")}


def test_a_quote_alone_is_a_person_of_its_own(matched: Matched) -> None:
    assert matched.persons["3"] == "3"
