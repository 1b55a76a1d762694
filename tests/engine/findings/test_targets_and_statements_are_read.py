"""Targets give route, records and decoded text; statements give their shape; nothing makes either fail."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.findings.injection import injected_piece
from ashiato.engine.findings.statements import shape_of, tokens_of
from ashiato.engine.findings.targets import decode_twice, parameter_values, parse_target


@pytest.mark.parametrize(
    ("target", "template", "objects", "number"),
    [
        ("/api/v2/owners/5200", "/api/v2/owners/{n}", "5200", 5200),
        ("/owners/7/pets/9", "/owners/{n}/pets/{n}", "7/9", 9),
        ("/order.php?id=12&page=3", "/order.php", "12", 12),
        ("/list?page=3&limit=50", "/list", None, None),
        (
            "/f/0b6f6a1e-58f5-4c2e-9f2e-0a4f1be0c111.pdf",
            "/f/{x}.pdf",
            "0b6f6a1e-58f5-4c2e-9f2e-0a4f1be0c111.pdf",
            None,
        ),
        (
            "/f/0b6f6a1e-58f5-4c2e-9f2e-0a4f1be0c111:2",
            "/f/{x}:{n}",
            "0b6f6a1e-58f5-4c2e-9f2e-0a4f1be0c111:2",
            None,
        ),
        ("/f/0b6f6a1e-58f5-4c2e-9f2e-0a4f1be0c111", "/f/{x}", "0b6f6a1e-58f5-4c2e-9f2e-0a4f1be0c111", None),
        ("/about/team", "/about/team", None, None),
    ],
)
def test_route_and_records_are_told_apart(
    target: str, template: str, objects: str | None, number: int | None
) -> None:
    reading = parse_target(target)
    assert (reading.template, reading.objects) == (template, objects)
    if number is not None:
        assert reading.object_number == number


def test_pages_of_one_list_share_its_name() -> None:
    pages = {parse_target(f"/list?kind=a&page={page}").listing for page in range(1, 9)}
    assert pages == {parse_target("/list?kind=a").listing}
    assert parse_target("/list?kind=b&page=2").listing not in pages


def test_text_is_decoded_once_and_twice() -> None:
    assert decode_twice("/a?x=%27+OR+1") == "/a?x=' OR 1"
    assert decode_twice("/a?x=%2527") == "/a?x=%27\n/a?x='"
    assert decode_twice("/a/%c0%af..%u002f") == "/a//../"


@given(st.text(max_size=300))
def test_any_target_can_be_read(target: str) -> None:
    reading = parse_target(target)
    assert len(reading.template) <= 2000 + 4 * len(target)
    assert isinstance(parameter_values(target), list)


@given(st.text(max_size=300))
def test_tokens_cover_every_sign_but_space(statement: str) -> None:
    covered = "".join(piece for piece, _, _ in tokens_of(statement))
    assert "".join(covered.split()) == "".join(statement.split())


@given(st.text(max_size=40), st.integers(min_value=0))
def test_values_never_change_a_shape(text: str, number: int) -> None:
    quoted = text.replace("'", "''")
    statement = f"SELECT a FROM t WHERE b = '{quoted}' AND c = {number}"
    assert shape_of(statement) == "select a from t where b = ? and c = ?"


@given(st.text(min_size=1, max_size=40))
def test_rightly_quoted_text_is_never_called_injected(text: str) -> None:
    quoted = text.replace("'", "''")
    assert injected_piece([text], f"SELECT a FROM t WHERE b LIKE '%{quoted}%' LIMIT 20") is None


@pytest.mark.parametrize("text", ["x' OR 1=1-- ", "' UNION SELECT 1,2-- a", "x'); DELETE FROM t-- "])
def test_text_that_leaves_its_quotes_is_called_injected(text: str) -> None:
    assert injected_piece(["plain", text], f"SELECT a FROM t WHERE b LIKE '%{text}%' LIMIT 20") == text


def test_numbers_changed_into_conditions_are_called_injected() -> None:
    assert injected_piece(["7 OR 1=1"], "SELECT a FROM t WHERE id = 7 OR 1=1") == "7 OR 1=1"
    assert injected_piece(["7"], "SELECT a FROM t WHERE id = 7") is None
    assert injected_piece(["name,id"], "SELECT a FROM t ORDER BY name,id") is None


def test_text_inside_base64_and_hexadecimal_values_is_read() -> None:
    question = "1' AND (SELECT 1)=1-- "
    coded = b64encode(question.encode()).decode()
    for value in (quote(coded), coded.rstrip("="), question.encode().hex()):
        reading = parse_target(f"/item?id={value}")
        assert reading.decoded.endswith(f"\n{question}")
        assert reading.has_syntax
    assert not parse_target("/item?token=5f4dcc3b5aa765d61d8327deb882cf99").has_syntax
