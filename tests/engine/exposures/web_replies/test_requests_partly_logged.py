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


ALL = Route("/export/all", statements=("SELECT name FROM members WHERE name LIKE '%{q}%'",))
HARMLESS = "SELECT title FROM clinics WHERE id = 1"
EVERYBODY = keys(*range(1, 31))


def exported(line: Statement | None) -> Statement:
    """The one request for a route that no honest one asks for, with the line that is logged of it."""
    made = asked(5, 300, hostile=True) if line is None else line
    return replace(made, target="/export/all", logged=line is not None)


def line_of(text: str, error_code: str | None = None) -> Statement:
    """A logged line of the export."""
    return replace(asked(5, 300, text, hostile=True), error_code=error_code)


@pytest.mark.parametrize("hole", [HOLE, ("ends-early", 300 * SECOND_US, 2000 * SECOND_US)])
@pytest.mark.parametrize("line", [None, line_of(HARMLESS), line_of(NAME)])
def test_logged_line_of_a_route_nobody_knows_lowers_nobody(
    scene: Scene, hole: tuple[str, int, int], line: Statement | None
) -> None:
    scene.database_holes = (hole,)
    others = [one for one in learned(VISITS) if one.at_us < hole[1] or one.at_us > hole[2]]
    graded = grades_of(scene.answer(*others, exported(line)))
    assert {key for key, grade in graded.items() if grade >= POSSIBLE} == EVERYBODY


@pytest.mark.parametrize("hole", [("silence", 200 * SECOND_US, 300 * SECOND_US), None])
def test_first_request_after_a_quiet_time_and_the_last_of_a_log_ran_what_is_logged(
    scene: Scene, hole: tuple[str, int, int] | None
) -> None:
    """Both are there whenever nobody asks anything: nothing says that more lines were."""
    scene.database_holes = () if hole is None else (hole,)
    others = [one for one in learned(VISITS) if hole is not None or one.at_us < 300 * SECOND_US]
    assert set(grades_of(scene.answer(*others, exported(line_of(NAME))))) == {"5"}


@pytest.mark.parametrize(
    "line",
    [
        line_of(HARMLESS),
        line_of(ALL.statements[0].format(q=""), "42501"),
        line_of(f"EXPLAIN {ALL.statements[0].format(q='')}"),
    ],
)
def test_line_that_returned_nothing_of_a_declared_route_lowers_nobody(
    lacking: Scene, line: Statement
) -> None:
    lacking.routes = (ALL,)
    graded = grades_of(lacking.answer(*learned(VISITS), exported(line)))
    assert {key for key, grade in graded.items() if grade >= POSSIBLE} == EVERYBODY


def test_page_that_surely_ran_a_statement_is_no_file(lacking: Scene) -> None:
    page = replace(exported(line_of(HARMLESS)), target="/export.html")
    assert set(grades_of(lacking.answer(*learned(VISITS), page))) == EVERYBODY


def test_kind_of_request_that_never_ran_a_statement_ran_none_in_a_hole(lacking: Scene) -> None:
    """Three of them ran none where the log is whole."""
    idle = [replace(exported(None), at_us=second * SECOND_US) for second in (25, 26, 27, 300)]
    assert grades_of(lacking.answer(*learned(VISITS), *idle)) == {}
