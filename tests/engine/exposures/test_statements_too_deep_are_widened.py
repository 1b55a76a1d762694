"""A statement that goes too deep, or holds too many queries, widens its tables in bounded time."""

from __future__ import annotations

import pytest

from tests.engine.exposures.depths import READ, WAYS, deep
from tests.engine.exposures.scene import Scene, Statement, grades_of, keys

CONFIRMED, POSSIBLE = 4, 2
EVERYBODY = keys(*range(1, 31))


def test_all_of_them_leave_other_statements_as_they_are(scene: Scene) -> None:
    others = [Statement(deep(name, 500), rows=1, hostile=False, code=None) for name in WAYS]
    assert grades_of(scene.answer(Statement(READ, rows=1), *others)) == {"5": CONFIRMED}


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
def test_nobody_is_lost_behind_five_hundred(name: str, scene: Scene) -> None:
    store = scene.answer(Statement(deep(name, 500), rows=1))
    grades = grades_of(store)
    assert set(grades) == EVERYBODY
    assert set(grades.values()) == {POSSIBLE}
    assert store.rows("SELECT DISTINCT reason FROM limits WHERE reason = 'parse-failed'")


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
def test_what_is_deep_as_people_write_is_replayed(name: str, scene: Scene) -> None:
    assert set(grades_of(scene.answer(Statement(deep(name, 7), rows=1)))) >= keys(5)


@pytest.mark.slow
def test_queries_in_queries_cost_no_more_than_their_number(scene: Scene) -> None:
    grades = grades_of(scene.answer(Statement(deep("queries", 9), rows=1)))
    assert grades == {"5": CONFIRMED}
