"""Small words every floor uses: ids, errors, counts, reasons."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.terms.counts import Bound, Count, Unit
from ashiato.terms.errors import AshiatoError, DataMapError, Place
from ashiato.terms.ids import sha256_text, short_id
from ashiato.terms.reasons import Reason, ReasonCode

PARTS = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1)


@given(PARTS, PARTS)
def test_two_lists_of_parts_never_share_a_hash(left: list[str], right: list[str]) -> None:
    assert (sha256_text(*left) == sha256_text(*right)) == (left == right)


def test_a_hash_is_that_of_the_joined_bytes() -> None:
    assert sha256_text("a", "足跡") == hashlib.sha256("a\0足跡".encode()).hexdigest()
    assert short_id("a", "足跡") == sha256_text("a", "足跡")[:16]


def test_bytes_that_are_no_text_can_still_be_named() -> None:
    broken = b"/caf\xe9.log".decode("utf-8", "surrogateescape")
    assert sha256_text(broken) == hashlib.sha256(b"/caf\xe9.log").hexdigest()


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place("map.yaml"), "map.yaml"),
        (Place("map.yaml", 7), "map.yaml:7"),
        (Place("map.yaml", 7, "systems.app"), "map.yaml:7 (systems.app)"),
        (Place("map.yaml", path="systems"), "map.yaml (systems)"),
    ],
)
def test_a_place_says_as_much_as_is_known(place: Place, text: str) -> None:
    assert str(place) == text


def test_an_error_says_where_what_and_the_remedy() -> None:
    error = DataMapError("no such table", where=Place("map.yaml", 7), fix="name one of: owners, pets.")
    assert str(error) == "map.yaml:7: no such table Fix: name one of: owners, pets."
    assert (error.what, error.fix) == ("no such table", "name one of: owners, pets.")


def test_an_error_without_a_place_is_plain() -> None:
    assert str(AshiatoError("nothing to do")) == "nothing to do"


def test_every_kind_of_error_has_its_own_exit_code() -> None:
    kinds = [kind for kind in AshiatoError.__subclasses__() if kind.__module__ == AshiatoError.__module__]
    codes = [kind.exit_code for kind in kinds]
    assert len(set(codes)) == len(kinds)
    assert not {0, 1, 2} & set(codes), "0 is success, 1 unforeseen, 2 wrong usage"


def test_a_count_never_leaves_without_unit_and_bound() -> None:
    count = Count(17, Unit.RECORDS, Bound.AT_LEAST, "2026-06-11T03:12:00+09:00")
    assert count.as_json() == {
        "value": 17,
        "unit": "records",
        "bound": "at least",
        "as_of": "2026-06-11T03:12:00+09:00",
    }


def test_a_reason_is_rendered_with_its_parameters() -> None:
    assert str(Reason(ReasonCode.WHOSE)) == "whose"
    reason = Reason(ReasonCode.DRIFT, (("column", "prefecture"), ("rows", "3")))
    assert str(reason) == "drift(column=prefecture,rows=3)"


def test_reasons_sort_the_same_way_every_time() -> None:
    gap, drift = Reason(ReasonCode.GAP), Reason(ReasonCode.DRIFT, (("column", "city"),))
    assert sorted([gap, drift, Reason(ReasonCode.DRIFT)]) == [Reason(ReasonCode.DRIFT), drift, gap]
