"""The table of OWASP ASVS: nothing of its first two levels is left out; what is said to show it is there."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from docs.asvs import LEVELS, STATES, Requirement, read_requirements
from tests.house.source import ROOT

_ALL = read_requirements()


def test_every_requirement_of_both_levels_is_answered_once() -> None:
    numbers = [each.number for each in _ALL]
    assert len(numbers) == len(set(numbers))
    assert Counter(each.level for each in _ALL) == LEVELS
    assert numbers == sorted(numbers, key=lambda number: [int(part) for part in number[1:].split(".")])
    assert all(re.fullmatch(r"V\d+\.\d+\.\d+", number) for number in numbers)


@pytest.mark.parametrize("one", _ALL, ids=lambda one: one.number)
def test_what_is_said_is_shown(one: Requirement) -> None:
    assert one.state in STATES
    assert bool(one.shown_by) or one.state not in ("held", "partly")
    for shown in one.shown_by:
        file, _, test = shown.partition("::")
        assert (ROOT / file).exists(), f"{shown} is not there"
        assert not test or test in _tests_in(file), f"{shown} is not there"


def _tests_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
