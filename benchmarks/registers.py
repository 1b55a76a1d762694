"""A register of people with planted duplicates: Japanese names, the post's own towns, one seed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ashiato.engine.people.forms.addresses.places import load_places

COLUMNS = ("id", "name", "name_kana", "sex", "birth_date", "phone", "email", "zip", "address", "truth")
DATAMAP = """
systems:
  register:
    tables:
      people:
        person: true
        key: id
        columns:
          {id: {type: text}, name: identity, name_kana: identity, sex: sex, birth_date: birth, phone: contact,
           email: contact, zip: contact, address: contact, truth: {type: text}}
"""
_FIRST = (
    "山ヤマ 田タ 高タカ 川カワ 石イシ 木キ 松マツ 藤フジ 中ナカ 小コ 大オオ 森モリ 林ハヤシ 清シミ "
    "島シマ 村ムラ 岡オカ 青アオ 黒クロ 白シラ 浜ハマ 沢サワ 竹タケ 杉スギ 梅ウメ 桜サクラ 金カネ 坂サカ "
    "西ニシ 東ヒガシ 北キタ 南ミナミ 上ウエ 下シモ 原ハラ 野ノ 池イケ 堀ホリ 星ホシ 宮ミヤ "
)
_SECOND = (
    "田タ 川カワ 本モト 山ヤマ 崎サキ 島シマ 野ノ 原ハラ 村ムラ 井イ 口グチ 沢サワ 木キ 林バヤシ "
    "谷ヤ 内ウチ 橋ハシ 辺ベ 藤フジ 塚ツカ 尾オ 岡オカ 浦ウラ 部ベ 倉クラ 森モリ 松マツ 瀬セ "
    "戸ト 江エ "
)
_GIVEN = (
    "健ケン 誠マコト 翔ショウ 大ダイ 正マサ 和カズ 義ヨシ 英ヒデ 裕ユウ 隆タカ 直ナオ 美ミ 恵メグ 由ユ "
    "智トモ 真マ 優ユ 陽ハル 春ハル 千チ 久ヒサ 幸サチ 明アキ 光ミツ 清キヨ 文フミ 信ノブ 康ヤス "
    "浩ヒロ 彩アヤ "
)
_END = (
    "一イチ 二ジ 太タ 郎ロウ 子コ 美ミ 恵エ 香カ 奈ナ 樹キ 斗ト 平ヘイ 介スケ 人ト "
    "也ヤ 江エ 代ヨ 希キ 音ネ 花カ "
)
_OLD = str.maketrans("高崎沢浜島辺藤瀬恵真広", "髙﨑澤濱嶋邉藤瀨惠眞廣")


def _words(table: str) -> list[tuple[str, str]]:
    return [(word[0], word[1:]) for word in table.split()]


def write_register(people: int, folder: Path, duplicates: float = 0.1, seed: int = 9) -> int:
    """Write ``people.csv``: so many people, of whom a share has a second record; returns the records."""
    dice = np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    second = dice.random(people) < duplicates
    count = 0
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for rows in _batches(people, second, dice):
            writer.writerows((f"{count + place:08}", *row) for place, row in enumerate(rows))
            count += len(rows)
    return count


def _batches(people: int, second: np.ndarray, dice: np.random.Generator) -> Iterator[list[list[str]]]:
    families = [(a + b, c + d) for a, c in _words(_FIRST) for b, d in _words(_SECOND)]
    givens = [(a + b, c + d) for a, c in _words(_GIVEN) for b, d in _words(_END)]
    towns = [
        (city.prefecture + city.name, town.name)
        for cities in load_places().cities.values()
        for city in cities
        for town in city.towns.values()
    ][::7]
    for begin in range(0, people, 50_000):
        size = min(50_000, people - begin)
        # Some names are many people's, most are few people's.
        family = (dice.random(size) ** 2 * len(families)).astype(int)
        given = (dice.random(size) ** 2 * len(givens)).astype(int)
        day, place = dice.integers(0, 28_000, size), dice.integers(0, len(towns), size)
        number, phone = dice.integers(1, 900, size), dice.integers(10**7, 10**8, size)
        days = (np.datetime64("1930-01-01") + day).astype(str)
        rows: list[list[str]] = []
        for i in range(size):
            person = begin + i
            named = (families[family[i]], givens[given[i]])
            one = _row(named, days[i], towns[place[i]], (number[i], phone[i]), person)
            rows.append(one)
            if second[person]:
                other = towns[(place[i] * 31 + 7) % len(towns)]
                rows.append(_again(one, other, int(phone[i]), person))
        yield rows


def _row(
    named: tuple[tuple[str, str], tuple[str, str]],
    day: str,
    town: tuple[str, str],
    numbers: tuple[int, int],
    person: int,
) -> list[str]:
    family, given = named
    house = f"{town[0]}{town[1]}{numbers[0] % 9 + 1}-{numbers[0] % 30 + 1}-{numbers[0]}"
    return [
        f"{family[0]} {given[0]}", f"{family[1]} {given[1]}", "MF"[person % 2], day, f"090{numbers[1]}",
        f"p{person}@example.jp", "", house, str(person),
    ]  # fmt: skip


def _again(row: list[str], town: tuple[str, str], phone: int, person: int) -> list[str]:
    """The same human by another clerk: other shapes, and by turns moved, another phone, no mail."""
    name, kana, sex, day, number, mail, code, address, truth = row
    turn = person % 5
    if turn == 0:
        address = f"{town[0]}{town[1]}{phone % 9 + 1}丁目{phone % 30 + 1}番{phone % 50 + 1}号"
    if turn in {1, 2}:
        number, mail = f"080{phone}", ""
    if turn == 3:
        mail, kana = "", kana.replace("ウ", "ー") if "コウ" in kana else kana
    name = name.translate(_OLD).replace(" ", "" if turn == 4 else "\u3000")
    return [name, kana, sex, day.replace("-", "/"), number, mail, code, address, truth]
