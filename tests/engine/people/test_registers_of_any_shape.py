"""Registers that are hard by their size or shape: one name a million times, a phone of many."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from ashiato.engine.people.pairing import MOST_IN_BLOCK
from tests.engine.people.registers import match_register

_MANY = 1_000_000
pytestmark = pytest.mark.slow


def test_one_name_a_million_times_is_a_million_people(tmp_path: Path) -> None:
    rows: list[tuple[str, ...]] = [(f"{n:07}", "佐藤 健", "サトウ ケン") for n in range(_MANY)]
    rows += [(f"t{n:03}", "佐藤 健", "サトウ ケン", "M", "", "03-1234-5678") for n in range(200)]
    matched = match_register(tmp_path, rows)
    assert len(set(matched.persons.values())) == len(rows)
    assert matched.widest == matched.persons, "a name alone is no reason to ask anybody"
    assert matched.reviews == []


def test_a_switchboards_phone_is_told_and_walked_by_a_second_fact_alone(tmp_path: Path) -> None:
    names = [(f"{'青赤白'[n % 3]}木 {'一二三四'[n % 4]}郎", f"1980-01-{n % 28 + 1:02}") for n in range(300)]
    rows = [(f"{n:03}", name, "", "", day, "03-1234-5678") for n, (name, day) in enumerate(names)]
    matched = match_register(tmp_path, rows)
    _, pairs, large, records = matched.ways["phone"]
    writings = sorted(set(names))
    second = [sum(one[fact] == two[fact] for one, two in combinations(writings, 2)) for fact in (0, 1)]
    families = sum(one[0].split()[0] == two[0].split()[0] for one, two in combinations(writings, 2))
    small = families if max(Counter(name.split()[0] for name, _ in writings).values()) <= MOST_IN_BLOCK else 0
    assert (pairs, large, records) == (sum(second) + small, 1, 300)


def test_crowded_blocks_lose_nobody_who_says_a_second_fact(tmp_path: Path) -> None:
    """Twelve strangers share birth date and beginning of the name; the pairs among them share a home too."""
    given = ("健", "健一", "健二", "健三", "健太", "健人", "健介", "健吾", "健司", "健次", "健作", "健郎")
    rows: list[tuple[str, ...]] = []
    for n, name in enumerate(given):
        kana = f"ケン{'アイウエオカキクケコサシ'[n]}"
        home = ("", "", f"150-00{n:02}", f"東京都渋谷区神宮前{n + 1}-2-3")
        family = "青赤白黒森林岡堀原辻星"[n % 11]
        rows.append((f"a{n}", f"{family}木 {name}", f"{n}ヤマ {kana}", "M", "1980-05-05", *home))
        rows.append((f"b{n}", f"{family}木 {name}郎", f"{n}ヤマ {kana}ロ", "M", "1980-05-05", *home))
    matched = match_register(tmp_path, rows)
    _, _, large, records = matched.ways["birth and beginning of the given name"]
    assert (large, records) == (1, 24)
    asked = {frozenset(pair) for pair in matched.pairs_in_review()}
    together = {frozenset(group) for group in matched.groups()}
    for n in range(len(given)):
        assert frozenset((f"a{n}", f"b{n}")) in asked | together
