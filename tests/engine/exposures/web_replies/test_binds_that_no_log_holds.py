from __future__ import annotations

from dataclasses import replace

import pytest

from ashiato.datamap.model import Route
from tests.engine.exposures.scene import Scene, Statement, fields_of, grades_of, keys

ROUTE = Route("/m/{id}", statements=("SELECT name, zip FROM members WHERE id = {id}",))
CONFIRMED, PROBABLE, POSSIBLE = 4, 3, 2
BY_ID = "SELECT name, zip FROM members WHERE id = $1"
IN_ZIP = "SELECT name FROM members WHERE zip = $1 AND id < $2"


def test_declared_statement_names_the_bound_value(scene: Scene) -> None:
    scene.routes = (Route("/m/{id}", statements=("SELECT name, zip  FROM members\n WHERE id = {id}",)),)
    store = scene.answer(Statement(BY_ID, rows=1, target="/m/7"), Statement(BY_ID, rows=0, target="/m/8"))
    grades = grades_of(store)
    assert grades["7"] == CONFIRMED
    assert grades.get("8", 0) < CONFIRMED


def test_only_value_of_the_request_is_tried_with_its_doubt(scene: Scene) -> None:
    store = scene.answer(Statement(BY_ID, rows=1, target="/m/7"))
    assert grades_of(store) == {"7": PROBABLE}
    assert {reasons for _, _, reasons in fields_of(store, "7").values()} == {"bind-missing"}


def test_values_that_cannot_be_told_widen(scene: Scene) -> None:
    store = scene.answer(Statement(IN_ZIP, rows=3, target="/list?zip=001&below=20"))
    assert set(grades_of(store)) == keys(*range(1, 31))
    assert set(grades_of(store).values()) == {POSSIBLE}
    assert {reasons for _, _, reasons in fields_of(store, "2").values()} == {"bind-missing"}


def test_declared_names_may_stand_in_quotes_and_parameters(scene: Scene) -> None:
    declared = "SELECT name FROM members WHERE zip = '{zip}' AND id < {below}"
    scene.routes = (Route("/list", statements=(declared,)),)
    store = scene.answer(Statement(IN_ZIP, rows=3, target="/list?zip=001&below=8"))
    assert set(grades_of(store)) == keys(1, 4, 7)


def test_quote_in_a_value_stays_a_value(scene: Scene) -> None:
    text = "SELECT name FROM members WHERE name = $1"
    assert grades_of(scene.answer(Statement(text, rows=0, target="/find?q=x%27%20OR%20%271"))) == {}


def test_guess_for_a_statement_that_reads_no_row_is_no_crash(scene: Scene) -> None:
    nothing = Statement("DELETE FROM visits WHERE id = $1", rows=1, target="/m/503")
    store = scene.answer(nothing, Statement(BY_ID, rows=1, target="/m/7"))
    assert grades_of(store)["7"] == PROBABLE


def test_what_another_request_of_the_moment_asked_for_is_not_lost(scene: Scene) -> None:
    """The first request is the likelier cause of both statements; the second asked for somebody too."""
    first = Statement(BY_ID, rows=1, target="/m/7", confidence=0.6, candidates=2)
    second = Statement(BY_ID, rows=1, target="/m/8", confidence=0.4, candidates=2, rather=0)
    grades = grades_of(scene.answer(first, second))
    assert grades == {"7": PROBABLE, "8": POSSIBLE}
    honest = Statement(BY_ID, rows=1, target="/m/9", confidence=0.4, candidates=2, rather=0, hostile=False)
    assert "9" not in grades_of(scene.answer(first, honest))


def test_values_that_a_log_holds_are_nobody_elses(scene: Scene) -> None:
    first = Statement("SELECT name FROM members WHERE id = 7", target="/m/7", confidence=0.6, candidates=2)
    second = Statement("SELECT name FROM members WHERE id = 8", target="/m/9", confidence=0.4, rather=0)
    assert set(grades_of(scene.answer(first, second))) == keys(7, 8)


@pytest.mark.slow
@pytest.mark.parametrize(
    "before",
    [
        Statement(BY_ID, rows=0, target="/m/8", at_us=500, code=403, body_bytes=0),
        Statement(BY_ID, rows=1, target="/m/8", at_us=500, path="P2"),
    ],
    ids=["refused", "another path"],
)
def test_request_told_before_is_no_request_of_this_moment(scene: Scene, before: Statement) -> None:
    scene.routes = (ROUTE,)
    first = Statement(BY_ID, rows=1, target="/m/7", confidence=0.6, candidates=2)
    second = Statement(BY_ID, rows=1, target="/m/8", confidence=0.4, candidates=2, rather=1)
    store = scene.answer(before, first, second)
    found = store.rows("SELECT DISTINCT record_key FROM exposures WHERE path = 'P1' ORDER BY 1")
    assert found == [("7",), ("8",)]


@pytest.mark.parametrize("masked", ["$1 = '[REDACTED]'", "$1 = '***'"])
def test_masked_value_is_as_open_as_one_left_out(scene: Scene, masked: str) -> None:
    first = Statement(BY_ID, rows=1, target="/m/7", binds=masked, confidence=0.6, candidates=2)
    second = replace(first, target="/m/8", confidence=0.4, rather=0)
    assert grades_of(scene.answer(first, second)) == {"7": PROBABLE, "8": POSSIBLE}
