"""Bound values come back as they were bound, from each way of writing them."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.exposures.binds import parse_binds

TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12).filter(
    lambda text: not text.endswith("...")
)
VALUES = st.lists(st.one_of(st.none(), TEXTS), min_size=1, max_size=5)


@given(VALUES)
def test_server_detail_lines_round_trip(values: list[str | None]) -> None:
    written = ", ".join(
        f"${place} = " + ("NULL" if value is None else "'" + value.replace("'", "''") + "'")
        for place, value in enumerate(values, start=1)
    )
    assert parse_binds(written) == dict(enumerate(values, start=1))


@given(VALUES)
def test_json_arrays_round_trip(values: list[str | None]) -> None:
    assert parse_binds(json.dumps(values)) == dict(enumerate(values, start=1))


def test_audit_lists_are_csv() -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(["5201", 'a "b", c', ""])
    assert parse_binds(buffer.getvalue()) == {1: "5201", 2: 'a "b", c', 3: ""}


@pytest.mark.parametrize("text", [None, "", "[broken", "$1 = 'cut off..."])
def test_unreadable_binds_give_nothing_certain(text: str | None) -> None:
    assert 2 not in parse_binds(text)


def test_value_cut_by_the_server_is_left_out() -> None:
    """A value cut at its greatest logged length would ask for somebody else."""
    assert parse_binds("$1 = 'abc...', $2 = '7'") == {2: "7"}
