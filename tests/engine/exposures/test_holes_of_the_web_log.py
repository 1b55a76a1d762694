from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.exposures.scene import Scene, Statement, fields_of, grades_of

CONFIRMED, POSSIBLE = 4, 2
SECOND_US = 1_000_000


def read(number: int, second: int, *, hostile: bool = True, code: int | None = 200) -> Statement:
    """A member's row read; without a status no web log tells of the request."""
    text = f"SELECT name FROM members WHERE id = {number}"
    return Statement(
        text, rows=1, at_us=second * SECOND_US, hostile=hostile, code=code, target=f"/m/{number}"
    )


BEFORE, AFTER = read(1, 100), read(9, 300)
INSIDE = read(5, 200, hostile=False, code=None)


@pytest.mark.slow
def test_statement_without_its_request_may_be_the_intruders(scene: Scene) -> None:
    scene.holes = ((150 * SECOND_US, 250 * SECOND_US),)
    store = scene.answer(BEFORE, INSIDE, AFTER)
    assert grades_of(store) == {"1": CONFIRMED, "5": POSSIBLE, "9": CONFIRMED}
    assert fields_of(store, "5") == {"members.name": (POSSIBLE, "L2", "gap")}


@pytest.mark.slow
def test_without_a_hole_it_is_somebody_elses(scene: Scene) -> None:
    assert set(grades_of(scene.answer(BEFORE, INSIDE, AFTER))) == {"1", "9"}


@pytest.mark.slow
@pytest.mark.parametrize("second", [50, 550])
def test_hole_before_or_after_they_were_seen_may_hold_more_of_theirs(scene: Scene, second: int) -> None:
    scene.holes = (((second - 40) * SECOND_US, (second + 40) * SECOND_US),)
    store = scene.answer(BEFORE, read(5, second, hostile=False, code=None), AFTER)
    assert grades_of(store)["5"] == POSSIBLE


@pytest.mark.slow
def test_hole_of_a_case_without_intruder_is_no_trace(scene: Scene) -> None:
    scene.holes = ((150 * SECOND_US, 250 * SECOND_US),)
    honest = [replace(statement, hostile=False) for statement in (BEFORE, INSIDE, AFTER)]
    assert not grades_of(scene.answer(*honest))


@pytest.mark.slow
@pytest.mark.parametrize("reason", ["begins-late", "ends-early", "rotation-missing"])
def test_log_that_lacks_an_end_has_a_hole_there(scene: Scene, reason: str) -> None:
    scene.holes, scene.hole_reason = ((310 * SECOND_US, 900 * SECOND_US),), reason
    store = scene.answer(BEFORE, read(5, 600, hostile=False, code=None), AFTER)
    assert grades_of(store)["5"] == POSSIBLE


@pytest.mark.slow
def test_request_far_in_time_does_not_explain_it(scene: Scene) -> None:
    scene.holes = ((150 * SECOND_US, 250 * SECOND_US),)
    far = replace(read(5, 200, hostile=False), how="far-time+value", request_at_us=140 * SECOND_US)
    assert grades_of(scene.answer(BEFORE, far, AFTER))["5"] == POSSIBLE


@pytest.mark.slow
def test_silence_with_statements_in_it_is_a_hole(scene: Scene) -> None:
    scene.holes, scene.hole_reason = ((150 * SECOND_US, 250 * SECOND_US),), "silence"
    assert grades_of(scene.answer(BEFORE, INSIDE, AFTER))["5"] == POSSIBLE


def test_silence_of_another_log_is_no_hole_of_the_web(scene: Scene) -> None:
    scene.holes, scene.hole_reason = ((50 * SECOND_US, 250 * SECOND_US),), "silence"
    assert set(grades_of(scene.answer(BEFORE, INSIDE, AFTER))) == {"1", "9"}
