from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.exports.cell import MARKED, shield, show, unshield

_HOSTILE = st.text(st.sampled_from("=+-@＝＠'\\\t\r\n \u3000\x00\x1b\u202e\u061cau0"), max_size=12)


@given(st.one_of(st.text(), _HOSTILE))
def test_every_text_comes_back(text: str) -> None:
    assert unshield(shield(text)) == text


@given(st.lists(st.one_of(st.text(), _HOSTILE), min_size=1))
def test_column_pattern_agrees_with_text_rule(texts: list[str]) -> None:
    marked = pc.match_substring_regex(pa.array(texts), MARKED).to_pylist()
    assert marked == [shield(text) != text for text in texts]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+81", "-5", "@SUM(A1)", " =1", "\t=1", "\n=1", "＝1", "\u200b=1", "\u3000=1", "'=1", "\x00=1"],
)
def test_no_cell_starts_as_formula(text: str) -> None:
    assert shield(text).startswith("'")


def test_ordinary_text_stands_as_is() -> None:
    for text in [
        "",
        "1001",
        "owners.name=confirmed/L3;pets.name=probable/L2",
        "山田 太郎",
        "C:\\logs\\a.log",
    ]:
        assert shield(text) == text


def test_controls_and_direction_marks_are_written_out() -> None:
    assert show("a\x1b[31m\u202eb") == "a\\u001b[31m\\u202eb"
    assert shield("a\x00\\b") == "'\\a\\u0000\\\\b"
