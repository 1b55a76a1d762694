"""One register of everything that makes two records one human, or two: matched once, asked often."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.people.registers import Matched, match_register

_HUGE = "山" * 100_000
# Some hundred strangers, so that names and days are as rare as in a register.
_STRANGERS = [
    (
        f"x{n}",
        f"{'青黒白赤緑'[n % 5]}{'木田川島原'[n // 5 % 5]} {'一二三四五六七'[n % 7]}{'郎子美'[n % 3]}",
        "",
        "",
        f"{1930 + n % 60}-{n % 12 + 1:02}-{n % 28 + 1:02}",
        f"0901000{n:04}",
        f"x{n}@example.jp",
        "",
        f"京都府宇治市広野町{n + 1}",
    )
    for n in range(400)
]
_PEOPLE = [
    # One human in many writings, moved, with another phone.
    (
        "w1",
        "渡邊 翔子",
        "ワタナベ ショウコ",
        "F",
        "1984-02-03",
        "090-1111-2222",
        "w@example.jp",
        "",
        "東京都江戸川区中葛西3-29-19",
    ),
    (
        "w2",
        "渡辺　翔子",
        "ﾜﾀﾅﾍﾞ ｼﾖｳｺ",
        "2",
        "S59.2.3",
        "+81 90 1111 2222",
        "",
        "",
        "江戸川区中葛西三丁目29番19号",
    ),
    ("w3", "", "わたなべ しょうこ", "女", "昭和59年2月3日", "", "W@example.jp"),
    # A surname changed at marriage, the former one noted.
    ("m1", "鈴木 美咲", "スズキ ミサキ", "F", "1990-05-06", "080-3333-4444", "misaki@example.jp"),
    (
        "m2",
        "山﨑(旧姓 鈴木) 美咲",
        "ヤマザキ ミサキ",
        "F",
        "1990-05-06",
        "080-3333-4444",
        "misaki@example.jp",
    ),
    # A household: one phone, one address, one surname; twins among them.
    ("h1", "佐藤 健", "サトウ ケン", "M", "1975-01-01", "03-1111-1111", "", "", "埼玉県志木市館2-1-8"),
    ("h2", "佐藤 恵", "サトウ メグミ", "F", "1977-07-07", "03-1111-1111", "", "", "埼玉県志木市館2-1-8"),
    ("h3", "佐藤 翼", "サトウ ツバサ", "M", "2010-03-03", "03-1111-1111", "", "", "埼玉県志木市館2-1-8"),
    ("h4", "佐藤 翔", "サトウ ショウ", "M", "2010-03-03", "03-1111-1111", "", "", "埼玉県志木市館2-1-8"),
    # Two of one name and home, born on other days: for a human.
    ("c1", "高橋 一", "タカハシ ハジメ", "M", "1950-10-10", "03-2222-2222", "", "", "千葉県柏市豊住3-1-14"),
    ("c2", "髙橋 一", "タカハシ ハジメ", "M", "1981-04-12", "03-2222-2222", "", "", "千葉県柏市豊住3-1-14"),
    # Alike in all but the sex.
    ("s1", "森 薫", "モリ カオル", "M", "1992-09-09", "070-5555-6666", "k@example.jp"),
    ("s2", "森 薫", "モリ カオル", "F", "1992-09-09", "070-5555-6666", "k@example.jp"),
    # Mistyped number with the rest alike; mistyped birth date with the number alike.
    ("n1", "Taylah Webb", "", "F", "1916-07-29", "", "", "", "", "732816012345"),
    ("n2", "Taylah Web", "", "F", "1916-07-29", "", "", "", "", "732816012354"),
    ("b1", "Jacob Cheira", "", "M", "1961-08-31", "", "", "", "", "217693299999"),
    ("b2", "Jacob Cheira", "", "M", "1985-06-14", "", "", "", "", "217693299999"),
    # A company and its clerk; the company in three writings.
    (
        "k1",
        "株式会社みらい商事",
        "",
        "",
        "",
        "06-7777-8888",
        "info@mirai.example",
        "",
        "大阪府堺市東区野尻町70-172",
    ),
    ("k2", "(株)みらい商事", "", "", "", "06-7777-8888", "", "", "堺市東区野尻町70番172"),
    ("k3", "未来 商事", "", "", "", "06-7777-8888", "info@mirai.example", "", "大阪府堺市東区野尻町70-172"),
    # Nothing to compare by; hostile values.
    ("e1",),
    ("e2",),
    ("e3", "", "", "", "不明", "なし", "-"),
    ("e4", "\u202e太郎\u0007 山\u200b田", _HUGE, "?", "9999-99-99", "0" * 500, "@" * 300, "〒", _HUGE),
    ("e5", "=cmd|' /C calc'!A0", "'; DROP TABLE people; --", "", "1990-01-01' OR 1=1"),
]


REGISTER = [*_STRANGERS, *_PEOPLE]


@pytest.fixture(scope="module")
def matched(tmp_path_factory: pytest.TempPathFactory) -> Matched:
    return match_register(tmp_path_factory.mktemp("register"), REGISTER)


@pytest.mark.parametrize(
    "records", [("w1", "w2", "w3"), ("m1", "m2"), ("n1", "n2"), ("b1", "b2"), ("k1", "k2")], ids="-".join
)
def test_one_human_in_many_writings_is_one(matched: Matched, records: tuple[str, ...]) -> None:
    assert records in matched.groups()


def test_nobody_else_is_joined_to_anybody(matched: Matched) -> None:
    assert len(matched.groups()) == 5


def test_households_stay_separate_people(matched: Matched) -> None:
    assert len({matched.persons[record] for record in ("h1", "h2", "h3", "h4")}) == 4


@pytest.mark.parametrize(
    ("pair", "conflict"), [(("c1", "c2"), "birth"), (("s1", "s2"), "sex"), (("h3", "h4"), "given name")]
)
def test_conflicts_are_left_to_a_human(matched: Matched, pair: tuple[str, str], conflict: str) -> None:
    assert conflict in matched.pairs_in_review()[pair].split(";")
    assert matched.persons[pair[0]] != matched.persons[pair[1]]
    assert matched.widest[pair[0]] == matched.widest[pair[1]]


def test_parents_are_no_pair_for_a_human(matched: Matched) -> None:
    assert not {("h1", "h2"), ("h1", "h3"), ("h2", "h4")} & matched.pairs_in_review().keys()


def test_no_record_is_lost_or_lowered(matched: Matched) -> None:
    assert matched.persons.keys() == {row[0] for row in [*_STRANGERS, *_PEOPLE]}


def test_rows_in_any_order_make_the_same_people(matched: Matched, tmp_path: Path) -> None:
    again = match_register(tmp_path, [*reversed(_PEOPLE), *reversed(_STRANGERS)])
    assert (again.persons, again.widest) == (matched.persons, matched.widest)
    assert (again.reviews, again.ways) == (matched.reviews, matched.ways)


def test_records_that_say_nothing_are_each_somebody(matched: Matched) -> None:
    assert [matched.widest[record] for record in ("e1", "e2", "e3")] == ["e1", "e2", "e3"]
