"""What a path's part after a table's name may be: a key, or a word that says nothing of whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.exposures.scene import MEMBER_ROWS, Scene, Statement, grades_of, keys

_POSSIBLE = 2
_EVERYBODY = keys(*range(1, 31))


def asked(target: str) -> Statement:
    """A hostile request that the database log says nothing of."""
    return Statement("", target=target, body_bytes=900, at_us=1_000, logged=False)


@pytest.mark.parametrize(
    "target", ["/members/batch?ids=3,4", "/members/export", "/members/top10", "/members/3%20or%201=1"]
)
def test_part_that_can_be_no_key_leaves_open_whom_it_asked_for(scene: Scene, target: str) -> None:
    assert grades_of(scene.answer(asked(target))) == dict.fromkeys(_EVERYBODY, _POSSIBLE)


def test_key_of_nobody_there_asked_for_nobody_else(scene: Scene) -> None:
    assert set(grades_of(scene.answer(asked("/members/3"), asked("/members/77")))) == keys(3)


@pytest.mark.parametrize(("word", "reached"), [("hanako", {"hanako"}), ("export", {"hanako", "jiro"})])
def test_word_is_a_key_where_somebody_has_it(scene: Scene, word: str, reached: set[str]) -> None:
    members = replace(scene.tables["members"], key=("name",))
    rows = [row | {"name": name} for row, name in zip(MEMBER_ROWS, ("hanako", "jiro"), strict=False)]
    scene.tables, scene.rows = {"members": members}, {"members": rows}
    assert set(grades_of(scene.answer(asked(f"/members/{word}")))) == reached
