"""What a statement looks for, and whether it is another one broken open."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.findings.breaks import broken_shapes, prove_breaks
from ashiato.engine.findings.statements import pieces_of, shape_of, values_sought
from ashiato.engine.store import Store

OWN = "SELECT id, name FROM shops WHERE name LIKE '%{}%' ORDER BY id LIMIT 20"
BY_NUMBER = "SELECT id, name FROM shops WHERE id = {}"


@pytest.mark.parametrize(
    ("text", "binds", "sought"),
    [
        ("SELECT * FROM members WHERE id = 5", None, ("5", 5)),
        ("SELECT * FROM members WHERE id = '5'", None, ("5", 5)),
        ("SELECT * FROM members WHERE id = $1", "$1 = '5'", ("5", 5)),
        ("SELECT * FROM members WHERE a = $2 AND b = $1", "$1 = 'x', $2 = '7'", ("7/x", None)),
        ("SELECT * FROM members WHERE id IN (3, 4)", None, ("3/4", None)),
        ("(SELECT * FROM members WHERE id = 5)", None, ("5", 5)),
        ("SELECT * FROM members WHERE id = ANY ($1)", "$1 = '{3,4}'", ("{3,4}", None)),
        ("SELECT * FROM members WHERE name LIKE '%a%' LIMIT 5", None, (None, None)),
        ("SELECT * FROM members WHERE 1 = 1 AND age > 5", None, (None, None)),
        ("UPDATE members SET seen = 5 WHERE id = 5", None, (None, None)),
        ("", None, (None, None)),
    ],
)
def test_values_behind_an_equals_sign_are_sought(
    text: str, binds: str | None, sought: tuple[str | None, int | None]
) -> None:
    assert values_sought(pieces_of(text), binds) == sought


@given(st.text(max_size=200), st.none() | st.text(max_size=100))
def test_any_text_has_values_or_none(text: str, binds: str | None) -> None:
    value, number = values_sought(pieces_of(f"SELECT {text}"), binds)
    assert (value is None and number is None) or (value is not None and len(value) <= 200)


def _marks(*statements: str) -> list[str]:
    usual = [shape_of(OWN.format("cafe")), shape_of(BY_NUMBER.format(5))]
    return [mark for _, mark in broken_shapes(usual, map(shape_of, statements))]


@pytest.mark.parametrize(
    ("statement", "mark"),
    [
        (OWN.format("x' UNION SELECT 1, pw FROM members --"), "union"),
        (OWN.format("x' OR 1=1 --"), "compared-values"),
        (OWN.format("x' --"), "end-cut-off"),
        (OWN.format("x' OR mail LIKE 'a"), "widened"),
        (OWN.format("x' AND (SELECT 1 FROM members) = 1 AND 'a' LIKE '"), "subquery"),
        (BY_NUMBER.format("5; DELETE FROM shops"), "second-statement"),
        (BY_NUMBER.format("5 AND pg_sleep(3) IS NULL"), "delay"),
    ],
)
def test_each_break_behind_a_value_has_its_mark(statement: str, mark: str) -> None:
    assert _marks(statement) == [mark]


@pytest.mark.parametrize(
    "statement",
    [
        OWN.format("O''Hara"),
        OWN.format("x'' UNION SELECT 1 --"),
        BY_NUMBER.format("5 ORDER BY name"),
        "SELECT id FROM pets WHERE kind = 'cat' OR kind = 'dog'",
        "SELECT 1",
    ],
)
def test_values_quoted_right_break_nothing(statement: str) -> None:
    assert _marks(statement) == []


@pytest.mark.parametrize(("addresses", "broken"), [(4, [("widened",)]), (5, [])])
def test_what_many_say_is_the_applications_own(
    tmp_path: Path, addresses: int, broken: list[tuple[str]]
) -> None:
    own = [(shape_of(BY_NUMBER.format(5)), address) for address in range(9)]
    both = shape_of("SELECT id, name FROM shops WHERE id = 5 OR kind = 'cafe'")
    said = own + [(both, address) for address in range(addresses)]
    ids = list(range(len(said)))
    visits = [f"c:{number}" for number in ids]
    with Store(tmp_path) as store:
        shapes = [shape for shape, _ in said]
        starts = pa.array([0] * len(said), pa.int64())
        store.write_as(
            "finding_statements", pa.table({"event_id": ids, "query_shape": shapes, "start_us": starts})
        )
        store.write_as("finding_statement_visits", pa.table({"event_id": ids, "visit": visits}))
        store.write_as("visits", pa.table({"visit": visits, "address": [str(place) for _, place in said]}))
        prove_breaks(store)
        assert store.rows("SELECT mark FROM finding_broken") == broken
