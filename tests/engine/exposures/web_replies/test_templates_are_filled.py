from __future__ import annotations

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.exposures.web_replies.asked import asked_values, kind_of, places_of
from ashiato.engine.exposures.web_replies.templates import Template, written_template

NOTHING: frozenset[str] = frozenset()
LIST = written_template("SELECT a FROM t WHERE b = '{b}' AND c = {c}", {}, NOTHING)


def fill(template: Template, own_key: str | None = None, **values: str) -> list[str]:
    """Fill with parameters of these names."""
    return list(template.fill({f"?{name}": value for name, value in values.items()}, own_key, "postgres"))


def test_values_are_pasted_where_they_stand() -> None:
    assert fill(LIST, b="x", c="5") == ["SELECT a FROM t WHERE b = 'x' AND c = 5"]


def test_missing_value_stays_unknown_whole() -> None:
    (text,) = fill(LIST, c="5")
    assert text.startswith("SELECT a FROM t WHERE b = $")
    assert text.endswith(" AND c = 5")


def test_key_of_the_asker_fills_only_key_columns() -> None:
    by_owner = written_template("SELECT a FROM t WHERE owner_id = {owner}", {}, frozenset({"owner_id"}))
    by_kind = written_template("SELECT a FROM t WHERE kind = {owner}", {}, frozenset({"owner_id"}))
    assert fill(by_owner, own_key="77") == ["SELECT a FROM t WHERE owner_id = 77"]
    assert "77" not in fill(by_kind, own_key="77")[0]


def test_path_values_go_by_place() -> None:
    template = written_template("SELECT a FROM t WHERE b = {id}", places_of("/x/{id}/y"), NOTHING)
    asked = asked_values("/x/9/y", "id=8")
    assert list(template.fill(asked, None, "postgres")) == ["SELECT a FROM t WHERE b = 9"]


def test_kinds_are_told_by_path_and_parameter_names() -> None:
    assert kind_of("GET", "/a/17/b", "y=1&x=2") == kind_of("GET", "/a/18/b", "x=5&y=7")
    assert kind_of("GET", "/a/17", "x=1") != kind_of("POST", "/a/17", "x=1")


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_asked_yields_a_text(b: str, c: str) -> None:
    asked = asked_values("/t", f"b={quote(b, errors='replace')}&c={quote(c, errors='replace')}")
    texts = list(LIST.fill(asked, None, "postgres"))
    assert 1 <= len(texts) <= 2


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_target_can_be_taken_apart(path: str, query: str) -> None:
    values = asked_values(path, query)
    assert "/0" in values
    assert kind_of("GET", path, query).startswith("GET ")
