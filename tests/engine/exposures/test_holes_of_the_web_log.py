from __future__ import annotations

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


def test_statement_without_its_request_may_be_the_intruders(scene: Scene) -> None:
    scene.holes = ((150 * SECOND_US, 250 * SECOND_US),)
    store = scene.answer(BEFORE, INSIDE, AFTER)
    assert grades_of(store) == {"1": CONFIRMED, "5": POSSIBLE, "9": CONFIRMED}
    assert fields_of(store, "5") == {"members.name": (POSSIBLE, "L2", "gap")}


def test_without_a_hole_it_is_somebody_elses(scene: Scene) -> None:
    assert set(grades_of(scene.answer(BEFORE, INSIDE, AFTER))) == {"1", "9"}


def test_hole_when_no_intruder_was_there_is_no_trace(scene: Scene) -> None:
    scene.holes = ((500 * SECOND_US, 600 * SECOND_US),)
    late = read(5, 550, hostile=False, code=None)
    assert set(grades_of(scene.answer(BEFORE, late, AFTER))) == {"1", "9"}


def test_silence_with_statements_in_it_is_a_hole(scene: Scene) -> None:
    scene.holes, scene.hole_reason = ((150 * SECOND_US, 250 * SECOND_US),), "silence"
    assert grades_of(scene.answer(BEFORE, INSIDE, AFTER))["5"] == POSSIBLE


def test_silence_of_another_log_is_no_hole_of_the_web(scene: Scene) -> None:
    scene.holes, scene.hole_reason = ((50 * SECOND_US, 250 * SECOND_US),), "silence"
    assert set(grades_of(scene.answer(BEFORE, INSIDE, AFTER))) == {"1", "9"}
