"""Two logs of one request that say different things: a mark beside the grade, which stays what it is."""

from __future__ import annotations

import pytest

from tests.engine.exposures.scene import Scene, Statement, fields_of, grades_of


def asked(key: int) -> Statement:
    return Statement(f"SELECT name FROM members WHERE id = {key}", rows=1, target=f"/m/{key}")


@pytest.mark.slow
def test_grade_stays_and_the_mark_stands_beside_it(scene: Scene) -> None:
    plain = grades_of(scene.answer(asked(5), asked(6)))
    scene.contradictions = [(1, 9, "status=200/404")]
    store = scene.answer(asked(5), asked(6))
    assert grades_of(store) == plain
    assert fields_of(store, "5")["members.name"][2] == "contradicted"
    assert fields_of(store, "6")["members.name"][2] == ""


def test_either_of_the_two_events_bears_the_mark(scene: Scene) -> None:
    scene.contradictions = [(77, 3, "bytes=512/7")]
    store = scene.answer(asked(5), asked(6))
    assert fields_of(store, "6")["members.name"][2] == "contradicted"
    assert ("contradicted", 1) in store.rows("SELECT reason, records FROM limits")


def test_mark_stands_beside_other_reasons(scene: Scene) -> None:
    scene.contradictions = [(1, 9, "status=200/404")]
    store = scene.answer(Statement("SELECT name FROM members LIMIT 3", rows=3))
    assert {reasons for _, _, reasons in fields_of(store, "1").values()} == {"order-unknown;contradicted"}
