"""Replies that told only that a record is there: counted, and of people where that is a secret."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashiato.datamap.model import Answer, Route
from tests.engine.exposures.scene import MEMBERS, TABLES, VISITS, Scene, Statement, fields_of, grades_of, keys

POSSIBLE = 2


def asked(key: int, rows: int, code: int, body_bytes: int = 40) -> Statement:
    text = f"SELECT name, note FROM members WHERE id = {key}"
    return Statement(text, rows=rows, code=code, target=f"/m/{key}", body_bytes=body_bytes)


@pytest.fixture
def refusing(scene: Scene) -> Scene:
    """A page that answers 403 where a record is another's, and 404 where there is none."""
    scene.routes = (Route("/m/{id}", answer=Answer(success=(200,))),)
    return scene


def limits_of(scene: Scene, *statements: Statement) -> dict[str, tuple[str, int]]:
    rows = scene.answer(*statements).rows("SELECT reason, params, events FROM limits")
    return {reason: (params, events) for reason, params, events in rows}


def secret(scene: Scene) -> Scene:
    scene.tables = {**TABLES, "members": replace(MEMBERS, membership_sensitive=True)}
    return scene


def test_status_that_differs_tells_of_a_record(refusing: Scene) -> None:
    asks = [asked(5, 1, 403), asked(6, 1, 403), asked(77, 0, 404), asked(78, 0, 404)]
    assert limits_of(refusing, *asks)["existence"] == ("records=2,route=GET /m/{}", 2)


@pytest.mark.slow
def test_told_of_is_reached_only_where_it_is_a_secret(refusing: Scene) -> None:
    asks = [asked(5, 1, 403), asked(77, 0, 404)]
    assert grades_of(refusing.answer(*asks)) == {}
    store = secret(refusing).answer(*asks)
    assert grades_of(store) == {"5": POSSIBLE}
    assert fields_of(store, "5") == {"members.id": (POSSIBLE, "L1", "existence")}
    assert store.rows("SELECT DISTINCT record_key FROM proofs") == [("5",)]


@pytest.mark.slow
def test_refusal_alike_for_all_tells_nothing(refusing: Scene) -> None:
    asks = [asked(5, 1, 403), asked(6, 1, 403), asked(77, 0, 403)]
    assert "existence" not in limits_of(refusing, *asks)
    assert grades_of(secret(refusing).answer(*asks)) == {}


def test_length_that_differs_tells_as_well(refusing: Scene) -> None:
    """Wrong password, or unknown user: one status, two lengths."""
    asks = [asked(5, 1, 401, 52), asked(77, 0, 401, 47)]
    assert limits_of(refusing, *asks)["existence"][1] == 1


@pytest.mark.slow
def test_form_that_answers_no_column_tells_by_its_reply(scene: Scene) -> None:
    text = "SELECT id, note FROM members WHERE name = '{}'"
    scene.routes = (
        Route("/login", answer=Answer(columns=()), statements=(text.format("{name}"),), login=True),
    )
    known, unknown = (
        Statement(text.format(name), rows=rows, code=200, target="/login", body_bytes=size)
        for name, rows, size in (("name-9", 1, 52), ("nobody", 0, 47))
    )
    assert limits_of(scene, known, unknown)["existence"] == ("records=1,route=GET /login", 1)
    assert grades_of(secret(scene).answer(known, unknown)) == {"9": POSSIBLE}


def test_rows_of_others_count_for_whom_they_hang_on(refusing: Scene) -> None:
    text = "SELECT reason FROM visits WHERE id = {}"
    found, missing = (
        Statement(text.format(key), rows=rows, code=code, target=f"/m/{key}")
        for key, rows, code in ((500, 1, 403), (900, 0, 404))
    )
    assert VISITS.belongs
    assert set(grades_of(secret(refusing).answer(found, missing))) == keys(1)


def test_what_went_out_stays_what_it_was(refusing: Scene) -> None:
    shown = Statement("SELECT name FROM members WHERE id = 8", rows=1, target="/m/8")
    store = secret(refusing).answer(shown, asked(5, 1, 403), asked(77, 0, 404))
    assert grades_of(store)["8"] > POSSIBLE
    assert grades_of(store)["5"] == POSSIBLE


def test_honest_refusals_tell_the_intruder_nothing(refusing: Scene) -> None:
    asks = [replace(asked(5, 1, 403), hostile=False), asked(77, 0, 404)]
    assert "existence" not in limits_of(refusing, *asks)


@pytest.mark.slow
def test_count_beside_a_list_tells_of_nobody(scene: Scene) -> None:
    """A page that shows members counts them too: that statement puts out no column, and withholds none."""
    scene.routes = (Route("/members", answer=Answer(columns=("members.*",))),)
    counted = Statement("SELECT count(*) FROM members WHERE zip = '001'", rows=1, target="/members")
    assert "existence" not in limits_of(scene, counted)
    assert grades_of(secret(scene).answer(counted)) == {}


def test_table_beside_the_one_withheld_hides_nothing(scene: Scene) -> None:
    text = "SELECT m.name FROM members AS m JOIN visits AS v ON v.member_id = m.id WHERE m.id = {}"
    scene.routes = (Route("/login", answer=Answer(columns=()), statements=(text.format("{id}"),)),)
    known, unknown = (
        Statement(text.format(key), rows=rows, target="/login", body_bytes=size)
        for key, rows, size in ((9, 3, 52), (900, 0, 47))
    )
    assert limits_of(scene, known, unknown)["existence"] == ("records=1,route=GET /login", 1)


def test_refusals_over_tables_without_people_are_not_counted(refusing: Scene) -> None:
    found, missing = (
        Statement(f"SELECT title FROM clinics WHERE id = {key}", rows=rows, code=code, target=f"/m/{key}")
        for key, rows, code in ((1, 1, 403), (9, 0, 404))
    )
    assert "existence" not in limits_of(refusing, found, missing)


def test_whoever_a_refusal_may_have_told_of_is_possible(refusing: Scene) -> None:
    """A write of rows nobody knows puts all in doubt, for each kind of reply by itself."""
    text = "SELECT name FROM members WHERE zip = '{}'"
    missing, found = (
        Statement(text.format(code), rows=rows, code=status, target=f"/m/{place}")
        for place, (code, rows, status) in enumerate((("999", 0, 404), ("001", 10, 403)), start=1)
    )
    written = Statement(
        "UPDATE members SET zip = $1 WHERE id = $2", rows=1, at_us=5_000, code=None, hostile=False
    )
    assert set(grades_of(secret(refusing).answer(missing, found, written))) == keys(*range(1, 31))
