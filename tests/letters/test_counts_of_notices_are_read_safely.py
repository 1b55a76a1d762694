"""A file of counts is somebody's file: what is no count of people is refused, whatever it holds."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.letters.responses import Handed, Published, Response, read_response
from ashiato.terms.errors import LawError

_AT = datetime(2026, 11, 23, tzinfo=UTC)
_WHOLE = Response(
    _AT, True, 3, 5, 4, {"delivered": 4}, {"deceased": 1},
    (Handed("letter", 4, _AT, _AT, {"delivered": 4}), Handed("email", 0, None, None, {})),
    (Handed("1", 4, _AT, _AT, {"delivered": 4}),), (Published(_AT, "=web()", 0),), 7,
)  # fmt: skip


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "notices.json"
    path.write_bytes(_WHOLE.as_json())
    assert read_response(path) == _WHOLE
    assert b"'=web()" in _WHOLE.as_csv()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", 2),
        ("people", {"value": -1, "unit": "people", "bound": "exact"}),
        ("people", {"value": True, "unit": "people", "bound": "exact"}),
        ("told", {"value": 1, "unit": "records", "bound": "exact"}),
        ("as_of", "2026-11-23T00:00:00"),
        ("channels", [{}]),
        ("outcomes", None),
    ],
)
def test_what_is_no_count_of_people_is_refused(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "notices.json"
    path.write_text(json.dumps({**json.loads(_WHOLE.as_json()), name: value}))
    with pytest.raises(LawError, match="no count of notices"):
        read_response(path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40)
@given(st.sampled_from(sorted(json.loads(_WHOLE.as_json()))), _JSON)
def test_any_foreign_value_is_refused_or_a_count(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "notices.json"
    path.write_text(json.dumps({**json.loads(_WHOLE.as_json()), name: value}))
    with suppress(LawError):
        assert read_response(path).people >= 0
