"""One name in its many writings comes to one form; two names do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.people.forms.cleaning import MOST_CHARACTERS, clean
from ashiato.engine.people.forms.kana import sound_of
from ashiato.engine.people.forms.kanji import fold_kanji
from ashiato.engine.people.forms.names import parse_name


@pytest.mark.parametrize(
    "written",
    [
        "タカハシ イチロウ",
        "ﾀｶﾊｼ ｲﾁﾛｳ",
        "たかはし　いちろう",
        "タカハシ イチロー",
        "TAKAHASHI Ichirō",
        "Takahashi, Ichiroh",
        "takahasi, itirou",
        "\u202eタカハシ\x00 イチ\u200bロウ",
    ],
)
def test_kana_and_romaji_sound_alike(written: str) -> None:
    name = parse_name(written)
    assert (name.whole, name.sound) == (None, "takahasitiro")
    assert (name.family, name.given) == ("takahasi", "itiro")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡辺"),
        ("齋藤", "斉藤"),
        ("齊藤", "斎藤"),
        ("澤田", "沢田"),
        ("廣瀨", "広瀬"),
        ("濵田", "浜田"),
        ("𠮷田", "吉田"),
        ("嶋﨑", "島崎"),
        ("冨澤", "富沢"),
        ("眞惠", "真恵"),
        ("神󠄀田", "神田"),
    ],
)
def test_old_and_new_kanji_are_one(one: str, other: str) -> None:
    assert parse_name(f"{one} 太郎") == parse_name(f"{other}　太郎")


@pytest.mark.parametrize(
    ("one", "other"),
    [("田中", "中田"), ("太田", "大田"), ("斎藤", "佐藤"), ("河合", "川合"), ("崎", "埼"), ("士", "土")],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold_kanji(one) != fold_kanji(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ｼﾞﾕﾝ", "じゅん"),
        ("シヨウコ", "ショウコ"),
        ("オオノ", "Ohno"),
        ("ヅ", "ズ"),
        ("ヂ", "じ"),
        ("ハットリ", "Hattori"),
        ("シンペイ", "Shimpei"),
        ("ファン", "ハン"),
        ("ユウコ", "ユーコ"),
        ("チャ", "tya"),
    ],
)
def test_machines_and_schools_are_folded(one: str, other: str) -> None:
    assert sound_of(clean(one)) == sound_of(clean(other))


@pytest.mark.parametrize(
    ("one", "other"), [("ハル", "ナツ"), ("ケン", "ゲン"), ("ヨシコ", "ヨシオ"), ("リカ", "リサ")]
)
def test_other_sounds_stay_other(one: str, other: str) -> None:
    assert sound_of(one) != sound_of(other)


@pytest.mark.parametrize(
    "written", ["渡邊(旧姓 斎藤) 翔子", "渡辺 翔子（旧姓：齋藤）様", "渡辺 翔子 旧姓:斉藤"]
)
def test_a_former_surname_is_kept_apart(written: str) -> None:
    name = parse_name(written)
    assert (name.whole, name.family, name.given, name.former) == ("渡辺翔子", "渡辺", "翔子", "斎藤")


@pytest.mark.parametrize(
    "written",
    ["株式会社みらい", "みらい株式会社", "(株)みらい", "㈱ミライ", "ｶ)ﾐﾗｲ", "Mirai Co., Ltd.", "MIRAI K.K."],
)
def test_companies_are_known_by_their_form(written: str) -> None:
    name = parse_name(written)
    assert (name.is_company, name.sound) == (True, "mirai")


def test_english_order_is_turned_round() -> None:
    assert parse_name("Ichiro Takahashi").family == parse_name("Takahashi, Ichiro").family == "takahasi"


@given(st.text(max_size=600))
def test_any_text_is_parsed_the_same_twice(text: str) -> None:
    name = parse_name(text)
    assert name == parse_name(text)
    for form in (name.whole, name.sound, name.family, name.given):
        assert form is None or (form and "\x00" not in form and len(form) <= 20 * MOST_CHARACTERS)
