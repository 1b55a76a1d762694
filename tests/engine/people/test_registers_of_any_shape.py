"""Registers that are hard by their size or shape: one name a million times, and a cluster's engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.people.registers import Matched, match_register
from tests.engine.people.test_records_of_one_human_are_joined import REGISTER

_MANY = 1_000_000
pytestmark = pytest.mark.slow


def test_one_name_a_million_times_is_a_million_people(tmp_path: Path) -> None:
    rows: list[tuple[str, ...]] = [(f"{n:07}", "佐藤 健", "サトウ ケン") for n in range(_MANY)]
    rows += [(f"t{n:03}", "佐藤 健", "サトウ ケン", "M", "", "03-1234-5678") for n in range(200)]
    matched = match_register(tmp_path, rows)
    assert len(set(matched.persons.values())) == len(rows)
    assert matched.widest == matched.persons, "a name alone is no reason to ask anybody"
    assert matched.reviews == []


def test_a_switchboards_phone_is_told_and_not_walked(tmp_path: Path) -> None:
    names = [(f"{'青赤白'[n % 3]}木 {'一二三四'[n % 4]}郎", f"1980-01-{n % 28 + 1:02}") for n in range(300)]
    rows = [(f"{n:03}", name, "", "", day, "03-1234-5678") for n, (name, day) in enumerate(names)]
    matched = match_register(tmp_path, rows)
    _, pairs, large, records = matched.ways["phone"]
    assert (pairs, large, records) == (0, 1, 300)


@pytest.mark.spark
def test_a_cluster_makes_the_same_people(tmp_path: Path) -> None:
    def told(engine: str) -> Matched:
        (tmp_path / engine).mkdir()
        return match_register(tmp_path / engine, REGISTER, engine)

    assert told("spark") == told("duckdb")
