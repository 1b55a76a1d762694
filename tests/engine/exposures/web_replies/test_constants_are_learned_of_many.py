"""A literal that never changed while what was asked, or who asked, never changed either is no constant."""

from __future__ import annotations

import pytest

from tests.engine.exposures.scene import Scene, Statement, grades_of, keys
from tests.engine.exposures.web_replies.test_requests_without_a_logged_statement import LATER_US, asked, seen

PROBABLE, POSSIBLE = 3, 2
BY_NAME = "SELECT id, zip FROM members WHERE name = 'name-{}' AND id > 0"
OWN = "SELECT id, zip FROM members WHERE id = {}"


def looked_up(*numbers: int, first_us: int = LATER_US) -> list[Statement]:
    """Honest requests, each of a member by name, of sessions of their own."""
    return [
        seen(f"/find?q=name-{n}&lang=ja", BY_NAME.format(n), first_us + nth, session=f"s{nth}")
        for nth, n in enumerate(numbers)
    ]


@pytest.mark.slow
def test_value_asked_once_is_no_constant(scene: Scene) -> None:
    once = grades_of(scene.answer(*looked_up(5), asked("/find?q=name-7&lang=ja")))
    assert once["7"] == POSSIBLE
    assert set(once.values()) == {POSSIBLE}
    often = grades_of(scene.answer(*looked_up(5, 5, 5), asked("/find?q=name-7&lang=ja")))
    assert often["7"] == POSSIBLE


@pytest.mark.slow
def test_what_varied_teaches_and_the_rest_holds_for_the_same(scene: Scene) -> None:
    assert grades_of(scene.answer(*looked_up(5, 6), asked("/find?q=name-7&lang=ja"))) == {"7": PROBABLE}
    other = grades_of(scene.answer(*looked_up(5, 6), asked("/find?q=name-7&lang=en")))
    assert other == {"7": POSSIBLE}
    assert grades_of(scene.answer(*looked_up(5, 6), asked("/find?q=name-5&lang=ja"))) == {"5": PROBABLE}


@pytest.mark.slow
def test_key_of_the_only_one_who_asked_is_not_the_next_ones(scene: Scene) -> None:
    own = [seen("/me", OWN.format(5), LATER_US + n, session="a") for n in range(3)]
    assert grades_of(scene.answer(*own, asked("/me", session="a"))) == {"5": PROBABLE}
    assert set(grades_of(scene.answer(*own, asked("/me", session="b")))) == keys(*range(1, 31))
    told = [seen("/me", OWN.format(5), LATER_US + n, address="192.0.2.5") for n in range(3)]
    assert set(grades_of(scene.answer(*told, asked("/me", address="192.0.2.6")))) == keys(*range(1, 31))
