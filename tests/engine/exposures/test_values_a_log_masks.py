"""A masked value is an unknown one: whom it may have named is reached, and never nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.datamap.model import Route
from ashiato.engine.exposures.masks import find_masks, is_mask, with_literals
from ashiato.engine.store import Store
from tests.engine.exposures.scene import Scene, Statement, fields_of, grades_of, keys

pytestmark = pytest.mark.first_quick

POSSIBLE, PROBABLE = 2, 3
EVERYBODY = keys(*range(1, 31))
LATER = Statement("", rows=1, at_us=5_000, code=None, hostile=False)
FORMS = [
    "'***'",
    "'****-1234'",
    "'xxxxxx'",
    "'[FILTERED]'",
    "'<value redacted>'",
    "?",
    "***",
    "<redacted>",
    "[REDACTED]",
    "<***>",
]


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "sqlite"])
def test_masked_value_may_have_been_anybodys(scene: Scene, engine: str) -> None:
    scene.engine = engine
    texts = [f"SELECT name FROM members WHERE id = {form}" for form in FORMS]
    grades = scene.grades_each(texts, rows=1)
    assert [text for text in texts if grades[text] != dict.fromkeys(EVERYBODY, POSSIBLE)] == []
    with Store(scene.folder / "run") as store:
        assert set(fields_of(store, "7")) == {"members.name"}


@pytest.mark.parametrize("form", ["IN (?)", "IN (...)", "IN ('***', '***')", "IN (7, '***')"])
def test_masked_lists_hold_an_unknown_number(scene: Scene, form: str) -> None:
    store = scene.answer(Statement(f"SELECT name FROM members WHERE id {form}", rows=1, target="/one?id=7"))
    assert set(grades_of(store)) == EVERYBODY


def test_conditions_that_can_be_read_still_bind(scene: Scene) -> None:
    store = scene.answer(Statement("SELECT name FROM members WHERE zip = '001' AND note = '***'", rows=1))
    assert set(grades_of(store)) == keys(*range(1, 31, 3))
    assert fields_of(store, "1") == {"members.name": (POSSIBLE, "L2", "masked")}
    assert ("masked", 1) in store.rows("SELECT reason, events FROM limits")


def test_rows_changed_since_may_have_met_what_binds(scene: Scene) -> None:
    store = scene.answer(
        Statement("SELECT name FROM members WHERE zip = '001' AND note = '***'", rows=1),
        Statement(
            "UPDATE members SET zip = '002' WHERE id = 2", rows=1, at_us=5_000, code=None, hostile=False
        ),
    )
    assert grades_of(store)["2"] == POSSIBLE


def test_the_request_tells_what_was_masked(scene: Scene) -> None:
    store = scene.answer(Statement("SELECT name FROM members WHERE id = '***'", rows=1, target="/one?id=7"))
    assert fields_of(store, "7") == {"members.name": (PROBABLE, "L2", "masked")}
    assert set(grades_of(store)) == keys(7)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SELECT name FROM members WHERE zip = {}", 1),
        ("SELECT name FROM members WHERE zip = {}", None),
        ("SELECT name FROM members WHERE id > {}", 3),
    ],
)
@pytest.mark.parametrize("form", ["'***'", "$1"])
def test_request_value_that_does_not_fit_tells_nothing(
    scene: Scene, text: str, rows: int | None, form: str
) -> None:
    """The reply had other rows than the request's value gives, so it stood for something else."""
    store = scene.answer(Statement(text.format(form), rows=rows, target="/one?page=7"))
    assert set(grades_of(store)) == EVERYBODY


@pytest.mark.parametrize("rows", [1, None])
def test_number_of_a_page_is_nobodys_key(scene: Scene, rows: int | None) -> None:
    """A row by its key is always one row: that says nothing for a value which asks for part of a list."""
    store = scene.answer(Statement("SELECT name FROM members WHERE id = $1", rows=rows, target="/one?page=7"))
    assert set(grades_of(store)) == EVERYBODY


def test_route_says_which_value_was_masked(scene: Scene) -> None:
    scene.routes = (Route("/one/{id}", statements=("SELECT name FROM members WHERE id = {id}",)),)
    store = scene.answer(
        Statement("SELECT name FROM members WHERE id = '***'", rows=1, target="/one/7?lang=ja")
    )
    assert set(grades_of(store)) == keys(7)


@pytest.mark.slow
def test_request_may_be_masked_too(scene: Scene) -> None:
    scene.routes = (Route("/one", statements=("SELECT name FROM members WHERE zip = '{zip}'",)),)
    logged = Statement("SELECT name FROM members WHERE zip = '***'", rows=1, target="/one?zip=[FILTERED]")
    alone = Statement("", target="/one?zip=***", logged=False)
    for statement in (logged, alone):
        assert set(grades_of(scene.answer(statement))) == EVERYBODY


@pytest.mark.parametrize("binds", ["<not logged>", "$1 = '***'", '["[FILTERED]"]'])
def test_masked_binds_are_unknown_too(scene: Scene, binds: str) -> None:
    store = scene.answer(Statement("SELECT name FROM members WHERE id = $1", rows=1, binds=binds))
    assert set(grades_of(store)) == EVERYBODY


@pytest.mark.parametrize(
    "write", ["UPDATE members SET zip = '***' WHERE id = 2", "UPDATE members SET zip = '009' WHERE id = ?"]
)
def test_masked_writes_leave_what_they_wrote_open(scene: Scene, write: str) -> None:
    store = scene.answer(
        Statement("SELECT name FROM members WHERE zip = '001' AND premium > 0", rows=10),
        replace(LATER, text=write),
    )
    assert grades_of(store)["2"] == POSSIBLE


@pytest.mark.parametrize(
    "text",
    [
        "SELECT data ? 'key' FROM members",
        "SELECT 2 * 3, count(*), t.* FROM members AS t /*** note ***/ -- ***",
        "SELECT name FROM members WHERE name LIKE '%***%' AND note = 'filtered'",
        "SELECT hidden, masked FROM members WHERE (hidden = 1) AND a < masked AND b > 2",
        "SELECT 'xxx', 'five xxxx'",
    ],
)
def test_what_only_looks_masked_is_read(text: str) -> None:
    assert find_masks(text, "postgres") == []


@given(
    st.text(alphabet="ab*x?<>[](){}'\"redactmskhin .,=\\", max_size=60),
    st.sampled_from(["postgres", "mysql"]),
)
def test_masks_stand_apart_and_in_order(text: str, dialect: str) -> None:
    masks = find_masks(text, dialect)
    edges = [place for mask in masks for place in (mask.first, mask.last)]
    assert edges == sorted(edges)
    assert all(mask.first < mask.last <= len(text) for mask in masks)


@pytest.mark.parametrize("piece", ["*", "<", "(", "x", "a***", "?,", "'***',", "[masked"])
def test_time_grows_with_the_text_alone(piece: str) -> None:
    text = f"IN ({piece * (60_000 // len(piece))}"
    is_mask(text)
    masks = find_masks(text, "postgres")
    assert with_literals(text, masks, [text[mask.first : mask.last] for mask in masks]) == text


@pytest.mark.parametrize("page", ["LIMIT random() * 5", "LIMIT pg_backend_pid()", "OFFSET ?", "LIMIT '***'"])
def test_pages_of_unknown_length_hold_everybody(scene: Scene, page: str) -> None:
    store = scene.answer(Statement(f"SELECT name FROM members WHERE zip = '001' ORDER BY id {page}", rows=1))
    assert set(grades_of(store)) == keys(*range(1, 31, 3))
