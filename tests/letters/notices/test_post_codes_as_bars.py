"""The post's bar code: Japan Post's own examples, bars as they are drawn, and no code that is not sure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from ashiato.letters.notices.matter import Address
from ashiato.letters.notices.postal_bars import (
    BARS,
    CHARACTERS,
    PITCH,
    bars_of,
    characters_of,
    picture_of,
)
from ashiato.letters.notices.postal_words import _places_of, numbers_in, postal_words

#: https://www.post.japanpost.jp/zipcode/zipmanual/ p25.html: post code, address, and what is in the code;
#: p20.html has what is cut, p21.html the check digit of the last one.
_EXAMPLES = [
    ("263-0023", "千葉市稲毛区緑町3丁目30-8 郵便ビル403号", "3-30-8-403", "5"),
    ("014-0113", "秋田県大仙市堀見内 南田茂木 添60-1", "60-1", "CC8"),
    ("110-0016", "東京都台東区台東5-6-3 ABCビル10F", "5-6-3-10", "9"),
    ("060-0906", "北海道札幌市東区北六条東4丁目 郵便センター6号館", "4-6", "9"),
    ("065-0006", "北海道札幌市東区北六条東8丁目 郵便センター10号館", "8-10", "9"),
    ("407-0033", "山梨県韮崎市龍岡町下條南割 韮崎400", "400", "-"),
    ("273-0102", "千葉県鎌ケ谷市右京塚 東3丁目-20-5 郵便・A&bコーポB604号", "3-20-5B604", "0"),
    ("198-0036", "東京都青梅市河辺町十一丁目六番地一号 郵便タワー601", "11-6-1-601", "CC8"),
    ("027-0203", "岩手県宮古市大字津軽石第二十一地割大淵川480", "21-480", "CC5"),
    ("590-0016", "大阪府堺市堺区中田出井町四丁六番十九号", "4-6-19", "CC2"),
    ("080-0831", "北海道帯広市稲田町南七線 西28", "7-28", "CC7"),
    ("317-0055", "茨城県日立市宮田町6丁目7-14 ABCビル2F", "6-7-14-2", "CC1"),
    ("650-0046", "神戸市中央区港島中町9丁目7-6 郵便シティA棟1F1号", "9-7-6A1-1", "5"),
    ("623-0011", "京都府綾部市青野町綾部6-7 LプラザB106", "6-7LB106", "4"),
    ("064-0804", "札幌市中央区南四条西29丁目1524-23 第2郵便ハウス501", "29-1524-23-2-501", "3"),
    ("910-0067", "福井県福井市新田塚3丁目80-25 J1ビル2-B", "3-80-25J1-2B", "9"),
    ("100-0013", "東京都千代田区霞が関1丁目3番2号 郵便プラザ503室", "1-3-2-503", "9"),
]


@pytest.mark.parametrize(("code", "home", "numbers", "check"), _EXAMPLES)
def test_the_posts_own_examples_come_out(code: str, home: str, numbers: str, check: str) -> None:
    words = postal_words(Address(code, tuple(home.split(" ", 1))))
    assert words == code.replace("-", "") + numbers
    told = characters_of(words)
    assert told[-1] == check
    assert len(told) == 21
    assert sum(map(CHARACTERS.index, told)) % 19 == 0


def test_any_thread_may_ask() -> None:
    homes = [Address(code, (home,)) for code, home, _, _ in _EXAMPLES]
    _places_of.cache_clear()
    told = [postal_words(home) for home in homes]
    _places_of.cache_clear()
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(postal_words, homes)) == told


def test_what_is_too_long_is_cut_as_the_manual_says() -> None:
    whole = characters_of("064080429-1524-23-2-501")
    assert "".join(whole[:-1]) == "064080429-1524-23-2-"
    letter_cut = characters_of("91000673-80-25J1-2B")
    assert "".join(letter_cut[:-1]) == "91000673-80-25CC191-2CC1"


def test_every_character_is_drawn_as_another_encoder_draws_it() -> None:
    """Bars of libzint 2.15 (symbology 76) for all digits, the hyphen and letters of each control code."""
    assert bars_of(characters_of("10000131-3-2-503")) == (
        "1311414414414414411431211441431241413241414114431243243243243241131"
    )
    assert bars_of(characters_of("0123456789-AKUZ")) == (
        "1314411413231212314132121323141141432414434214423414423414143241431"
    )


@settings(max_examples=40)
@given(st.text("0123456789", min_size=7, max_size=7), st.text("0123456789-ABJKTUZ", max_size=16))
def test_drawn_bars_read_back(code: str, numbers: str) -> None:
    told = characters_of(code + numbers)
    pixels = np.asarray(Image.open(BytesIO(picture_of(bars_of(told)))))
    assert pixels.shape == (3, 2 * BARS - 1)
    assert read_bars(pixels == 0) == told


def read_bars(black: NDArray[np.bool_]) -> tuple[str, ...]:
    """Read bars from three rows of pixels: upper, middle and lower third."""
    assert black[1, ::2].all()
    assert not black[:, 1::2].any()
    heights = ["4231"[int(up) + 2 * int(down)] for up, down in zip(black[0, ::2], black[2, ::2], strict=True)]
    bars = "".join(heights)
    assert (bars[:2], bars[-2:]) == ("13", "31")
    return tuple(_TABLE[bars[place : place + 3]] for place in range(2, 65, 3))


#: What three bars say.
_TABLE = {
    "114": "1", "132": "2", "312": "3", "123": "4", "141": "5", "321": "6", "213": "7", "231": "8",
    "411": "9", "144": "0", "414": "-", "324": "CC1", "342": "CC2", "234": "CC3", "432": "CC4",
    "243": "CC5", "423": "CC6", "441": "CC7", "111": "CC8",
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "home"),
    [
        ("", "東京都千代田区霞が関1-3-2"),
        ("160-0000", "東京都新宿区架空1丁目23番45号"),
        ("999-9999", "東京都千代田区霞が関1-3-2"),
        ("100-0013", "大阪府堺市堺区中田出井町4-6-19"),
        ("100-0013", "1-3-2 Kasumigaseki"),
        ("100-0013", "東京都千代田区"),
        ("604-8091", "京都市中京区寺町通御池上る下本能寺前町500"),
        ("１０００", "東京都千代田区霞が関1-3-2"),
    ],
)
def test_where_the_town_is_not_sure_there_is_no_code(code: str, home: str) -> None:
    assert postal_words(Address(code, (home,))) == ""


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_rest_of_an_address_gives_characters_of_the_code(rest: str) -> None:
    numbers = numbers_in(rest)
    assert set(numbers) <= set("0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert "--" not in numbers
    assert not numbers.startswith("-")
    assert len(bars_of(characters_of(f"1000013{numbers}"))) == BARS


def test_measures_keep_within_what_the_post_allows() -> None:
    """At 8 points: a bar of 0.40 to 0.56 mm, a space of 0.36 to 0.48 mm, a pitch of 0.76 to 1.04 mm."""
    for pitch in (0.80, PITCH):
        assert 0.76 <= pitch <= 1.04
        assert 0.40 <= pitch / 2 <= 0.48
