"""Where the database's log lacks lines, what else a request runs may be missing beside what is logged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashiato.datamap.model import Route
from tests.engine.exposures.scene import Scene, Statement, grades_of, keys

POSSIBLE = 2
SECOND_US = 1_000_000
HOLE = ("session-lines-missing", 200 * SECOND_US, 400 * SECOND_US)
NAME, VISITS = "SELECT name FROM members WHERE id = {}", "SELECT reason FROM visits WHERE member_id = {}"


def asked(
    number: int, second: int, text: str = NAME, key: int | None = None, *, hostile: bool = False
) -> Statement:
    """A request for one member, with the statement that is logged of it."""
    text = text.format(number if key is None else key)
    at_us = second * SECOND_US
    return Statement(text, rows=1, at_us=at_us, target=f"/m/{number}", body_bytes=None, hostile=hostile)


def beside(place: int, number: int, second: int, text: str) -> Statement:
    """One more statement of the request of the statement at a place."""
    made = asked(number, second, text)
    return replace(made, code=None, beside=place)


@pytest.fixture
def lacking(scene: Scene) -> Scene:
    scene.database_holes = (HOLE,)
    return scene


def learned(text: str) -> list[Statement]:
    """Honest requests that run two statements, all of them logged."""
    pairs = [(2 * n, number) for n, number in enumerate((21, 22, 24, 27))]
    made = [(asked(n, 20 + place), beside(place, n, 20 + place, text)) for place, n in pairs]
    return [one for pair in made for one in pair] + [asked(9, 900)]


def test_second_statement_that_is_missing_may_have_returned_its_rows(lacking: Scene) -> None:
    store = lacking.answer(*learned(VISITS), asked(5, 300, hostile=True))
    fields: dict[str, int] = dict(
        store.rows("SELECT field, max(grade) FROM exposures WHERE record_key = '5' GROUP BY 1")
    )
    assert fields["visits.reason"] >= POSSIBLE


def test_where_the_log_lacks_nothing_only_what_it_says_was_run(scene: Scene) -> None:
    scene.database_holes = ()
    store = scene.answer(*learned(VISITS), asked(5, 300, hostile=True))
    assert store.rows("SELECT DISTINCT field FROM exposures") == [("members.name",)]


def test_second_run_of_one_statement_is_missing_too(lacking: Scene) -> None:
    again = [replace(one, text=NAME.format(n + 1)) if one.code is None else one
             for n, one in enumerate(learned(NAME))]  # fmt: skip
    graded = grades_of(lacking.answer(*again, asked(5, 300, hostile=True)))
    assert set(graded) >= keys(*range(1, 31))


def test_logged_line_of_another_key_leaves_the_requests_own_missing(lacking: Scene) -> None:
    lacking.routes = (Route("/m/{id}", statements=(NAME.format("{id}"),)),)
    graded = grades_of(lacking.answer(asked(1, 20), asked(7, 300, key=9, hostile=True), asked(2, 900)))
    assert set(graded) == keys(7, 9)
    assert graded["7"] >= POSSIBLE
